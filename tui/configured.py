"""The configuration that holds: flags before the profile, the profile before the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui import profiles
from tui.core.configuration import layers
from tui.core.configuration.field import ValueRefused
from tui.core.configuration.layers import FLAG, Layer
from tui.core.configuration.message import Configuration
from tui.core.journal import JournalError


@dataclass(frozen=True)
class Chosen:
    """A configuration, and where its values come from."""

    configuration: Configuration
    layers: Sequence[Layer]
    profile: str
    """Name or path; empty for none."""


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
