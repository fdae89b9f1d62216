"""How a session notices that somebody speaks, and what it does then: `realtimeInputConfig`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tui.emulator import refusal
from tui.emulator.fields import Fields

INTERRUPTS, NO_INTERRUPTION = "START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION"
ONLY_ACTIVITY, ALL_INPUT = "TURN_INCLUDES_ONLY_ACTIVITY", "TURN_INCLUDES_ALL_INPUT"
ALL_VIDEO = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"

_PATH = "setup.realtimeInputConfig"


@dataclass(frozen=True, slots=True)
class Activity:
    """The settings of a session; the defaults are those of its profile."""

    automatic: bool
    """Speech is detected; else the client sends activityStart and activityEnd."""
    start_probability: float
    """What is as likely to be speech begins an utterance."""
    end_probability: float
    """What is less likely to be speech is silence, inside an utterance."""
    prefix_s: float
    """Speech that must be there before it counts as begun."""
    silence_s: float
    """Silence after which it has ended."""
    interrupts: bool
    """Who begins to speak interrupts the answer."""
    coverage: str
    """Which sound and pictures belong to a turn: one of `turnCoverage`'s values."""

    @classmethod
    def granted(cls, config: Fields, defaults: Mapping[str, Any]) -> Activity:
        """What ``config`` asks for; raises `Refusal` for values that are none."""
        detection = config.object("automaticActivityDetection")
        start = _level(detection, "startOfSpeechSensitivity", "START", defaults)
        end = _level(detection, "endOfSpeechSensitivity", "END", defaults)
        handling = _choice(config, "activityHandling", INTERRUPTS, (INTERRUPTS, NO_INTERRUPTION))
        coverages = (ONLY_ACTIVITY, ALL_INPUT, ALL_VIDEO)
        return cls(
            automatic=not detection.flag("disabled"),
            start_probability=defaults["start"][start],
            end_probability=defaults["end"][end],
            prefix_s=_seconds(detection, "prefixPaddingMs", defaults["prefix_padding_ms"]),
            silence_s=_silence_s(detection, defaults, defaults["silence_ms"][end]),
            interrupts=handling == INTERRUPTS,
            coverage=_choice(config, "turnCoverage", defaults["turn_coverage"], coverages),
        )


def _level(detection: Fields, name: str, edge: str, defaults: Mapping[str, Any]) -> str:
    """HIGH or LOW."""
    prefix = f"{edge}_SENSITIVITY_"
    default = prefix + defaults[f"{edge.lower()}_sensitivity"]
    choices = (f"{prefix}HIGH", f"{prefix}LOW")
    chosen = _choice(detection, name, default, choices, f"{_PATH}.automaticActivityDetection")
    return chosen.removeprefix(prefix)


def _choice(
    fields: Fields, name: str, default: str, choices: tuple[str, ...], path: str = _PATH
) -> str:
    value = fields.text(name)
    if not value or value.endswith("_UNSPECIFIED"):
        return default
    if value not in choices:
        raise refusal.wrong_type(f"{path}.{name}", value)
    return value


def _silence_s(detection: Fields, defaults: Mapping[str, Any], default_ms: int) -> float:
    """Some models ignore what is asked for (googleapis/python-genai#2580)."""
    asked_s = _seconds(detection, "silenceDurationMs", default_ms)
    return asked_s if defaults["silence"] else default_ms / 1000


def _seconds(detection: Fields, name: str, default_ms: int) -> float:
    milliseconds = detection.whole(name)
    if milliseconds is None:
        milliseconds = default_ms
    if milliseconds < 0:
        raise refusal.invalid_argument()
    return milliseconds / 1000
