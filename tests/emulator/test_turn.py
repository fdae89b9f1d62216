"""Turns made of steps, by a brain that says exactly which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.emulator.driver import Client, Message
from tui.core.fault import Fault
from tui.emulator.effects import Close
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import (
    Call,
    Code,
    Frame,
    FunctionCall,
    GoAway,
    Ground,
    HangUp,
    Inject,
    Pause,
    Say,
    Silence,
    Step,
    Website,
)

TURN_END = "turnComplete+usage"
ENDS = ["generationComplete", TURN_END]


class Script:
    """A brain that gives its answers one after another; None is one that takes time."""

    def __init__(self, *answers: Sequence[Step] | None) -> None:
        self.scenes: list[Scene] = []
        self._answers = [*answers]

    def __call__(self, scene: Scene) -> Sequence[Step] | None:
        self.scenes.append(scene)
        return self._answers.pop(0)


def played(*answers: Sequence[Step] | None, modality: str = "TEXT") -> Client:
    client = Client.ready(modality, answer=Script(*answers), outputAudioTranscription={})
    client.ask("Go")
    return client


def test_what_is_said_in_pieces_is_one_answer() -> None:
    client = played((Say("One. "), Pause(2.0), Say("Two.")))
    begun = client.now
    client.run()
    assert client.kinds() == ["text", *ENDS]
    assert client.words() == "One. Two."
    assert client.now - begun > 2


def test_speech_is_heard_to_its_end_before_the_turn_ends() -> None:
    client = played((Say("Hello there."), Say(" Goodbye.")), modality="AUDIO")
    client.run()
    assert client.words() == "Hello there. Goodbye."
    sent_s = client.usage()["responseTokenCount"] / 25
    assert client.at(TURN_END) - client.at("audio") == pytest.approx(sent_s, abs=0.1)


@pytest.mark.parametrize("step", [Silence(), Pause(1.0), Inject(Fault.read("stall"))])
def test_a_turn_without_content_has_no_end(step: Step) -> None:
    client = played((step,), (Say("Yes."),))
    client.run()
    assert client.messages == []
    assert client.answer("Again") == "Yes."


def test_frames_are_sent_exactly_and_bring_their_own_ends() -> None:
    message: Message = {"serverContent": {"modelTurn": {"parts": [{"text": "Hi"}]}}, "odd": [1]}
    client = Client.ready("TEXT", answer=Script((Frame(b'{"own" :  "spacing"}'), Frame(message))))
    client.rules = None
    client.ask("Go")
    client.run()
    assert client.payloads[-2] == b'{"own" :  "spacing"}'
    assert client.messages[-1] == message
    assert len(client.messages) == 2


def test_an_interrupted_pause_keeps_what_was_said() -> None:
    client = played((Say("One."), Pause(60), Say("Two.")), (Say("Three."),))
    client.run(5.0)
    client.ask("Stop")
    assert client.kinds() == ["text", "interrupted", TURN_END]
    client.run()
    assert client.words() == "One.Three."


def test_code_counts_as_output_and_its_result_as_a_tools() -> None:
    client = played((Code("print(1)", "1\n"),))
    client.run()
    assert client.usage()["responseTokenCount"] == 2
    assert client.usage()["toolUsePromptTokenCount"] == 1


def test_claims_that_were_not_said_are_not_supported() -> None:
    ground = Ground(("q",), (Website("t", "https://a.example/1"),), (("Zwölf", (0,)), ("No", ())))
    client = played((Say("Über Zwölf."), ground))
    client.run()
    [content] = [m["serverContent"] for m in client.messages if "grounding" in str(m)]
    [support] = content["groundingMetadata"]["groundingSupports"]
    assert support["segment"] == {"startIndex": 6, "endIndex": 12, "text": "Zwölf"}


def test_steps_after_a_blocking_call_are_its_answer() -> None:
    call = Call((FunctionCall("f", {"a": 1}, "own-id"),))
    client = played((Say("Wait."), call, Say("Done.")), (Say("unasked"),))
    client.run()
    assert client.kinds() == ["text", "toolCall", *ENDS]
    answer = {"id": "own-id", "name": "f", "response": {}}
    client.forget()
    client.send({"toolResponse": {"functionResponses": [answer]}})
    client.run()
    assert client.words() == "Done."


def test_without_them_the_brain_is_asked_with_the_responses() -> None:
    script = Script((Call((FunctionCall("f", {}, "1"),)),), (Say("So."),))
    client = Client.ready("TEXT", answer=script)
    client.ask("Go")
    client.run()
    answer: Message = {"id": "1", "name": "f", "response": {"output": 5}}
    client.send({"toolResponse": {"functionResponses": [answer]}})
    client.run()
    assert client.words() == "So."
    assert [one.response for one in script.scenes[1].responses] == [{"output": 5}]


def test_the_connection_ends_by_a_step() -> None:
    client = played((Say("Bye."), HangUp(1000, "over"), Say("never")))
    client.run()
    assert client.closed == Close(1000, "over")
    gone = played((GoAway(0.5),))
    gone.run()
    assert gone.closed is not None


def test_an_answer_that_takes_time_comes_sentence_by_sentence() -> None:
    client = played(None, (Say("other"),))
    client.run()
    assert client.messages == []
    [consult] = client.consults
    client.consulted(consult, [Say("One. ")], more=True)
    client.run()
    assert client.kinds() == ["text"], "more is to come"
    client.wait(3)
    client.consulted(consult, [Say("Two.")], more=True)
    client.consulted(consult, [])
    client.run()
    assert client.kinds() == ["text", *ENDS]
    assert client.words() == "One. Two."


def test_an_answer_that_was_interrupted_comes_too_late() -> None:
    client = played(None, (Say("Other."),))
    client.ask("Something else")
    assert client.kinds() == ["interrupted", TURN_END]
    client.consulted(client.consults[0], [Say("Late.")])
    client.run()
    assert client.words() == "Other."
    client.consulted(client.consults[0], [Say("Late.")])
    client.run()
    assert client.words() == "Other."


def test_a_brain_is_told_of_tools_and_thoughts() -> None:
    script = Script((Say("Yes."),))
    tools: list[Any] = [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}]
    client = Client.ready("TEXT", answer=script, tools=tools)
    client.ask("Go")
    [scene] = script.scenes
    assert [one.name for one in scene.tools.functions] == ["f"]
    assert scene.tools.search
    assert not scene.tools.code
    assert not scene.thinking
