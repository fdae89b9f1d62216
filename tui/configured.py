"""The configuration that holds: flags before the profile, the profile before the environment."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui import profiles
from tui.core import models
from tui.core.configuration import layers
from tui.core.configuration.field import ValueRefused
from tui.core.configuration.layers import FLAG, Layer
from tui.core.configuration.message import Configuration, compose
from tui.core.journal import JournalError
from tui.core.lint.preflight import warnings
from tui.live import endpoint


@dataclass(frozen=True)
class Chosen:
    """A configuration, and where its values come from."""

    configuration: Configuration
    layers: Sequence[Layer]
    profile: str
    """Name or path; empty for none."""


DEFAULT_MODELS = {
    "gemini": "gemini-3.8-live",
    "vertex": "gemini-3.8-live",
    "emulator": "gemini-2.0-flash-exp",
}
"""The emulator's is the one that answers with TEXT as well as AUDIO."""


def origin(configuration: Configuration) -> str:
    """Who answers: "gemini", "vertex" or "emulator"."""
    service = endpoint.chosen(os.environ, configuration.values)
    return service.origin if service else "emulator"


def model_of(configuration: Configuration) -> str:
    """The model that is talked to."""
    return str(configuration.get("model") or DEFAULT_MODELS[origin(configuration)])


def known_trouble(configuration: Configuration) -> list[str]:
    """What is known to be refused or in vain of the set-up, before it is sent."""
    setup = compose(configuration, models.model(model_of(configuration)))
    return warnings(setup, origin(configuration), time.time())


def choose(
    flags: Mapping[str, Any], profile: str | None, environ: Mapping[str, str] = os.environ
) -> Chosen:
    """What the flags, a profile and the environment make together.

    ``profile`` None is the one that was used last, "none" is none.

    Raises:
        JournalError: The profile or a variable cannot be used; one sentence.
    """
    name = profiles.last() if profile is None else "" if profile == profiles.NONE else profile
    of_profile = profiles.load(name) if name else Configuration()
    try:
        found = [
            Layer(FLAG, flags),
            *([Layer(f"profile {name}", of_profile.values)] if name else []),
            *layers.of_environment(environ),
        ]
    except ValueRefused as error:
        raise JournalError(f"{error} Correct the variable, or unset it.") from None
    return Chosen(Configuration(layers.merged(found), of_profile.rest), found, name)
