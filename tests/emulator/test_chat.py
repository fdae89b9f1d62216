"""The brain elsewhere: chat completions over real HTTP, and sessions that they answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulator.openai_server import DONE, error, event, response, running
from tui.emulator.chat import model, prompt
from tui.emulator.chat.model import BrainError, ChatModel
from tui.emulator.chat.stream import BrokenStream, Stream
from tui.emulator.session.calls import Response
from tui.emulator.session.conversation import Said
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import Call, FunctionCall, Say, Step, Think
from tui.emulator.session.toolbox import Declaration, Toolbox


def scene(*said: Said | str, **more: Any) -> Scene:
    spoken = [Said("user", one) if isinstance(one, str) else one for one in said]
    return Scene(spoken, more.pop("instruction", ""), datetime(2026, 11, 25, tzinfo=UTC), **more)


async def answered(chat: ChatModel, asked: Scene) -> list[Sequence[Step]]:
    try:
        return [steps async for steps in chat.answer(asked)]
    finally:
        await chat.close()


# The answer, piece by piece


def test_sentences_are_handed_on_when_they_are_whole() -> None:
    stream, said = Stream(), list[list[Step]]()
    for piece in ("Hel", "lo. How a", "re you?", " Dr. Who is here", ". 3.14 it is"):
        said.append([*stream.take(delta(piece))])
    assert said == [[], [Say("Hello. ")], [], [Say("How are you? ")], [Say("Dr. Who is here. ")]]
    assert [*stream.end()] == [Say("3.14 it is")]


@pytest.mark.parametrize(
    "deltas",
    [
        [{"reasoning_content": "Let me "}, {"reasoning_content": "see."}, {"content": "Yes."}],
        [{"content": "<thi"}, {"content": "nk>Let me see.</thi"}, {"content": "nk>\n\nYes."}],
    ],
)
def test_what_a_model_thinks_is_a_thought(deltas: list[dict[str, str]]) -> None:
    stream, steps = Stream(), list[Step]()
    for one in deltas:
        steps += stream.take(json.dumps({"choices": [{"delta": one}]}))
    assert [*steps, *stream.end()] == [Think("Let me see."), Say("Yes.")]


def test_calls_come_in_pieces_or_whole() -> None:
    stream = Stream()
    for calls in (
        [{"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}],
        [{"index": 0, "function": {"arguments": ": 1}"}}, {"index": 1, "function": {"name": "g"}}],
        [{"index": 0, "function": {"name": "h", "arguments": {"y": 2}}}],
    ):
        assert not [*stream.take(json.dumps({"choices": [{"delta": {"tool_calls": calls}}]}))]
    functions = FunctionCall("f", {"x": 1}), FunctionCall("g", {}), FunctionCall("h", {"y": 2})
    assert [*stream.end()] == [Call(functions)]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("{", "what it sent is not JSON: "),
        ("[]", "what it sent is no chat completion"),
        ('{"error": {"message": "out of memory."}}', "it says: out of memory"),
        ('{"error": "\\u001b[2Jno"}', "it says: ␛[2Jno"),
    ],
)
def test_what_is_no_completion_is_told(data: str, told: str) -> None:
    with pytest.raises(BrokenStream, match=told.replace("[", r"\[")):
        list(Stream().take(data))


@pytest.mark.parametrize("chunk", ["{}", '{"choices": []}', '{"choices": [{"delta": null}]}'])
def test_empty_chunks_say_nothing(chunk: str) -> None:
    assert not [*Stream().take(chunk)]


def test_an_endless_answer_is_cut() -> None:
    stream, chars = Stream(), 0
    for _ in range(300):
        chars += sum(
            len(step.text)
            for step in stream.take(delta("a" * 999 + ".\n"))
            if isinstance(step, Say)
        )
        if stream.over:
            break
    assert stream.over
    assert chars <= 100_000


def test_arguments_that_are_no_json_are_told() -> None:
    stream = Stream()
    calls = [{"index": 0, "function": {"name": "f", "arguments": "{"}}]
    assert not [*stream.take(json.dumps({"choices": [{"delta": {"tool_calls": calls}}]}))]
    with pytest.raises(BrokenStream, match="it calls f with no JSON object"):
        list(stream.end())


def delta(text: str) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}}]})


# The request


def test_conversation_instruction_and_functions_go_along() -> None:
    weather = Declaration("get_weather", "Weather of a city", {"type": "object"}, blocking=True)
    asked = scene(
        "Hello",
        Said("model", "Hi!"),
        "Weather in Paris?",
        Said("tool", 'get_weather {"city": "Paris"}'),
        Said("tool", "get weather says 21."),
        Said("model", "It is 21 degrees."),
        "And in Rome?",
        Said("tool", 'get_weather {"city": "Rome"}'),
        Said("tool", "get weather says 30."),
        instruction="Be brief.",
        tools=Toolbox((weather,)),
        responses=(FakeResponse("get weather says 30.", {"t": 30}),),
    )
    body = prompt.body(asked, "llama3.2")
    assert (body["model"], body["stream"]) == ("llama3.2", True)
    assert body["tools"][0]["function"] == {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object"},
    }
    roles = [message["role"] for message in body["messages"]]
    assert roles[:3] == ["system", "user", "assistant"]
    assert roles[3:] == ["user", "assistant", "tool", "assistant", "user", "assistant", "tool"]
    rome, heard = body["messages"][-2:]
    assert rome["tool_calls"][0]["function"] == {
        "name": "get_weather",
        "arguments": '{"city": "Rome"}',
    }
    assert heard == {
        "role": "tool",
        "tool_call_id": rome["tool_calls"][0]["id"],
        "content": '{"t":30}',
    }


class FakeResponse(Response):
    """A response that is told in other words."""

    def __init__(self, words: str, response: dict[str, Any]) -> None:
        super().__init__("get_weather", response)
        object.__setattr__(self, "_words", words)

    _words: str

    @property
    def words(self) -> str:
        return self._words


def test_a_call_without_a_response_is_answered_for_the_server() -> None:
    messages = prompt.body(scene("a", Said("tool", "f {}"), "b"), "m")["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "user"]
    assert messages[2]["content"] == "no response yet"


def test_words_and_calls_of_one_answer_are_one_message() -> None:
    said = [Said("tool", 'f {"a": 1}'), Said("tool", "g {}"), Said("model", "Wait.")]
    responses = [Said("tool", "f says 1."), Said("tool", "g says 2."), Said("tool", "f says 3.")]
    messages = prompt.body(scene("a", *said, *responses), "m")["messages"]
    assert [message["role"] for message in messages] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "user",
    ]
    assert messages[1]["content"] == "Wait."
    assert [call["function"]["name"] for call in messages[1]["tool_calls"]] == ["f", "g"]
    assert messages[-1]["content"] == "(f says 3.)"


def test_speech_without_words_is_described() -> None:
    asked = scene(Said("user", "", spoken_s=2.0), heard="I heard 2 seconds of speech.")
    assert prompt.body(asked, "m")["messages"] == [
        {"role": "user", "content": "(I heard 2 seconds of speech.)"}
    ]


# The server


async def test_the_first_model_of_the_server_answers_in_sentences() -> None:
    told: list[str] = []
    async with running(["I am ", "a llama. ", "You?", DONE]) as server:
        steps = await answered(ChatModel(server.url, log=told.append, environ={}), scene("Who?"))
    assert steps == [(Say("I am a llama. "),), (Say("You?"),)]
    assert server.asked[0]["model"] == "llama3.2"
    assert told == ["brain: llama3.2 answers"]
    assert all("authorization" not in request.headers for request in server.requests)


async def test_a_stream_without_an_end_mark_is_whole_when_it_ends() -> None:
    async with running(["Yes."]) as server:
        assert await answered(ChatModel(server.url, "m", environ={}), scene("?")) == [
            (Say("Yes."),)
        ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            error(404, {"error": {"message": 'model "x" not found'}}),
            'answers 404: model "x" not found',
        ),
        (error(500, "boom\x1b[2J"), "answers 500: boom␛[2J"),
        (response({"choices": []}), "does not stream as it should: "),
        ([b"data: {\n\n"], "is not understood: what it sent is not JSON: "),
        (
            [event("Hi. "), b"data: [1]\n\n"],
            "is not understood: what it sent is no chat completion",
        ),
        ([DONE], "has answered nothing"),
        (b"\x00\xff junk\r\n\r\n", "cannot be reached: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: text/event-stream\r\n\r\n", ""),
    ],
)
async def test_what_goes_wrong_is_said_in_words(
    answer: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "SILENT_S", 1.0)
    log: list[str] = []
    async with running(answer) as server:
        steps = await answered(ChatModel(server.url, "x", log.append, {}), scene("?"))
    said = steps[-1][-1]
    assert isinstance(said, Say)
    assert said.text.startswith(f"My brain at 127.0.0.1 {told}")
    assert log[-1].startswith(f"brain: 127.0.0.1 {told}")


async def test_a_brain_that_is_not_there_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    steps = await answered(ChatModel(f"http://127.0.0.1:{port}/v1", "x", environ={}), scene("?"))
    [[said]] = steps
    assert isinstance(said, Say)
    assert said.text.startswith("My brain at 127.0.0.1 cannot be reached: ")


async def test_a_brain_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "SILENT_S", 0.2)
    async with running(["Well", 5.0, "."]) as server:
        steps = await answered(ChatModel(server.url, "x", environ={}), scene("?"))
    given_up = Say(" My brain at 127.0.0.1 has said nothing for 0.2 seconds.")
    assert steps == [(Say("Well"), given_up)]


async def test_a_server_without_models_is_said_in_words() -> None:
    async with running(["Yes."]) as server:
        server.models = []
        [[said]] = await answered(ChatModel(server.url, environ={}), scene("?"))
    assert said == Say("My brain at 127.0.0.1 names no model: choose one with --brain-model.")


async def test_the_key_is_sent_only_where_it_is_asked_for() -> None:
    environ, log = {"OPENAI_API_KEY": "sk-secret"}, list[str]()
    async with running(["Yes."]) as server:
        server.key = "sk-secret"
        steps = await answered(ChatModel(server.url, "x", log.append, environ), scene("?"))
        assert steps == [(Say("Yes."),)]
        assert ["authorization" in each.headers for each in server.requests] == [False, True]
        server.key = "another"
        [[said]] = await answered(ChatModel(server.url, "x", log.append, environ), scene("?"))
    assert said == Say("My brain at 127.0.0.1 answers 401: no key.")
    assert "secret" not in "".join(log)


@pytest.mark.parametrize(
    "url", ["", "localhost:11434", "ftp://localhost/v1", "http://", "http://[x/v1", "http://h:x/"]
)
def test_what_is_no_address_is_one_sentence(url: str) -> None:
    with pytest.raises(BrainError, match="is no address of a brain: it is like http://localhost"):
        ChatModel(url)


def test_where_words_go_is_said() -> None:
    assert "on this machine" in ChatModel("http://localhost:1/v1").note()
    assert "leaves this machine for llm.example" in ChatModel("https://llm.example/v1").note()


# Sessions
