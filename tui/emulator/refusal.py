"""Why a session is closed: codes, and reasons as the real service words them.

`tui/core/closes.toml` names the threads in which most of them were seen; texts about JSON are
those of Google's HTTP APIs. Where the service's own words are not known, the function says so.
"""

from __future__ import annotations

import re
import uuid

REASON_BYTES = 123
"""What a close frame has room for (RFC 6455, section 5.5); the real service cuts there, too."""

NORMAL, INVALID, POLICY, INTERNAL = 1000, 1007, 1008, 1011

DEADLINE = "Deadline expired before operation could complete."
"""The connection's time is over, and its client has stayed."""


class Refusal(Exception):
    """The session must be closed with ``code`` and ``reason`` (at most 123 bytes of UTF-8)."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.text = reason
        """The reason in full, for an answer over HTTP."""
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


def unreadable(mime_type: str) -> Refusal:
    """A part of a turn that is none; what follows "isn't" is not known."""
    return Refusal(POLICY, f"Request trace id: {uuid.uuid4().hex[:16]}: {mime_type} isn't")


def context_full(*, vertex: bool) -> Refusal:
    """The conversation has outgrown the model's context, and is not compressed.

    As livekit handles it, and as Vertex AI documents it in its troubleshooting.
    """
    return Refusal(NORMAL, "") if vertex else invalid_argument()


def session_in_use() -> Refusal:
    """A handle is resumed while the session that it is of is still connected."""
    return Refusal(INTERNAL, "Internal error encountered.")


def voice(name: str, model: str) -> Refusal:
    """The model does not have this voice; code and text as several public clients match them."""
    return Refusal(INVALID, f"Requested voice api_name '{name}' is not available for model {model}")


def language(code: str, model: str) -> Refusal:
    """The voices of this model do not have this language."""
    return Refusal(INVALID, f"Unsupported language code '{code}' for model {model}")


def no_avatar() -> Refusal:
    """Live Avatar is Vertex AI's; the emulator's own words for what it does not do."""
    return Refusal(INVALID, "The emulator of bidiscope has no Live Avatar: ask for AUDIO answers.")


def explicit_activity() -> Refusal:
    """ActivityStart or activityEnd while speech is detected."""
    return Refusal(
        INVALID,
        "Explicit activity control is not supported when automatic activity detection is enabled.",
    )


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


def key_invalid() -> Refusal:
    """The API key is wrong (googleapis/js-genai#600)."""
    return Refusal(INVALID, "API key not valid. Please pass a valid API key.")


def key_expired() -> Refusal:
    """The API key was good once."""
    return Refusal(INVALID, "API key expired. Please renew the API key.")


def unregistered() -> Refusal:
    """No API key, or a token on the method for keys (google-gemini/cookbook#821)."""
    return Refusal(
        POLICY,
        "Method doesn't allow unregistered callers (callers without established identity). Please "
        "use API Key or other form of API consumer identity to call this API.",
    )


def unauthenticated(*, given: bool) -> Refusal:
    """No OAuth 2 token for Vertex AI, or a wrong one: its words over HTTP, the code is ours."""
    what = "had invalid authentication credentials"
    return Refusal(
        POLICY,
        f"Request {what if given else 'is missing required authentication credential'}. Expected "
        "OAuth 2 access token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def token_spent() -> Refusal:
    """An ephemeral token without uses left; the words are from a live run of October 2026."""
    return Refusal(INTERNAL, "Token has been used too many times")


def token_unknown() -> Refusal:
    """An ephemeral token that was not minted here; the service's own words are not known."""
    return Refusal(POLICY, "Token not found")


def token_expired(what: str) -> Refusal:
    """An ephemeral token after its time; the service's own words are not known."""
    return Refusal(POLICY, f"Token has expired: {what}")


def no_setup(seconds: float) -> Refusal:
    """Nothing came; the service's own words are not known."""
    return Refusal(POLICY, f"No setup message came within {seconds:g} s")


def _snake(path: str) -> str:
    """The path as the real service spells it."""
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", path)
