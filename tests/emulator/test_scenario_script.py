"""A scripted scenario: which turn is played, what of it leaves, what is expected and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.driver import AUDIO_MODEL, TEXT_MODEL, Client
from tui.emulator.effects import Close
from tui.emulator.scenario import file
from tui.emulator.scenario.actor import Scripts
from tui.emulator.scenario.scenario import ScenarioError
from tui.emulator.session.dialogue import Dialogue
from tui.emulator.session.scene import Brain


class Caller(Client):
    """A client of a session that follows a script."""

    def __init__(self, script: Path, model: str = TEXT_MODEL, **setup: Any) -> None:
        super().__init__()
        self.rules = None  # a script may send odd frames
        self.scenario = Scripts(file.load(script))
        self.told: list[str] = []
        own = self._dialogue
        assert isinstance(own, Dialogue)

        def make(brain: Brain) -> Dialogue:
            own._brain = brain
            return own

        self._dialogue = self.scenario.party(make, self.told.append, self.now)
        modality = "TEXT" if model == TEXT_MODEL else "AUDIO"
        config = {"responseModalities": [modality]}
        self.send({"setup": {"model": model, "generationConfig": config, **setup}})
        self.forget()

    def hang_up(self) -> list[str]:
        """The session is over; all that was told of it."""
        self.scenario.over(self._dialogue)
        return self.told


WEATHER = {"functionDeclarations": [{"name": "get_weather"}]}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str) -> Path:
        path = tmp_path / "test.toml"
        path.write_text(text, "utf-8")
        return path

    return written


def test_the_first_turn_that_fits_answers(write: Any) -> None:
    client = Caller(
        write("""
        [[turn]]
        when = "red car"
        say = "It is red."
        [[turn]]
        when = '/(?P<colour>blue|green) \\w+/'
        say = "It is {colour}, not {red}; you said {0}."
        [[turn]]
        when = "any"
        say = "It is a car."
        """)
    )
    assert client.answer("What about a RED, car?") == "It is red."
    assert client.answer("reddish cars") == "It is a car."
    assert client.answer("My Green truck") == "It is Green, not {red}; you said Green truck."
    assert client.hang_up()[-1] == "played 3 of 3 turns; nothing failed"


def test_what_no_turn_fits_is_left_to_the_brain_or_to_silence(write: Any) -> None:
    turn = '[[turn]]\nwhen = "hello"\nsay = "Hi!"'
    client = Caller(write(turn))
    assert "42" in client.answer("What is 6 times 7?")
    assert client.told == ['finds no turn for "What is 6 times 7?"']
    client = Caller(write(f'otherwise = "silence"\n{turn}'))
    assert client.answer("What is 6 times 7?") == ""


def test_a_turn_is_played_so_many_times(write: Any) -> None:
    client = Caller(write('[[turn]]\ntimes = 2\nsay = "A"\n[[turn]]\nsay = "B"'))
    assert [client.answer("x") for _ in range(4)] == ["A", "A", "B", "B"]


def test_steps_are_played_in_the_order_in_which_they_stand(write: Any) -> None:
    client = Caller(
        write("""
        [[turn]]
        say = "Wait."
        pause_ms = 2000
        frame = {futureField = {level = 3}}
        steps = [{say = "Now."}, {raw = "{}"}, {close = {code = 1011, reason = "Bye"}}]
        """)
    )
    client.ask("go")
    client.run()
    assert client.words() == "Wait.Now."
    assert client.kinds() == ["text", "futureField", "text"]
    assert client.at("futureField") - client.at("text") >= 2.0
    assert client.payloads[-1] == b"{}"
    assert client.closed == Close(1011, "Bye")


def test_a_call_is_answered_and_judged(write: Any) -> None:
    script = write("""
        [[turn]]
        when = '/weather in (?P<city>\\w+)/'
        call = {name = "get_weather", args = {city = "{city}"}, expect = {t = 21, sky = "/blue/"}}
        say = "Thanks."
        """)
    for response, told in (
        ({"t": 21.0, "sky": "it is blue", "more": 1}, []),
        ({"t": 20, "sky": "blue"}, ["FAILED: get_weather answered t = 20, not 21"]),
        ({"t": 21, "sky": "grey"}, ["FAILED: get_weather answered sky = 'grey', not '/blue/'"]),
        ({"t": 21}, ["FAILED: get_weather answered without sky"]),
    ):
        client = Caller(script, tools=[WEATHER])
        client.ask("the weather in Paris?")
        client.run()
        [call] = client.messages[0]["toolCall"]["functionCalls"]
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
        answer = {"id": call["id"], "name": "get_weather", "response": response}
        client.send({"toolResponse": {"functionResponses": [answer]}})
        client.run()
        assert client.told[1:] == told
        assert client.scenario.failures == len(told)
        assert client.words() == "Thanks."


def test_a_call_that_is_not_answered_in_time_is_a_failure(write: Any) -> None:
    script = write('[[turn]]\ncall = {name = "get_weather", within_s = 5}\nsay = "Thanks."')
    client = Caller(script, tools=[WEATHER])
    client.ask("weather")
    client.wait(4.0)
    assert client.told == ["plays turn 1 (any)"]
    client.wait(2.0)
    assert client.told[1:] == ["FAILED: get_weather was not answered within 5 s"]


def test_a_call_that_is_never_answered_is_a_failure_at_the_end(write: Any) -> None:
    client = Caller(write('[[turn]]\ncall = {name = "get_weather", expect = {}}'), tools=[WEATHER])
    client.ask("weather")
    client.run(1.0)
    assert "FAILED: get_weather was not answered" in client.hang_up()


def test_a_response_that_no_step_follows_is_told_by_the_brain(write: Any) -> None:
    script = write('order = "strict"\n[[turn]]\ncall = {name = "get_weather"}')
    client = Caller(script, tools=[WEATHER])
    client.ask("weather")
    client.run()
    [call] = client.messages[0]["toolCall"]["functionCalls"]
    answer = {"id": call["id"], "name": "get_weather", "response": {"sky": "blue"}}
    client.send({"toolResponse": {"functionResponses": [answer]}})
    client.run()
    assert "blue" in client.words()
    assert client.hang_up() == ["plays turn 1 (any)", "played 1 of 1 turns; nothing failed"]


STRICT = """
order = "strict"
on_failure = "{}"
[[turn]]
when = "hello"
say = "Hi!"
[[turn]]
when = "bye"
say = "Bye!"
"""


def test_a_strict_script_is_followed_in_order(write: Any) -> None:
    client = Caller(write(STRICT.format("say")))
    assert [client.answer("hello"), client.answer("bye bye")] == ["Hi!", "Bye!"]
    assert client.hang_up()[-1] == "played 2 of 2 turns; nothing failed"
    assert client.scenario.failures == 0


def test_what_is_said_out_of_order_is_a_failure_and_the_script_goes_on(write: Any) -> None:
    client = Caller(write(STRICT.format("say")))
    assert [client.answer("bye"), client.answer("hello")] == ["Hi!", "Bye!"]
    assert "I am here" in client.answer("hello")
    assert [line for line in client.hang_up() if "plays" not in line] == [
        'FAILED: "bye" was said where turn 1 (hello) should be',
        'FAILED: "hello" was said where turn 2 (bye) should be',
        'FAILED: "hello" was said after the last turn',
        "played 2 of 2 turns; 3 failed",
    ]


def test_a_failure_closes_where_that_is_wanted(write: Any) -> None:
    client = Caller(write(STRICT.format("close")))
    client.ask("bye")
    assert client.closed is not None
    assert client.closed.code == 1008
    assert client.closed.reason == 'scenario: "bye" was said where turn 1 (hello) should be'


def test_turns_that_were_never_reached_are_failures(write: Any) -> None:
    client = Caller(write(STRICT.format("say")))
    client.answer("hello")
    assert client.hang_up()[-2:] == [
        "FAILED: turn 2 (bye) was never reached",
        "played 1 of 2 turns; 1 failed",
    ]


def test_a_loop_begins_again(write: Any) -> None:
    client = Caller(write("loop = true\n" + STRICT.format("say")))
    assert [client.answer(text) for text in ("hello", "bye", "hello")] == ["Hi!", "Bye!", "Hi!"]


def test_what_the_setup_must_have(write: Any) -> None:
    script = write("""
        [setup]
        model = "gemini-3.8-live"
        require = ["tools.functionDeclarations", "outputAudioTranscription"]
        [[turn]]
        say = "Hi"
        """)
    client = Caller(script, tools=[WEATHER])
    assert client.told == [
        "FAILED: the setup names the model gemini-2.0-flash-exp, not gemini-3.8-live",
        "FAILED: the setup has no outputAudioTranscription",
    ]
    client = Caller(script, AUDIO_MODEL, tools=[WEATHER], outputAudioTranscription={})
    assert client.told == []


def test_speech_without_words_fits_any_turn_only(write: Any) -> None:
    client = Caller(write('[[turn]]\nwhen = "hello"\nsay = "A"\n[[turn]]\nsay = "B"'), AUDIO_MODEL)
    client.understood.append(None)
    client.sound(1.0, speech=0.9)
    client.sound(2.0)
    client.run()
    assert client.told == ["plays turn 2 (any)"]
    assert client.clauses == ["B"]


def test_an_answer_is_interrupted_like_any_other(write: Any) -> None:
    client = Caller(write('[[turn]]\nsay = "One two three."\npause_ms = 9000\nsteps = [{say="X"}]'))
    client.ask("a")
    client.wait(3.0)
    client.ask("b", complete=False)
    client.wait(20.0)
    assert client.kinds() == ["text", "interrupted", "turnComplete+usage"]


@pytest.mark.parametrize("name", list(file.examples()))
def test_the_examples_play(name: str) -> None:
    client = Caller(file.examples()[name], tools=[WEATHER])
    assert client.answer("hello") or client.told
    assert client.scenario.failures == 0


MISTAKES = [
    ("", 'turn is missing: write [[turn]], and below it when = "hello" and say = "Hi!".'),
    ("turns = 1", "line 1: turns is not known; did you mean turn?"),
    ("[[turn]]\n\nsya = 'x'", "line 3 (turn 1): sya is not known; did you mean say?"),
    ("[[turn]]\nsay = 1", "line 2 (turn 1): say must be a text in quotes."),
    ("[[turn]]\nwhen = 'x'", "line 1 (turn 1): say is missing: a turn has one of say, think,"),
    ("[[turn]]\nsay = ' '", "line 2 (turn 1): say has no words; silence = true answers nothing."),
    ("[[turn]]\nwhen = '/(/'\nsay = 'x'", "line 2 (turn 1): when is no regular expression: "),
    ("[[turn]]\nwhen = '?!'\nsay = 'x'", 'line 2 (turn 1): when has no words: "any" fits'),
    ("[[turn]]\nsay = 'x'\n[[turn]]\ntimes = 0\nsay='x'", "line 4 (turn 2): times must be from 1"),
    ("order = 'strikt'", 'line 1: order cannot be "strikt"; did you mean strict?'),
    ("model = 'gemini-3.8-life'\n[[turn]]\nsay='x'", "did you mean gemini-3.8-live?"),
    ("[[turn]]\nclose = {code = 1006}", "line 2 (turn 1, close): code is none that a close frame"),
    (f"[[turn]]\nclose = {{reason = '{'x' * 124}'}}", "has room for 123 bytes."),
    ("[[turn]]\ncall = {args = {}}", 'call needs a name: {name = "function"}.'),
    ("[[turn]]\ncall = 'f'", "call must be a table, {…} or a list, […]."),
    ("[[turn]]\ncall = ['f']", "call must be a table, {…}, or a list of tables."),
    ("[[turn]]\ncall = {name='f', expect={a='/(/'}}", "expect is no regular expression: "),
    ("[[turn]]\npause_ms = 1.5", "pause_ms must be a whole number."),
    ("[[turn]]\ngo_away_s = 'x'", "go_away_s must be a number."),
    ("[[turn]]\nfault = 'stal'", "fault is no fault: There is no fault 'stal' (stall?)"),
    ("[[fault]]\nname = 'x'\n[[turn]]\nsay = 'x'", "line 2 (fault 1): name is no fault: "),
    ("[[turn]]\nsilence = false", "silence can only be true."),
    ("[[turn]]\nsteps = [{say='a', think='b'}]", "steps must be tables with one key each"),
    ("[turn]\nsay = 'x'", "turn must be a list, […]."),
    (
        "[setup]\nmodle = 'x'\n[[turn]]\nsay = 'x'",
        "line 2 (setup): modle is not known; did you mean model?",
    ),
]


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(write: Any, text: str, told: str) -> None:
    path = write(text)
    with pytest.raises(ScenarioError) as failure:
        file.load(path)
    assert str(failure.value).startswith("test.toml, line ")
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


VALUES = ["1", "-1", "1.5", "inf", "true", "''", "'x'", "[]", "[1]", "['x']", "[[]]", "{}"]
VALUES += ["{a = 1}", "[{}]", "[{a = 1}]", "{name = 'f', args = {a = 1979-05-27, b = nan}}"]
VALUES += ["1979-05-27", "07:32:00", "9999999999999999999999", "{a = 9999999999999999999999}"]
KEYS = ["when", "times", "must", "say", "think", "call", "pause_ms", "search", "code", "silence"]
KEYS += ["frame", "raw", "fault", "go_away_s", "close", "steps"]
TOP_KEYS = ["about", "order", "loop", "otherwise", "on_failure", "model", "seed", "setup", "fault"]


@pytest.mark.parametrize("key", KEYS + TOP_KEYS)
def test_any_value_of_any_key_plays_or_is_one_sentence(write: Any, key: str) -> None:
    for value in VALUES:
        for text in (f"{key} = {value}", f"steps = [{{say = 'x'}}, {{{key} = {value}}}]"):
            turn = f"[[turn]]\nsay = 'x'\n{text}" if key in KEYS else f"{text}\n[[turn]]\nsay = 'x'"
            try:
                client = Caller(write(turn), tools=[WEATHER])
            except ScenarioError as failure:
                assert "test.toml" in str(failure)
                continue
            if key != "raw":  # the driver reads JSON
                client.ask("x")
                client.run(5.0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"when = ", "is no TOML: invalid value (at end of document)."),
        (b"\xff", "is not UTF-8, at byte 0."),
        (b"#" * (2 << 20), "is too big for a scenario: the most is 1 MiB."),
        (b"a=" + b"[" * 100_000, ""),
    ],
)
def test_what_is_no_scenario_is_one_sentence(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "test.toml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError) as failure:
        file.load(path)
    assert told in str(failure.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"x\.toml cannot be read: No such file"):
        file.load(tmp_path / "x.toml")
