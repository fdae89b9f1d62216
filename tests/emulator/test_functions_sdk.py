"""Functions, searches, code and thoughts, as the unchanged google-genai SDK sees them over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai.live import AsyncSession
from google.genai.types import (
    Behavior,
    Content,
    FunctionCall,
    FunctionDeclaration,
    FunctionResponse,
    FunctionResponseScheduling,
    GroundingMetadata,
    HttpOptions,
    LiveConnectConfig,
    LiveServerMessage,
    Part,
    Schema,
    Type,
)

from tui.authority import Authority
from tui.emulator.edge.server import serving

HALF_CASCADE, GEMINI_31 = "gemini-2.0-flash-exp", "gemini-3.1-flash-live-preview"
GEMINI_25 = "gemini-2.5-flash-native-audio-latest"
GEMINI_38, EXTENDED = "gemini-3.8-live", "gemini-3.8-live-extended-thinking"
WAIT_S = 30.0


def get_weather(city: str, unit: str = "celsius") -> dict[str, str]:
    """The weather of a city.

    Args:
        city: where
        unit: celsius or fahrenheit
    """
    return {"city": city, "sky": "clear"}


DECLARED = FunctionDeclaration(
    name="turn_on_the_lights",
    description="Turns the lights on",
    behavior=Behavior.NON_BLOCKING,
    parameters=Schema(
        type=Type.OBJECT,
        properties={
            "brightness": Schema(type=Type.INTEGER, minimum=0, maximum=100),
            "color": Schema(type=Type.STRING, enum=["warm", "cold"]),
        },
        required=["brightness"],
    ),
)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[genai.Client]:
    authority = Authority.of_user(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.path)
    async with serving(0, 0, authority.server_context(), lambda line: None) as ports:
        options = HttpOptions(
            base_url=f"https://localhost:{ports.wss}", async_client_args={"ssl": trusting}
        )
        yield genai.Client(api_key="any", http_options=options)


@dataclass
class Heard:
    """What one `receive()` gave."""

    words: str = ""
    calls: list[FunctionCall] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    grounding: GroundingMetadata | None = None


Until = Callable[[Heard], bool]


async def hear(session: AsyncSession, until: Until = lambda heard: False) -> Heard:
    """To the end of the turn, or until something has come."""
    heard = Heard()
    async with asyncio.timeout(WAIT_S):
        async for message in session.receive():
            _note(heard, message)
            if until(heard):
                break
    return heard


def _note(heard: Heard, message: LiveServerMessage) -> None:
    if message.tool_call:
        heard.seen.append("tool_call")
        heard.calls += message.tool_call.function_calls or []
    if message.tool_call_cancellation:
        heard.seen.append("cancellation")
        heard.cancelled += message.tool_call_cancellation.ids or []
    if (content := message.server_content) is None:
        return
    for part in (content.model_turn and content.model_turn.parts) or []:
        heard.parts += [] if part.inline_data else [part]
        heard.words += "" if part.thought else part.text or ""
    if content.output_transcription:
        heard.words += content.output_transcription.text or ""
    heard.grounding = content.grounding_metadata or heard.grounding
    names = ("interrupted", "generation_complete", "turn_complete")
    heard.seen += [name for name in names if getattr(content, name)]


def config(modality: str = "AUDIO", **more: Any) -> LiveConnectConfig:
    spoken: dict[str, Any] = {"output_audio_transcription": {}} if modality == "AUDIO" else {}
    return LiveConnectConfig.model_validate({"response_modalities": [modality], **spoken, **more})


async def ask(session: AsyncSession, text: str) -> None:
    await session.send_realtime_input(text=text)


async def respond(session: AsyncSession, call: FunctionCall, **more: Any) -> None:
    response = FunctionResponse(id=call.id, name=call.name, **more)
    await session.send_tool_response(function_responses=response)


async def test_a_python_function_is_called_and_answered(client: genai.Client) -> None:
    tools = config("TEXT", tools=[get_weather])
    async with client.aio.live.connect(model=HALF_CASCADE, config=tools) as session:
        await ask(session, "What is the weather in Paris in fahrenheit?")
        asked = await hear(session)
        [call] = asked.calls
        assert asked.seen == ["tool_call", "generation_complete", "turn_complete"]
        assert call.args is not None
        assert call.args["city"] == "Paris"
        await respond(session, call, response=get_weather(**call.args))
        told = await hear(session)
    assert told.words == "Get weather: city Paris and sky clear."


async def test_parallel_calls_are_all_waited_for(client: genai.Client) -> None:
    async with client.aio.live.connect(
        model=GEMINI_31, config=config(tools=[get_weather])
    ) as session:
        await ask(session, "The weather in Paris and in London, please.")
        asked = await hear(session, lambda heard: bool(heard.calls))
        assert [(call.args or {})["city"] for call in asked.calls] == ["Paris", "London"]
        responses = [
            FunctionResponse(id=call.id, name=call.name, response={"output": f"sun {number}"})
            for number, call in enumerate(asked.calls)
        ]
        await session.send_tool_response(function_responses=responses)
        told = await hear(session)
    assert told.words == "Get weather: sun 0. Get weather: sun 1."
    assert told.seen == ["generation_complete", "turn_complete"]


async def test_the_model_talks_on_while_a_function_runs(client: genai.Client) -> None:
    tools = config(tools=[{"function_declarations": [DECLARED]}])
    async with client.aio.live.connect(model=GEMINI_38, config=tools) as session:
        await ask(session, "Turn on the lights at 40 percent, warm.")
        asked = await hear(session)
        [call] = asked.calls
        assert call.args == {"brightness": 40, "color": "warm"}
        assert asked.words.startswith("I have called turn on the lights.")
        await ask(session, "What is 6 * 7?")
        assert (await hear(session)).words == "That is 42."
        await respond(session, call, response={"output": "on"})
        assert (await hear(session)).words == "Turn on the lights: on."


@pytest.mark.parametrize("model", [GEMINI_38, EXTENDED])
async def test_a_response_interrupts_and_another_is_silent(
    client: genai.Client, model: str
) -> None:
    tools = config(tools=[{"function_declarations": [DECLARED]}])
    async with client.aio.live.connect(model=model, config=tools) as session:
        await ask(session, "Turn on the lights at 40 percent.")
        [call] = (await hear(session, lambda heard: "turn_complete" in heard.seen)).calls
        await ask(session, "Tell me a very long story.")
        await hear(session, lambda heard: len(heard.words) > 20)
        now = FunctionResponseScheduling.INTERRUPT
        await respond(session, call, response={"output": 1}, scheduling=now, will_continue=True)
        cut = await hear(session, lambda heard: "turn_complete" in heard.seen)
        assert cut.seen == ["interrupted", "turn_complete"]
        told = await hear(session, lambda heard: "turn_complete" in heard.seen)
        assert told.words == "Turn on the lights: 1."
        silent = FunctionResponseScheduling.SILENT
        await respond(session, call, response={}, scheduling=silent, will_continue=False)
        if model == EXTENDED:
            assert (await hear(session)).seen == [], "only the interaction ends"
        await ask(session, "What is 6 * 7?")
        assert (await hear(session)).words == "That is 42."


async def test_an_interruption_cancels_the_call(client: genai.Client) -> None:
    async with client.aio.live.connect(
        model=GEMINI_31, config=config(tools=[get_weather])
    ) as session:
        await ask(session, "What is the weather in Paris?")
        [call] = (await hear(session, lambda heard: bool(heard.calls))).calls
        await ask(session, "What is 6 * 7?")
        cut = await hear(session)
        assert cut.seen == ["interrupted", "cancellation", "turn_complete"]
        assert cut.cancelled == [call.id]
        await respond(session, call, response={"output": "late"})
        assert (await hear(session)).words == "That is 42."


async def test_a_search_is_grounded(client: genai.Client) -> None:
    tools = config("TEXT", tools=[{"google_search": {}}])
    async with client.aio.live.connect(model=HALF_CASCADE, config=tools) as session:
        await ask(session, "/search oscilloscopes")
        told = await hear(session)
    assert told.grounding is not None
    assert told.grounding.web_search_queries == ["oscilloscopes"]
    for support in told.grounding.grounding_supports or []:
        assert support.segment is not None
        cut = told.words.encode()[support.segment.start_index or 0 : support.segment.end_index]
        assert cut.decode() == support.segment.text


async def test_code_comes_with_its_result(client: genai.Client) -> None:
    tools = config("TEXT", tools=[{"code_execution": {}}])
    async with client.aio.live.connect(model=HALF_CASCADE, config=tools) as session:
        turns = Content(role="user", parts=[Part(text="/code 6*7")])
        await session.send_client_content(turns=turns)
        ran = await hear(session)
    code, result = (part for part in ran.parts if not part.text)
    assert code.executable_code is not None
    assert code.executable_code.code == "print(6 * 7)"
    assert result.code_execution_result is not None
    assert result.code_execution_result.output == "42\n"


async def test_a_thought_is_told_apart_from_what_is_said(client: genai.Client) -> None:
    thinking = config(thinking_config={"include_thoughts": True})
    async with client.aio.live.connect(model=GEMINI_25, config=thinking) as session:
        await ask(session, "What is your name?")
        told = await hear(session)
    [thought] = told.parts
    assert thought.thought
    assert "local emulator" in told.words
