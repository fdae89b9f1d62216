"""The models that the emulator can be, from `profiles.toml` and the core's table of models."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
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
    alpha: bool
    model_role: bool
    mime_type: str
    bundled: bool
    empty_frames: bool
    voice_activity: str
    activity: Mapping[str, Any]
    """The defaults of `Activity.granted`."""
    resumption_s: float
    call_ends_turn: bool
    call_id: str
    names_required: bool
    null_handle: bool
    affective_on_vertex: bool
    avatar: bool
    interaction_status: bool


@cache
def profile(name: str) -> Profile | None:
    """The profile of a model by its name without a path; None when there is none."""
    table = _table()
    if name not in table["profiles"]:
        return None
    row = table["default"] | table["profiles"][name]
    model = models.model(name)
    activity = {"turn_coverage": row.pop("turn_coverage"), "silence": model.silence_duration}
    own = {
        "model": model,
        "voices": _voices(model.voices),
        "activity": table["activity"] | activity,
    }
    return Profile(**row | own)


def names() -> list[str]:
    """The models that can be emulated, in the table's order."""
    return list(_table()["profiles"])


def languages() -> Sequence[str]:
    """The languages that a voice may be asked to have."""
    return models.languages()


def lacking(*, vertex: bool) -> Sequence[str]:
    """The fields of setup that Vertex AI, or the Gemini API, does not have."""
    paths: Sequence[str] = _table()["lacking"]["vertex" if vertex else "gemini"]
    return paths


def labels() -> list[str]:
    """The same for a human, who should know which of them Google has shut down."""
    retired = {name: models.model(name).retired for name in names()}
    return [f"{name} (shut down at Google)" if day else name for name, day in retired.items()]


@cache
def _voices(family: str) -> Mapping[str, Timbre]:
    rows = _table()["voices"]
    chosen = rows["half-cascade"] | (rows["all"] if family == "all" else {})
    return {name: Timbre(**row) for name, row in chosen.items()}


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("profiles.toml").read_text("utf-8")
    return tomllib.loads(text)
