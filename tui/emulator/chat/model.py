"""The brain elsewhere over HTTP: one streamed request for each answer. Imports httpx2 when used."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from tui.core.text import safe
from tui.emulator.chat import prompt
from tui.emulator.chat.stream import BrokenStream, Stream, error_words
from tui.emulator.mind import brain, directives
from tui.emulator.session.conversation import pending
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import Say, Step
from tui.loopback import LOOPBACK_NAMES

if TYPE_CHECKING:
    import httpx2

CONNECT_S = 5.0
SILENT_S = 60.0
"""A model may need so long to be loaded, or for its next word."""
LARGEST_EVENT_BYTES = 1 << 20
LARGEST_ERROR_BYTES = 64 << 10


class BrainError(Exception):
    """There is no brain at this address; the message is one sentence for the user."""


class ChatModel:
    """Answers scenes by an OpenAI-compatible server (Ollama, llama.cpp, vLLM, LM Studio, …)."""

    def __init__(
        self,
        url: str,
        name: str = "",
        log: Callable[[str], None] = lambda line: None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """``url`` ends in /v1, as a rule; without a ``name`` the server's first model answers.

        OPENAI_API_KEY is sent only to a server that asks for a key, by TLS or on this machine.

        Raises:
            BrainError: ``url`` is none.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in ("http", "https"):
            raise BrainError(
                f"{safe(url)} is no address of a brain: it is like http://localhost:11434/v1."
            )
        self.host, self._url = safe(host), url.rstrip("/")
        self.local = host in LOOPBACK_NAMES
        self._model, self._log = name, log
        self.complain: Callable[[str], None] = lambda what: None
        """Is told of each failure, in a clause."""
        key = environ.get("OPENAI_API_KEY", "").strip()
        self._key = key if self.local or parts.scheme == "https" else ""
        self._asked_for_key = False
        self._client: httpx2.AsyncClient | None = None

    def note(self) -> str:
        """Where what is said goes."""
        there = "on this machine" if self.local else f"which leaves this machine for {self.host}"
        return f"brain: what is said in sessions goes to {self.host}, {there}"

    def brain(self, scene: Scene) -> Sequence[Step] | None:
        """Directives are the emulator's own; all else is left to `answer`."""
        heard = [text for text in pending(scene.said) if text.strip()]
        if heard and directives.followed(heard[-1], scene, lambda text: ()) is not None:
            return brain.answer(scene)
        return None

    async def answer(self, scene: Scene) -> AsyncGenerator[Sequence[Step]]:
        """The steps of the answer, as they come; what goes wrong is said in words.

        To close the iteration ends the request.
        """
        import httpx2

        stream, troubles = Stream(), (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
        try:
            body = prompt.body(scene, await self._name())
            async with self._opened("POST", "/chat/completions", body) as response:
                async for event in httpx2.EventSource(response, max_event_size=LARGEST_EVENT_BYTES):
                    if steps := tuple(stream.take(event.data)):
                        yield steps
                    if stream.over:
                        break
            yield tuple(stream.end()) or self._nothing(stream)
        except (*troubles, httpx2.SSEError, BrokenStream, _Refused) as error:
            rest = tuple(stream.rest())
            yield (*rest, *self._failed(_trouble(error), after=" " if rest else ""))

    async def close(self) -> None:
        """End all connections."""
        if self._client:
            await self._client.aclose()

    # Requests

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """The response, when it is a good one; with a key if the server asks for it."""
        for last in (False, True):
            headers = {"Accept": "text/event-stream"} if body else {}
            if self._asked_for_key and self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            request = self._http().stream(method, self._url + path, json=body, headers=headers)
            async with request as response:
                if response.status_code == 401 and self._key and not (last or self._asked_for_key):
                    self._asked_for_key = True
                    continue
                if response.status_code != 200:
                    raise _Refused(await _refusal(response))
                yield response
                return

    async def _name(self) -> str:
        """The model's name: the user's, or the server's first."""
        if not self._model:
            async with self._opened("GET", "/models") as response:
                self._model = _first_model(await _beginning(response, LARGEST_EVENT_BYTES))
            self._log(f"brain: {safe(self._model)} answers")
        return self._model

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            import httpx2

            timeout = httpx2.Timeout(SILENT_S, connect=CONNECT_S)
            plain = self._url.startswith("http:")
            self._client = httpx2.AsyncClient(
                timeout=timeout,
                trust_env=not self.local,
                # Building the context of a TLS client takes longer than an answer may.
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True,
            )
        return self._client

    # Words

    def _failed(self, what: str, after: str = "") -> tuple[Step, ...]:
        self._log(f"brain: {self.host} {what}")
        self.complain(f"{self.host} {what}")
        return (Say(f"{after}My brain at {self.host} {what}."),)

    def _nothing(self, stream: Stream) -> tuple[Step, ...]:
        return () if stream.answered else self._failed("has answered nothing")


class _Refused(Exception):
    """The server's answer is an error."""


async def _refusal(response: httpx2.Response) -> str:
    text = (await _beginning(response, LARGEST_ERROR_BYTES)).decode("utf-8", "replace")
    try:
        words = error_words(orjson.loads(text))
    except orjson.JSONDecodeError:
        words = safe(text.strip())[:200]
    return f"answers {response.status_code}{f': {words}' if words else ''}"


async def _beginning(response: httpx2.Response, most: int) -> bytes:
    data = b""
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > most:
            break
    return data[:most]


def _first_model(answer: bytes) -> str:
    try:
        models = orjson.loads(answer)["data"]
        name = models[0]["id"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        raise _Refused("names no model: choose one with --brain-model") from None
    if not isinstance(name, str):
        raise _Refused("names no model: choose one with --brain-model")
    return name


def _trouble(error: Exception) -> str:
    import httpx2

    reason = safe(str(error))[:200].rstrip(".") or type(error).__name__
    match error:
        case httpx2.ConnectTimeout():
            return f"cannot be reached within {CONNECT_S:g} seconds"
        case httpx2.TimeoutException():
            return f"has said nothing for {SILENT_S:g} seconds"
        case httpx2.SSEError():
            return f"does not stream as it should: {reason}"
        case BrokenStream():
            return f"is not understood: {reason}"
        case _Refused():
            return reason
        case _:
            return f"cannot be reached: {reason}"
