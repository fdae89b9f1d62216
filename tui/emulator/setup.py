"""The first message of a session: what the client asks for, granted or refused."""

from __future__ import annotations

from dataclasses import dataclass

from tui.emulator import refusal
from tui.emulator.activity import Activity
from tui.emulator.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.profiles import DEFAULT_VOICE, Profile, Timbre, profile

MODALITIES = ("TEXT", "AUDIO", "IMAGE", "VIDEO")
UNSPECIFIED = "MODALITY_UNSPECIFIED"


@dataclass(frozen=True, slots=True)
class Setup:
    """A session's configuration, as granted."""

    profile: Profile
    modality: str
    """TEXT or AUDIO."""
    timbre: Timbre
    instruction: str
    activity: Activity
    input_transcribed: bool
    """The client wants the words that it speaks."""
    transcribed: bool
    """The client wants the words of spoken answers."""
    resumable: bool
    """The client wants handles, and the model gives them; one that does not ignores the wish."""
    handle: str
    """The session that is taken up again; or nothing."""
    seeded: bool
    """History comes first, and is not answered."""

    @classmethod
    def granted(cls, setup: Fields, endpoint: Endpoint) -> Setup:
        """The configuration that ``setup`` asks for; raises `Refusal` like the model would."""
        name = setup.text("model")
        if not name:
            raise refusal.invalid_argument()
        chosen = profile(name.rpartition("/")[2])
        if chosen is None:
            raise (
                refusal.publisher_model_not_found(name)
                if endpoint.vertex
                else refusal.model_not_found(name, endpoint.version)
            )
        config = setup.object("generationConfig")
        resumption = setup.object("sessionResumption")
        return cls(
            profile=chosen,
            modality=_modality(config, name, chosen),
            timbre=_timbre(config, name, chosen),
            instruction=setup.object("systemInstruction").content_text(),
            activity=Activity.granted(setup.object("realtimeInputConfig"), chosen.activity),
            input_transcribed=setup.object("inputAudioTranscription").given,
            transcribed=setup.object("outputAudioTranscription").given,
            resumable=resumption.given and chosen.model.resumption,
            handle=resumption.text("handle"),
            seeded=setup.object("historyConfig").flag("initialHistoryInClientContent"),
        )


def _modality(config: Fields, model: str, chosen: Profile) -> str:
    """The one modality of the answers; AUDIO when the client names none."""
    asked = [name for name in config.texts("responseModalities") if name != UNSPECIFIED]
    for name in asked:
        if name not in MODALITIES:
            raise refusal.wrong_type("setup.generationConfig.responseModalities", name)
    if len(asked) > 1:
        raise refusal.invalid_argument()
    modality = asked[0] if asked else "AUDIO"
    if not chosen.model.speaks(modality):
        raise refusal.modality(modality, model, chosen.model.modalities)
    return modality


def _timbre(config: Fields, model: str, chosen: Profile) -> Timbre:
    voices = config.object("speechConfig").object("voiceConfig")
    name = voices.object("prebuiltVoiceConfig").text("voiceName") or DEFAULT_VOICE
    if name not in chosen.voices:
        raise refusal.voice(name, model)
    return chosen.voices[name]
