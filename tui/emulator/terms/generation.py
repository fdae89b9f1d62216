"""How a session wants its answers: `generationConfig`, granted or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.fields import Fields
from tui.emulator.session.conversation import TOKENS_PER_PICTURE
from tui.emulator.terms.profiles import DEFAULT_VOICE, Profile, Timbre, languages

UNSPECIFIED = "MODALITY_UNSPECIFIED"
LIMITS = {
    "temperature": (0.0, 2.0),
    "topP": (0.0, 1.0),
    "topK": (1.0, float("inf")),
    "candidateCount": (1.0, 1.0),
    "presencePenalty": (-2.0, 2.0),
    "frequencyPenalty": (-2.0, 2.0),
}
"""The least and the most (google-genai 3.4.0, GenerationConfig; ai.google.dev, generateContent)."""
PICTURE_TOKENS = {
    "MEDIA_RESOLUTION_LOW": 64,
    "MEDIA_RESOLUTION_MEDIUM": 256,
    "MEDIA_RESOLUTION_HIGH": 256,
}
"""What a picture weighs (google-genai 3.4.0, MediaResolution)."""
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
"""The form of a BCP-47 code."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What is asked of the answers."""

    modality: str
    """TEXT or AUDIO."""
    timbre: Timbre
    tokens: int
    """The most that one answer may have."""
    seed: int | None
    picture_tokens: int
    target: str
    """The language to translate into; English where setup does not say."""
    echoes: bool
    """What is spoken in that language already is said again."""

    @classmethod
    def granted(cls, config: Fields, name: str, chosen: Profile, endpoint: Endpoint) -> Generation:
        """What ``config`` asks of the model ``name``; raises `Refusal` like it would."""
        for field, (least, most) in LIMITS.items():
            value = config.number(field)
            if value is not None and not least <= value <= most:
                raise refusal.invalid_argument()
        tokens = config.whole("maxOutputTokens")
        if tokens is not None and not 1 <= tokens <= chosen.model.output_tokens:
            raise refusal.invalid_argument()
        speech, translation = config.object("speechConfig"), config.object("translationConfig")
        modality = _modality(config, name, chosen, endpoint)
        return cls(
            modality=modality,
            timbre=_timbre(speech, name, chosen),
            tokens=tokens or chosen.model.output_tokens,
            seed=config.whole("seed"),
            picture_tokens=PICTURE_TOKENS.get(config.text("mediaResolution"), TOKENS_PER_PICTURE),
            target=_language(translation, "targetLanguageCode") or "en",
            echoes=translation.flag("echoTargetLanguage"),
        )


def _modality(config: Fields, model: str, chosen: Profile, endpoint: Endpoint) -> str:
    """The one modality of the answers; AUDIO when the client names none and the model has it."""
    asked = [name for name in config.texts("responseModalities") if name != UNSPECIFIED]
    if len(asked) > 1:
        raise refusal.invalid_argument()
    modalities = chosen.model.modalities
    modality = asked[0] if asked else "AUDIO" if "AUDIO" in modalities else modalities[0]
    if modality == "VIDEO" and chosen.avatar and endpoint.vertex:
        raise refusal.no_avatar()
    if not chosen.model.speaks(modality):
        raise refusal.modality(modality, model, modalities)
    return modality


def _timbre(speech: Fields, model: str, chosen: Profile) -> Timbre:
    """The voice; a language of the voice is taken without effect: Pico reads English."""
    if speech.object("multiSpeakerVoiceConfig").given:
        raise refusal.invalid_argument()
    code = _language(speech, "languageCode")
    if code and code not in languages():
        raise refusal.language(code, model)
    voices = speech.object("voiceConfig")
    prebuilt = voices.object("prebuiltVoiceConfig").text("voiceName")
    name = prebuilt or voices.text("voice") or DEFAULT_VOICE
    if name not in chosen.voices:
        raise refusal.voice(name, model)
    return chosen.voices[name]


def _language(fields: Fields, name: str) -> str:
    code = fields.text(name)
    if code and not LANGUAGE.fullmatch(code):
        raise refusal.invalid_argument()
    return code
