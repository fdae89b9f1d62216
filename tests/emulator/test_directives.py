"""Cases that a user can bring about by typing, and tools that the emulator has of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.driver import Client, Message
from tui.emulator.effects import Close
from tui.emulator.mind import execution, recital
from tui.emulator.session.steps import FAILED, OK, Code

TURN_END = "turnComplete+usage"
ALL_TOOLS: list[Message] = [
    {"functionDeclarations": [{"name": "turn_on"}, {"name": "get_weather"}]},
    {"googleSearch": {}},
    {"codeExecution": {}},
]
THINKING_MODEL = "models/gemini-2.5-flash-native-audio-latest"


def client_with(*tools: Message) -> Client:
    return Client.ready("TEXT", tools=[*tools])


def thinker(**thinking: Any) -> Client:
    client = Client()
    config = {"thinkingConfig": thinking} if thinking else {}
    setup = {"model": THINKING_MODEL, "generationConfig": config, "outputAudioTranscription": {}}
    client.send({"setup": setup})
    client.forget()
    return client


def parts(client: Client) -> list[Message]:
    return [
        part
        for message in client.messages
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", [])
        if "inlineData" not in part
    ]


@pytest.mark.parametrize("by", ["clientContent", "realtimeInput"])
def test_a_directive_may_come_by_either_message(by: str) -> None:
    client = client_with()
    if by == "clientContent":
        client.ask("/long")
    else:
        client.send({"realtimeInput": {"text": " /long "}})
    client.run()
    assert client.words() == recital.STORY


def test_help_names_every_directive_and_an_unknown_one_says_what_there_is() -> None:
    client = client_with()
    names = ["long", "tool", "search", "code", "think", "silence", "goaway", "close", "fault"]
    told, unknown = client.answer("/help"), client.answer("/smell")
    assert all(f"/{name}" in told and f"/{name}" in unknown for name in names)
    assert unknown.startswith("There is no directive /smell.")


def test_a_path_is_no_directive() -> None:
    assert "I heard" in client_with().answer("/etc/hosts")


def test_numbers_in_directives_are_not_remembered() -> None:
    client = client_with()
    client.answer("My number is 42.")
    client.answer("/close 999")
    assert client.answer("What is my number?") == "You told me the number 42."


def test_a_declared_function_is_called_with_the_given_arguments() -> None:
    client = client_with(*ALL_TOOLS)
    client.ask('/tool turn_on {"room": {"floor": 2}, "on": true}')
    client.run()
    [call] = client.messages[0]["toolCall"]["functionCalls"]
    assert (call["name"], call["args"]) == ("turn_on", {"room": {"floor": 2}, "on": True})


BAD_CALLS = [
    ("/tool", "/tool wants the name of a function; declared: turn_on, get_weather"),
    ("/tool fly", "not declared a function “fly”; declared: turn_on, get_weather"),
    ("/tool turn_on {room: 1}", "The arguments of turn_on are no JSON object: "),
    ("/tool turn_on [1]", "are no JSON object: it is “[1]”"),
    ('/tool turn_on {"x": NaN}', "are no JSON object: NaN is no number of JSON"),
    ("/tool turn_on " + '{"x":' * 5000, "are no JSON object: "),
]


@pytest.mark.parametrize(("text", "words"), BAD_CALLS)
def test_what_cannot_be_called_is_told_in_words(text: str, words: str) -> None:
    client = client_with(*ALL_TOOLS)
    assert words in client.answer(text)
    assert "toolCall" not in client.kinds()


def test_a_function_whose_arguments_nobody_can_make_up() -> None:
    schema = {
        "type": "object",
        "properties": {"key": {"type": "string", "pattern": "^k[0-9]{30}$"}},
        "required": ["key"],
    }
    function = {"name": "open_door", "parametersJsonSchema": schema}
    client = client_with({"functionDeclarations": [function]})
    for text in ("/tool open_door", "Open the door!"):
        answer = client.answer(text)
        assert answer.startswith("I cannot call")
        assert "key" in answer


def test_without_functions_none_is_named() -> None:
    assert "declared: none" in client_with().answer("/tool x")


@pytest.mark.parametrize("text", ["/search café au lait", "Search the web for café au lait."])
def test_a_search_is_grounded_in_made_up_results_that_say_so(text: str) -> None:
    client = client_with({"googleSearch": {}})
    words = client.answer(text)
    assert "emulator" in words
    assert "made-up" in words
    [grounding] = [
        message["serverContent"]["groundingMetadata"]
        for message in client.messages
        if "groundingMetadata" in message.get("serverContent", {})
    ]
    assert grounding["webSearchQueries"] == ["café au lait"]
    rendered = grounding["searchEntryPoint"]["renderedContent"]
    assert "https://www.google.com/search?q=caf%C3%A9+au+lait" in rendered
    webs = [chunk["web"] for chunk in grounding["groundingChunks"]]
    assert {web["domain"] for web in webs} == {"results.example"}
    assert all("Made up" in web["title"] for web in webs)
    supports = grounding["groundingSupports"]
    assert len(supports) == 2
    for support in supports:
        segment = support["segment"]
        cut = words.encode()[segment.get("startIndex", 0) : segment["endIndex"]]
        assert cut.decode() == segment["text"]
        assert all(index < len(webs) for index in support["groundingChunkIndices"])
    assert client.kinds() == ["text", "groundingMetadata", "generationComplete", TURN_END]
    assert client.usage()["toolUsePromptTokenCount"] > 20


def test_a_search_with_hostile_words_stays_text() -> None:
    client = client_with({"googleSearch": {}})
    client.ask('/search <script>alert("&")</script>')
    client.run()
    [grounding] = [
        message["serverContent"]["groundingMetadata"]
        for message in client.messages
        if "groundingMetadata" in message.get("serverContent", {})
    ]
    assert "<script>" in grounding["webSearchQueries"][0]
    rendered = grounding["searchEntryPoint"]["renderedContent"]
    assert "&lt;script&gt;" in rendered
    assert "<script>" not in rendered


def test_tools_that_were_not_declared_are_missed_in_words() -> None:
    client = client_with()
    assert "declare the tool googleSearch" in client.answer("/search cats")
    assert "declare the tool codeExecution" in client.answer("/code 6*7")
    assert client_with({"googleSearch": {}}).answer("/search").startswith("Say what to search")


RUNS = [
    ("6*7", Code("print(6 * 7)", "42\n", OK)),
    ("print(6*7)", Code("print(6*7)", "42\n", OK)),
    ("2 ** 10", Code("print(2 ** 10)", "1024\n", OK)),
    ("10/4", Code("print(10 / 4)", "2.5\n", OK)),
    ("6/2", Code("print(6 / 2)", "3.0\n", OK)),
    ("six times seven", Code("print(6 * 7)", "42\n", OK)),
    ("0.5+0.5", Code("print(0.5 + 0.5)", "1.0\n", OK)),
    ("1/0", Code("print(1 / 0)", "Nothing can be divided by zero.\n", FAILED)),
    ("9**9**9", Code("print(9 ** 9 ** 9)", "That power is too much for me.\n", FAILED)),
]


@pytest.mark.parametrize(("code", "ran"), RUNS)
def test_code_is_a_sum(code: str, ran: Code) -> None:
    assert execution.run(code) == ran
    if ran.outcome == OK:
        assert eval(ran.code.removeprefix("print")) == float(ran.output)  # Python agrees


@pytest.mark.parametrize("code", ["import os", "print(open('/etc/passwd'))", "[1]*9", "", "x = 1"])
def test_all_other_code_fails_and_says_why(code: str) -> None:
    ran = execution.run(code)
    assert ran.outcome == FAILED
    assert ran.output == "The emulator can run nothing but one sum of numbers.\n"


@pytest.mark.parametrize("text", ["/code 6*7", "What is 6 times 7?"])
def test_code_is_sent_with_its_result(text: str) -> None:
    client = client_with({"codeExecution": {}})
    client.ask(text)
    client.run()
    code, result, *_ = parts(client)
    assert code == {"executableCode": {"language": "PYTHON", "code": "print(6 * 7)"}}
    assert result == {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "42\n"}}
    assert client.words() == "The code printed 42."


def test_code_that_fails_ends_with_its_reason() -> None:
    client = client_with({"codeExecution": {}})
    assert client.answer("/code import os").endswith("nothing but one sum of numbers.")
    assert parts(client)[1]["codeExecutionResult"]["outcome"] == "OUTCOME_FAILED"


def test_thoughts_come_whole_and_first_where_they_are_asked_for() -> None:
    client = thinker(includeThoughts=True)
    for text in ("What is 6 * 7?", "/think What is 6 * 7?", "/think"):
        client.answer(text)
        [thought] = parts(client)
        assert thought["thought"] is True
        assert len(thought["text"]) > 20
        assert client.messages[-1]["usageMetadata"]["thoughtsTokenCount"] > 5
        assert "thought" in str(client.messages[0])
    assert client.words().endswith("I have thought about it.")


def test_hidden_thoughts_are_counted_all_the_same() -> None:
    client = thinker(thinkingBudget=100)
    assert client.answer("What is 6 * 7?") == "That is 42."
    assert parts(client) == []
    usage = client.usage()
    assert usage["thoughtsTokenCount"] > 5
    counts = ("promptTokenCount", "responseTokenCount", "thoughtsTokenCount")
    assert usage["totalTokenCount"] == sum(usage[count] for count in counts)


def test_without_thinking_there_are_no_thoughts() -> None:
    for client in (thinker(), thinker(thinkingBudget=0, includeThoughts=True)):
        client.answer("What is 6 * 7?")
        assert parts(client) == []
        assert "thoughtsTokenCount" not in client.usage()
        assert "includeThoughts" in client.answer("/think What is 6 * 7?")
        assert client.words().endswith("That is 42.")


@pytest.mark.parametrize("text", ["/silence", "Don't answer.", "Please say nothing"])
def test_silence_is_no_frame_at_all(text: str) -> None:
    client = client_with()
    client.ask(text)
    client.run()
    assert client.messages == []
    assert client.answer("What is 6 * 7?") == "That is 42."


def test_go_away_is_announced_and_then_done() -> None:
    client = client_with()
    begun = client.now
    client.ask("/goaway 5")
    client.wait(4.9)
    assert client.messages[0] == {"goAway": {"timeLeft": "5s"}}
    assert client.words() == "I will close the connection in 5 seconds."
    assert client.kinds()[-1] == TURN_END
    assert client.closed is None
    client.wait(1)
    assert client.closed == Close(1011, "Deadline expired before operation could complete.")
    assert client.now - begun < 6


def test_go_away_in_mid_answer() -> None:
    client = client_with()
    client.ask("/goaway 1")
    client.run()
    client.forget()
    client.ask("/long")
    client.run()
    assert client.closed is not None
    assert "generationComplete" not in client.kinds()


@pytest.mark.parametrize("rest", ["soon", "-1", "99999", "1e3", "0x10"])
def test_go_away_in_no_time_is_told_in_words(rest: str) -> None:
    client = client_with()
    assert client.answer(f"/goaway {rest}").startswith("Say in how many seconds")
    assert client.closed is None


def test_the_connection_is_closed_with_code_and_reason() -> None:
    client = client_with()
    client.ask("/close 1008 The operation was aborted.")
    assert client.closed == Close(1008, "The operation was aborted.")
    long = client_with()
    long.ask(f"/close 4000 {'ä' * 100}")
    assert long.closed == Close(4000, "ä" * 61)


@pytest.mark.parametrize("rest", ["1006", "999", "70000", "now", "1011.5 x"])
def test_no_close_frame_has_such_a_code(rest: str) -> None:
    client = client_with()
    assert "/close 1011 reason" in client.answer(f"/close {rest}")
    assert client.closed is None


def test_a_fault_is_armed_or_refused_in_words() -> None:
    client = client_with()
    assert client.answer("/fault stall:for=5") == "The fault stall:for=5 is armed."
    assert [str(fault) for fault in client.armed] == ["stall:for=5"]
    assert "There is no fault 'smell'" in client.answer("/fault smell")
    assert len(client.armed) == 1


def test_directives_work_in_speech_sessions_too() -> None:
    client = Client.ready("AUDIO", outputAudioTranscription={})
    client.send({"realtimeInput": {"text": "/tool nothing"}})
    client.run()
    assert "declared: none" in client.words()
