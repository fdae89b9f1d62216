"""Why a session is closed: codes, and reasons as the real service words them.

`tui/core/closes.toml` names the threads in which most of them were seen; texts about JSON are
those of Google's HTTP APIs. Where the service's own words are not known, the function says so.
"""

from __future__ import annotations

import re

REASON_BYTES = 123
"""What a close frame has room for (RFC 6455, section 5.5); the real service cuts there, too."""

INVALID, POLICY, INTERNAL = 1007, 1008, 1011

DEADLINE = "Deadline expired before operation could complete."
"""The connection's time is over, and its client has stayed."""


class Refusal(Exception):
    """The session must be closed with ``code`` and ``reason`` (at most 123 bytes of UTF-8)."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES].decode(errors="ignore")
        super().__init__(self.reason)


def invalid_argument() -> Refusal:
    """A field or value that the model does not take."""
    return Refusal(INVALID, "Request contains an invalid argument.")


def invalid_json(why: str) -> Refusal:
    """The message is not JSON, or not the JSON of the protocol."""
    return Refusal(INVALID, f"Invalid JSON payload received. {why}")


def unknown_field(path: str) -> Refusal:
    """A field, at ``setup.generationConfig.foo``, that the protocol does not have."""
    parent, _, name = path.rpartition(".")
    place = f" at '{_snake(parent)}'" if parent else ""
    return invalid_json(f'Unknown name "{name}"{place}: Cannot find field.')


def wrong_type(path: str, value: object) -> Refusal:
    """A value of the wrong type."""
    shown = f'"{value}"' if isinstance(value, str) else type(value).__name__
    return Refusal(INVALID, f"Invalid value at '{_snake(path)}': {shown}")


def out_of_turn(why: str) -> Refusal:
    """A message that may not come now; the service's own words are not known."""
    return Refusal(INVALID, why)


def modality(name: str, model: str, allowed: tuple[str, ...]) -> Refusal:
    """The model cannot answer with ``name``."""
    choices = "".join(f"\n* {one}" for one in allowed)
    return Refusal(
        INVALID,
        f"The requested combination of response modalities ({name}) is not supported by the "
        f"model. {model} accepts the following combination of response modalities:{choices}",
    )


def no_pcm(mime_type: str) -> Refusal:
    """Sound that is not raw PCM; the service's own words are not known."""
    return Refusal(INVALID, f"Sound must be audio/pcm;rate=16000, not {mime_type}.")


def voice(name: str, model: str) -> Refusal:
    """The model does not have this voice; code and text as several public clients match them."""
    return Refusal(INVALID, f"Requested voice api_name '{name}' is not available for model {model}")


def model_not_found(model: str, version: str) -> Refusal:
    """The Gemini API does not serve this model, or not live."""
    return Refusal(
        POLICY,
        f"{model} is not found for API version {version}, or is not supported for "
        "bidiGenerateContent. Call ModelService.ListModels to see the list of available models.",
    )


def publisher_model_not_found(model: str) -> Refusal:
    """Vertex AI does not serve this model."""
    return Refusal(POLICY, f"Publisher model {model} was not found")


def session_not_found() -> Refusal:
    """A resumption handle that is unknown or expired."""
    return Refusal(POLICY, "BidiGenerateContent session not found")


def _snake(path: str) -> str:
    """The path as the real service spells it."""
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", path)
