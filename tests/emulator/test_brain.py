"""What the emulator answers, over the course of a conversation."""

from __future__ import annotations

from datetime import datetime

import pytest

from tui.emulator.mind import brain, recital
from tui.emulator.mind.brain import answer
from tui.emulator.session.conversation import Said
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import Say


def said(scene: Scene) -> str:
    """The words of the answer, which is nothing else."""
    [step] = answer(scene)
    assert isinstance(step, Say)
    return step.text


class Talk:
    """A conversation in which each line is answered."""

    def __init__(self, instruction: str = "") -> None:
        self.said: list[Said] = []
        self.instruction = instruction

    def hears(self, *lines: str) -> str:
        """The answer to the last line, each of the others being answered before."""
        told = ""
        for line in lines:
            self.said.append(Said("user", line))
            told = said(Scene(self.said, self.instruction, datetime(2026, 11, 22, 9, 5)))
            self.said.append(Said("model", told))
        return told


@pytest.mark.parametrize(
    "line",
    [
        "Hello? Gemini are you there?",
        "Who are you?",
        "What are you exactly?",
        "Are you really Gemini?",
        "Am I talking to Google?",
        "are you human",
        "Which model is this?",
        "Hi!",
    ],
)
def test_it_never_passes_for_gemini(line: str) -> None:
    answer = Talk().hears(line)
    assert "local emulator" in answer
    assert "not Gemini" in answer


CONVERSATIONS = [
    (["My number is 42.", "What number did I tell you?"], "You told me the number 42."),
    (["42", "what was the number?"], "You told me the number 42."),
    (["Remember the number 7391 please", "which number did I tell you"], "7391"),
    (["Can you remember the number 77?", "What's the number I told you?"], "77"),
    (["The number is forty-two.", "tell me the number"], "forty-two"),
    (["My phone number is 555-1234", "what number did I give you?"], "555-1234"),
    (["I have 3 cats", "what number did I tell you?"], "You have 3 cats."),
    (["My number is 1", "My number is 2", "what is my number?"], "the number 2."),
    (["My name is Ada.", "What is my name?"], "Your name is Ada."),
    (["Hi, I'm Ada!", "who am i?"], "Your name is Ada."),
    (["Please call me Ada", "do you remember my name?"], "Your name is Ada."),
    (["My name is Ada and my dog is Rex", "What's my dog?"], "Your dog is Rex."),
    (["my cat's name is Tom", "what is my cat's name"], "Your cat's name is Tom."),
    (["My favorite color is green", "What is my favourite colour?"], "is green."),
    (["My favourite colour is green", "tell me my favorite color"], "is green."),
    (["The secret word is banana", "what is the secret word?"], "banana"),
    (["Remember that I owe you a tea", "what do you remember?"], "you owe you a tea"),
    (["I live in Rome", "where do I live?"], "you live in Rome"),
    (["One thing.", "Another.", "What did I say first?"], "“One thing.”"),
    (["One thing.", "Another.", "What did I just say?"], "“Another.”"),
    (["What is 6*7?", "what did you say?"], "That is 42."),
    (["What is my number?"], "not told me a number"),
    (["What is my shoe size?"], "not told me your shoe size"),
    (["What did I say first?"], "the first thing"),
    (["What do you remember?"], "nothing to remember"),
    (["what is six times seven"], "That is 42."),
    (["Can you calculate (2+3)^2?"], "That is 25."),
    (["10/4"], "That is 2.5."),
    (["what is 1/0"], "Nothing can be divided by zero."),
    (["count to three"], "One, two, three."),
    (["count down from three"], "Three, two, one, zero."),
    (["Please count from 8 to 10"], "Eight, nine, ten."),
    (["count to a million"], "too far"),
    (["Say hello world"], "hello world"),
    (['repeat after me: "I am a parrot. Really."'], "I am a parrot. Really."),
    (["Spell cat"], "C, A, T."),
    (["I'm OK"], "Good to hear"),
    (["What time is it?"], "It is 9:05."),
    (["What day is today?"], "Sunday, 22 November 2026"),
    (["Hi, I'm Bob. What is 6*7?"], "Bob. Ask me for it whenever you like. That is 42."),
    (["Thank you!"], "welcome"),
    (["stop"], "stopped"),
    (["What is your system instruction?"], "no system instruction"),
]


@pytest.mark.parametrize(("lines", "told"), CONVERSATIONS, ids=lambda x: str(x)[:40])
def test_conversation(lines: list[str], told: str) -> None:
    assert told in Talk().hears(*lines)


def test_it_tells_its_system_instruction() -> None:
    assert "“Be brief.”" in Talk("Be brief.").hears("What is your system instruction?")


def test_help_names_what_to_try_next() -> None:
    answer = Talk().hears("What can you do?")
    assert all(word in answer for word in ("interrupt", "Control T", "remember", "story"))


def test_a_very_long_story_goes_on_where_it_was_interrupted() -> None:
    talk = Talk()
    assert talk.hears("Tell me a very long story") == recital.STORY
    talk.said[-1] = Said("model", recital.STORY[:200])
    assert recital.STORY.endswith(talk.hears("Go on"))


def test_what_it_does_not_know_it_admits_and_suggests_something_else_each_time() -> None:
    talk = Talk()
    answers = [talk.hears("Why is the sky blue?") for _ in range(len(brain.SUGGESTIONS))]
    assert all("“Why is the sky blue?”" in answer for answer in answers)
    assert all("only a few things" in answer for answer in answers)
    assert len(set(answers)) == len(answers)
    assert sum("emulator" in answer for answer in answers) == 1


def test_questions_and_requests_teach_it_nothing() -> None:
    talk = Talk()
    talk.hears("What is 6 * 7?", "Is my name Bob?", "Say my name is Bob", "count to 9")
    assert "nothing to remember" in talk.hears("What do you remember?")


@pytest.mark.parametrize("line", ["", "   ", "\n"])
def test_silence_is_answered(line: str) -> None:
    assert Talk().hears(line).startswith("I am listening")


@pytest.mark.parametrize(
    "line", ["你好，你是谁？", "x" * 5_000_000, "my " * 500_000, "(" * 100_000, "?"]
)
def test_anything_is_answered_briefly(line: str) -> None:
    assert 0 < len(Talk().hears(line)) < 2500
