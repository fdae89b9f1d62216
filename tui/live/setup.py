"""What a session asks for, and the SDK's config for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.detection import COVERAGES, LEFT_TO_THE_MODEL, Detection
from tui.core.models import Model
from tui.core.turn import Turn

if TYPE_CHECKING:
    from google.genai.types import Content, LiveConnectConfig, RealtimeInputConfig

VIEWS = ("audio", "text view", "text")
"""How answers are received. "text view" is an AUDIO session whose sound is discarded."""


def modality(view: str) -> str:
    """The response modality that a view needs in the setup."""
    return "TEXT" if view == "text" else "AUDIO"


def views(model: Model) -> tuple[str, ...]:
    """The views that a model allows, in the order in which they are cycled through."""
    return tuple(
        view
        for view in VIEWS
        if model.speaks(modality(view)) and not (view == "text view" and not model.speaks("AUDIO"))
    )


@dataclass(frozen=True)
class Wish:
    """What the person has chosen for the session."""

    model: str
    view: str = "audio"
    voice: str = ""
    system: str = ""
    detection: Detection = LEFT_TO_THE_MODEL


def live_config(wish: Wish, model: Model, handle: str | None) -> LiveConnectConfig:
    """The SDK's config in its current form (``generation_config`` is deprecated)."""
    from google.genai import types

    config = types.LiveConnectConfig(
        response_modalities=[types.Modality(modality(wish.view))],
        input_audio_transcription=types.AudioTranscriptionConfig(),
        realtime_input_config=_realtime_input(wish.detection),
    )
    if modality(wish.view) == "AUDIO":
        config.output_audio_transcription = types.AudioTranscriptionConfig()
        if wish.voice:
            voice = types.PrebuiltVoiceConfig(voice_name=wish.voice)
            config.speech_config = types.SpeechConfig(
                voice_config=types.VoiceConfig(prebuilt_voice_config=voice)
            )
    if wish.system:
        config.system_instruction = wish.system
    if model.resumption:
        config.session_resumption = types.SessionResumptionConfig(handle=handle)
    if model.client_content == "history":
        config.history_config = types.HistoryConfig(initial_history_in_client_content=True)
    return config


def _realtime_input(detection: Detection) -> RealtimeInputConfig | None:
    """None where everything is left to the model."""
    from google.genai import types

    if detection == LEFT_TO_THE_MODEL:
        return None
    start, end, coverage = (
        detection.start_sensitivity.upper(),
        detection.end_sensitivity.upper(),
        COVERAGES.get(detection.coverage),
    )
    return types.RealtimeInputConfig(
        automatic_activity_detection=types.AutomaticActivityDetection(
            disabled=detection.manual or None,
            start_of_speech_sensitivity=types.StartSensitivity(f"START_SENSITIVITY_{start}")
            if start
            else None,
            end_of_speech_sensitivity=types.EndSensitivity(f"END_SENSITIVITY_{end}")
            if end
            else None,
            prefix_padding_ms=detection.prefix_ms,
            silence_duration_ms=detection.silence_ms,
        ),
        activity_handling=None if detection.interrupts else types.ActivityHandling.NO_INTERRUPTION,
        turn_coverage=types.TurnCoverage(coverage) if coverage else None,
    )


def history(turns: list[Turn]) -> list[Content]:
    """What was said so far, for a connection that remembers nothing; ends with the model."""
    from google.genai import types

    contents = []
    for turn in turns:
        if turn.user and turn.answer:
            contents.append(types.Content(role="user", parts=[types.Part(text=turn.user)]))
            contents.append(types.Content(role="model", parts=[types.Part(text=turn.answer)]))
    return contents
