"""The models that the emulator can be, from `profiles.toml` and the core's table of models."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from tui.core import models

DEFAULT_VOICE = "Puck"


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a voice sounds: a speaker of SVOX Pico and a factor on its pitch."""

    speaker: str
    pitch: float


@dataclass(frozen=True, slots=True)
class Profile:
    """One model as the emulator plays it; the fields are explained in `profiles.toml`."""

    model: models.Model
    voices: Mapping[str, Timbre]
    refused: tuple[str, ...]
    model_role: bool
    voice_activity: bool
    activity: Mapping[str, Any]
    """The defaults of `Activity.granted`."""


@cache
def profile(name: str) -> Profile | None:
    """The profile of a model by its name without a path; None when there is none."""
    row = _table()["profiles"].get(name)
    if row is None:
        return None
    return Profile(
        model=models.model(name),
        voices=_voices(row["voices"]),
        refused=tuple(row["refused"]),
        model_role=row["model_role"],
        voice_activity=row["voice_activity"],
        activity=_table()["activity"] | {"turn_coverage": row["turn_coverage"]},
    )


def names() -> list[str]:
    """The models that can be emulated, in the table's order."""
    return list(_table()["profiles"])


@cache
def _voices(family: str) -> Mapping[str, Timbre]:
    rows = _table()["voices"]
    chosen = rows["half-cascade"] | (rows["all"] if family == "all" else {})
    return {name: Timbre(**row) for name, row in chosen.items()}


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("profiles.toml").read_text("utf-8")
    return tomllib.loads(text)
