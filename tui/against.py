"""What a second session beside the first one asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tui import configured, profiles
from tui.core import models
from tui.core.configuration.message import Configuration
from tui.live.setup import views
from tui.options import Options


def options_against(
    options: Options,
    asked: Configuration,
    model: str = "",
    profile: str = "",
    values: Mapping[str, Any] | None = None,
) -> Options:
    """All that the first session asks for, but for what is said otherwise.

    Args:
        options: the first one's.
        asked: what it asks for now.
        model: another model; empty leaves that to the rest.
        profile: name or file of a profile whose values come before the first one's.
        values: fields that come before the profile's.

    Raises:
        JournalError: The profile cannot be used.
    """
    of_profile = profiles.load(profile) if profile else Configuration()
    changed = {**of_profile.values, **(values or {}), **({"model": model} if model else {})}
    configuration = Configuration({**asked.values, **changed}, of_profile.rest or asked.rest)
    name = configured.model_of(configuration)
    view = str(changed.get("modality", options.view)).replace("-", " ")
    return replace(
        options,
        model=name,
        view=_unheard(name, view),
        configuration=configuration.with_values(model=name, modality=None),
        layers=(),
        profile=profile,
        against=None,
        watch="",
    )


def _unheard(model: str, view: str) -> str:
    """The view of those that the model has, without sound: the first session is heard."""
    allowed = views(models.model(model))
    if view == "text" and view in allowed:
        return view
    return "text view" if "text view" in allowed else allowed[0]
