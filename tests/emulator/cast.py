"""The models by name, and sessions with them."""

from __future__ import annotations

from typing import Any

from tests.emulator.driver import Client
from tui.emulator.terms.profiles import Profile, profile

INVALID = "Request contains an invalid argument."
STORY = "Tell me a very long story."
LIVE, EXTENDED = "gemini-3.8-live", "gemini-3.8-live-extended-thinking"
YOUNG, NATIVE = "gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-latest"
VERTEX_NATIVE = "gemini-live-2.5-flash-native-audio"
TRANSLATE, TRANSCRIBE = "gemini-3.5-live-translate-preview", "gemini-3.5-transcribe-live"


def known(name: str) -> Profile:
    """The profile of a model that there is."""
    found = profile(name)
    assert found is not None
    return found


def begin(name: str, *, vertex: bool | None = None, **setup: Any) -> Client:
    """A session with the model, at a service that has it."""
    served_by_vertex = "gemini" not in known(name).model.apis
    client = Client(vertex=served_by_vertex if vertex is None else vertex, version="v1alpha")
    client.send({"setup": {"model": f"models/{name}", **setup}})
    return client


def why(client: Client) -> tuple[int, str]:
    """Code and reason of the close."""
    assert client.closed is not None
    return client.closed.code, client.closed.reason


def speak(client: Client, *words: str) -> None:
    """Say something, which is understood as ``words``, one interim after the other."""
    client.understood.clear()
    client.understood.extend(words)
    client.sound(2.5, 0.9)
    client.sound(1.5)
    client.run(20.0)
