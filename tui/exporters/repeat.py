"""Repeats what a Gemini Live session was sent, in order and in time; prints what comes back.

    pip install google-genai
    GEMINI_API_KEY=... python repeat.py

goes to Google, or to Vertex AI by the SDK's own variables. ``--base-url https://localhost:PORT``
goes to a server of yours; SSL_CERT_FILE names the certificate that it is trusted by.

bidiscope has made this from a recording; sound and pictures are in the folder ``media``. Times
count from the beginning of the connection, or from the end of the model's last turn before: what
was said after an answer is said after the answer here, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from google import genai
from google.genai import errors, types

FOLDER = Path(__file__).resolve().parent
NEWEST = "the newest one"
"""In place of a session resumption handle: those of the recording are over."""


def load(name: str) -> bytes:
    """A file's bytes."""
    return (FOLDER / name).read_bytes()


class Live:
    """The session that is held again."""

    def __init__(self, client: genai.Client, speed: float, patience_s: float) -> None:
        self.client, self.speed, self.patience_s = client, speed, patience_s
        self.handle: str | None = None
        self.session: Any = None
        self.ends: list[float] = []
        """When the connection began, then when each turn of the model ended."""
        self.calls: list[types.FunctionCall] = []
        self.changed = asyncio.Event()
        self.closed = ""

    async def connect(self, model: str, config: dict[str, Any], turns: int, steps: Steps) -> None:
        """Hold one connection: take the steps, and wait for so many turns of the model."""
        if config.get("session_resumption", {}).get("handle") == NEWEST:
            config["session_resumption"] = {"handle": self.handle} if self.handle else {}
        parsed = types.LiveConnectConfig.model_validate(config)
        async with self.client.aio.live.connect(model=model, config=parsed) as self.session:
            self.ends, self.calls, self.closed = [time.monotonic()], [], ""
            receiving = asyncio.create_task(self._receive())
            try:
                await steps(self)
                await self.after(turns, 0)
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)

    async def after(self, turns: int, seconds: float) -> None:
        """Wait until so long after that turn's end; 0 is the beginning of the connection."""
        if not await self._until(lambda: len(self.ends) > turns):
            say(f"(turn {turns} of the model did not end in {self.patience_s:g} s)")
            self.ends += [time.monotonic()] * (turns + 1 - len(self.ends))
        due = self.ends[turns] + seconds / self.speed
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def content(self, turns: list[dict[str, Any]], turn_complete: bool) -> None:
        """Send turns of the conversation."""
        for turn in turns:
            say("> " + "".join(part.get("text") or "[media]" for part in turn.get("parts", ())))
        await self.session.send_client_content(turns=turns or None, turn_complete=turn_complete)

    async def realtime(self, **one: Any) -> None:
        """Send one realtime input."""
        if "text" in one:
            say(f"> {one['text']}")
        await self.session.send_realtime_input(**one)

    async def speak(
        self, name: str, mime_type: str, sizes: list[tuple[int, int]], over_s: float, **how: str
    ) -> None:
        """Send a WAV file in messages of the sizes (bytes, how many) that they had."""
        with wave.open(str(FOLDER / name), "rb") as file:
            pcm = file.readframes(file.getnframes())
        pieces = [size for size, count in sizes for _ in range(count)]
        say(f"> [{name}, {len(pieces)} messages in {over_s / self.speed:.1f} s]")
        begun, at = time.monotonic(), 0
        for number, size in enumerate(pieces):
            due = begun + over_s / self.speed * number / max(1, len(pieces) - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            blob = types.Blob(data=pcm[at : at + size], mime_type=mime_type)
            await self.session.send_realtime_input(**{how.get("by", "audio"): blob})
            at += size

    async def answer(self, responses: list[dict[str, Any]]) -> None:
        """Answer calls of those names; their ids are other ones than in the recording."""
        for response in responses:
            call = await self._called(response.get("name"))
            if call is None:
                say(f"(no call of {response.get('name')} came)")
            elif not response.get("will_continue"):
                self.calls.remove(call)
            response["id"] = call and call.id
        called = [response for response in responses if response.get("id")]
        if called:
            await self.session.send_tool_response(function_responses=called)

    async def context(self, **update: Any) -> None:
        """Change the instructions or the tools."""
        await self.session.send_context_update(**update)

    async def raw(self, text: str) -> None:
        """Send what the SDK has no call for."""
        await self.session._ws.send(text)

    async def _called(self, name: str | None) -> types.FunctionCall | None:
        """The oldest call of that name that is not answered; waits for it."""

        def fitting() -> types.FunctionCall | None:
            return next((call for call in self.calls if name in (None, call.name)), None)

        await self._until(lambda: fitting() is not None)
        return fitting()

    async def _until(self, true: Callable[[], bool]) -> bool:
        """Wait for it to come true, as long as there is patience and a connection."""
        end_s = time.monotonic() + self.patience_s
        while not true() and not self.closed and time.monotonic() < end_s:
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0.0, end_s - time.monotonic()))
            except (TimeoutError, asyncio.TimeoutError):  # noqa: UP041 - Python 3.10 tells them apart
                break
        return true()

    async def _receive(self) -> None:
        try:
            while True:
                async for message in self.session.receive():
                    self._take(message)
                    self.changed.set()
        except errors.APIError as error:
            self.closed = str(error)
            say(f"closed: {error}")
        self.changed.set()

    def _take(self, message: types.LiveServerMessage) -> None:
        update, content = message.session_resumption_update, message.server_content
        if update and update.new_handle:
            self.handle = update.new_handle
        for call in (message.tool_call and message.tool_call.function_calls) or ():
            self.calls.append(call)
            say(f"< {call.name}({call.args})")
        if content is None:
            return
        parts = (content.model_turn and content.model_turn.parts) or ()
        spoken = content.output_transcription
        words = [part.text for part in parts if part.text], [spoken.text] if spoken else []
        for text in filter(None, (*words[0], *words[1])):
            say(f"< {text.strip()}")
        if content.interrupted:
            say("< (interrupted)")
        if content.turn_complete:
            self.ends.append(time.monotonic())
            say("< (turn complete)")


Steps = Callable[[Live], Awaitable[None]]
Connection = tuple[str, dict[str, Any], int, Steps]
BEGUN_S = time.monotonic()


def say(text: str) -> None:
    """Print a line with its time; nothing in it acts on the terminal."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    print(f"{time.monotonic() - BEGUN_S:8.3f} {shown}", flush=True)


async def repeat(connections: list[Connection], flags: argparse.Namespace) -> None:
    """Hold one connection after the other."""
    options = types.HttpOptions(base_url=flags.base_url, api_version=flags.api_version)
    known = any(name in os.environ for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"))
    key = "none" if flags.base_url and not known else None
    live = Live(genai.Client(api_key=key, http_options=options), flags.speed, flags.patience)
    for model, config, turns, steps in connections:
        await live.connect(flags.model or model, config, turns, steps)


def main(connections: list[Connection]) -> None:
    """Parse the command line, and repeat."""
    parser = argparse.ArgumentParser(description="Repeat a recorded Gemini Live session.")
    parser.add_argument("--base-url", metavar="URL", help="another server, by https")
    parser.add_argument("--api-version", metavar="V", help="such as v1alpha")
    parser.add_argument("--model", metavar="NAME", help="another model")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="2 is twice as fast")
    patience = "how long a turn or a call is waited for; default: 30"
    parser.add_argument("--patience", type=float, default=30.0, metavar="S", help=patience)
    try:
        asyncio.run(repeat(connections, parser.parse_args()))
    except (errors.APIError, OSError, ValueError) as error:
        sys.exit(f"repeat.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
