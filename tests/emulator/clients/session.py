# mypy: ignore-errors
"""A program of a user of google-genai, of any release from 1.x on; prints what it was told.

``python session.py TEXT|AUDIO [WAV]``; the environment says where the service is.
"""

import asyncio
import json
import sys
import wave

from google import genai
from google.genai import types

MODELS = {"TEXT": "gemini-2.0-flash-exp", "AUDIO": "gemini-3.8-live"}
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "parameters": {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING"}},
        "required": ["city"],
    },
}


def say(name, value):
    print(json.dumps([name, value]), flush=True)


class Turn:
    """What came until a turn was over."""

    def __init__(self):
        self.words, self.heard, self.audio_bytes, self.mime_types = "", "", 0, set()
        self.ends, self.calls, self.usage = [], [], None

    def take(self, message):
        if message.usage_metadata:
            self.usage = message.usage_metadata
        if message.tool_call:
            self.calls += message.tool_call.function_calls
        content = message.server_content
        if not content:
            return
        for part in (content.model_turn and content.model_turn.parts) or []:
            self.words += part.text or ""
            if part.inline_data:
                self.audio_bytes += len(part.inline_data.data)
                self.mime_types.add(part.inline_data.mime_type)
        if content.output_transcription:
            self.words += content.output_transcription.text or ""
        if content.input_transcription:
            self.heard += content.input_transcription.text or ""
        for end in ("generation_complete", "interrupted", "turn_complete"):
            if getattr(content, end):
                self.ends.append(end)


async def turn(session, interrupt=False, sky=None):
    """Receive to the end of the turn; stop it at once, or answer its calls until it says so."""
    told = Turn()
    while True:
        async for message in session.receive():
            told.take(message)
            if interrupt and told.words:
                interrupt = False
                await session.send_client_content(turn_complete=False)
            for call in (message.tool_call and message.tool_call.function_calls) or []:
                response = types.FunctionResponse(id=call.id, name=call.name, response={"sky": sky})
                await session.send_tool_response(function_responses=[response])
        # A model may end the turn with the call, or go on talking, and answer in a later one.
        if not sky or sky in told.words:
            return told


async def ask(session, text, **also):
    content = types.Content(role="user", parts=[types.Part(text=text)])
    await session.send_client_content(turns=content, turn_complete=True)
    return await turn(session, **also)


async def speak(session, path):
    with wave.open(path) as file:
        pcm = file.readframes(file.getnframes())
    for at in range(0, len(pcm), 1280):
        chunk = types.Blob(data=pcm[at : at + 1280], mime_type="audio/pcm;rate=16000")
        await session.send_realtime_input(audio=chunk)
        await asyncio.sleep(0.02)
    await session.send_realtime_input(audio_stream_end=True)


async def next_handle(session):
    async for message in session.receive():
        update = message.session_resumption_update
        if update and update.new_handle:
            return update.new_handle


async def main(modality, path=None):
    say("sdk", genai.__version__)
    client = genai.Client(api_key="any")
    config = {"response_modalities": [modality], "tools": [{"function_declarations": [WEATHER]}]}
    if modality == "AUDIO":
        config |= {"input_audio_transcription": {}, "output_audio_transcription": {}}
        config |= {"session_resumption": {}}

    async with client.aio.live.connect(model=MODELS[modality], config=config) as session:
        first = await ask(session, "My name is Ada. My number is 42.")
        say("first", [first.ends, first.usage.total_token_count > 0])
        say("memory", (await ask(session, "What number did I tell you?")).words)
        cut = await ask(session, "Tell me a very long story.", interrupt=True)
        say("interrupted", [cut.ends, len(cut.words) < 400])
        await session.send_realtime_input(text="What is 6 * 7?")
        product = await turn(session)
        say("realtime", [product.words, product.audio_bytes > 20_000, [*product.mime_types]])
        if path:
            _, spoken = await asyncio.gather(speak(session, path), turn(session))
            say("spoken", [spoken.heard.strip(), spoken.words])
        told = await ask(session, "What is the weather in Paris?", sky="purple")
        say("called", [[call.name, call.args] for call in told.calls])
        if modality == "AUDIO":
            handle = await next_handle(session)

    if modality == "AUDIO":
        config["session_resumption"] = {"handle": handle}
    async with client.aio.live.connect(model=MODELS[modality], config=config) as session:
        if modality == "TEXT":
            said = [("user", "My name is Ada."), ("model", "Hello Ada.")]
            turns = [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in said]
            await session.send_client_content(turns=turns, turn_complete=False)
        say("history", (await ask(session, "What is my name?")).words)


asyncio.run(main(*sys.argv[1:]))
