"""The emulator's brain: what it answers to what was said.

It is a table of small skills and no language model, and it never passes for Gemini. Pure: the
conversation and the time come in, steps go out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tui.emulator.mind import (
    arithmetic,
    continuation,
    directives,
    grounding,
    memory,
    recital,
    requests,
)
from tui.emulator.mind.arguments import Unfillable
from tui.emulator.session.conversation import Said, pending
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import Call, Code, Ground, Say, Silence, Step, Think
from tui.emulator.session.toolbox import spelt

WHO = (
    "I am the local emulator of bidiscope, a small program on your own computer. I am not Gemini "
    "and no language model: I know a few things, so that you can try your client without a key."
)

HELLO = (
    "Hello! Yes, I am here, but I am not Gemini: I am bidiscope's local emulator, on your own "
    "computer. Tell me a number and ask me for it later, or say help to hear what I can do."
)

HELP = (
    "Here is what you can try. Tell me your name or a number, and ask what I remember. "
    "Ask me for a very long story and interrupt me with Escape. "
    "Press Control T to see my words as text. "
    "Speak to me, or send me a picture, and ask what I heard or what I see. "
    "I can also count to ten, tell the time, spell a word, say what you tell me to say, and work "
    "out sums like 6 times 7. Slash help lists what else can be typed. To talk to the real Gemini, "
    "set an API key and connect again."
)

SUGGESTIONS = (
    "Say help, and I will tell you what works.",
    "Try: what is 6 times 7?",
    "Tell me your favourite colour, and ask me for it later.",
    "Ask me for a very long story, and interrupt it.",
    "Ask me to count to twenty.",
    "I am only a local emulator; with an API key you can ask the real Gemini.",
)


Skill = Callable[[str, Scene], str | None]
"""Answers the last sentence of the conversation, or leaves it to the next skill by None."""


def answer(scene: Scene) -> tuple[Step, ...]:
    """The answer to the end of the conversation, or to the responses; never empty."""
    if scene.responses:
        return (Say(" ".join(one.words for one in scene.responses)),)
    heard = [text for text in pending(scene.said) if text.strip()]
    if not heard:
        return (Say(_unspoken(scene)),)
    told = directives.followed(heard[-1], scene, lambda text: _replied([text], scene))
    return told or _replied(heard, scene)


def _replied(heard: list[str], scene: Scene) -> tuple[Step, ...]:
    """The answer to what was said, with a thought before it where the session thinks."""
    # Turns that were appended without an end of turn may be one sentence in pieces.
    tries = dict.fromkeys([heard[-1], " ".join(heard)])
    told = ((text, _tried(text, scene)) for text in tries)
    text, steps = next(((text, steps) for text, steps in told if steps), (heard[-1], None))
    thoughts = (Think(_thought(text, steps)),) if scene.thinking else ()
    return thoughts + (steps or (Say(_unknown(text, scene)),))


def _tried(text: str, scene: Scene) -> tuple[Step, ...] | None:
    """The rest of an answer, a tool's, or one in words; None when there is none of them."""
    if rest := continuation.rest(text, scene):
        return (Say(rest),)
    if steps := _with_tools(text, scene):
        return steps
    words = _answer(text, scene)
    return (Say(words),) if words else None


def _with_tools(heard: str, scene: Scene) -> tuple[Step, ...] | None:
    text = _lower(memory.bare(heard))
    if re.fullmatch(_SAY_NOTHING, text):
        return (Silence(),)
    try:
        asked = [
            requests.calls(sentence, scene.tools.functions, scene.now.date())
            for sentence in memory.sentences(heard)
        ]
    except Unfillable as failure:
        return (Say(f"I cannot call the function. {failure}"),)
    if calls := tuple(call for calls in asked for call in calls):
        return directives.called(calls, scene)
    if scene.tools.search and (found := re.match(_SEARCH, memory.bare(heard), re.I)):
        return grounding.searched(found[1])
    if scene.tools.code and (asked_sum := _asked_sum(heard)) and _sum(heard, scene):
        return directives.coded(asked_sum)
    return None


def _thought(heard: str, steps: tuple[Step, ...] | None) -> str:
    """How the answer was found; there is no more to it."""
    match steps:
        case (Call(functions), *_):
            names = " and ".join(dict.fromkeys(spelt(one.name) for one in functions))
            found = f"The words ask for {names}, which the client offers, so I call it."
        case (Code(), *_):
            found = "That is a sum, so I run it as code."
        case (_, Ground()):
            found = "That asks for a search, and this session has one."
        case None:
            found = "None of my skills answers that, so I say so."
        case _:
            found = "One of my skills answers that."
    return f"I heard {memory.quoted(heard)}. {found}"


def _unspoken(scene: Scene) -> str:
    """The answer where no words have come."""
    if any(one.spoken_s for one in scene.said[-1:]):
        return scene.heard
    if any(one.images for one in scene.said[-1:]):
        return scene.seen
    return "I am listening. Say something, or say help."


def _answer(heard: str, scene: Scene) -> str | None:
    """A recital may be of many sentences; all else is answered one sentence at a time."""
    if told := recital.recite(heard):
        return told
    answers: dict[str, None] = {}
    said = list(scene.said[:-1])
    for sentence in memory.sentences(heard):
        so_far = replace(scene, said=said)
        told = next((told for skill in SKILLS if (told := skill(sentence, so_far))), None)
        answers |= {told: None} if told else {}
        said.append(Said("user", sentence))
    return " ".join(answers) or _small_talk(heard)


_SEARCH = (
    r"(?:search|google|look up|find out)(?: (?:the web|the internet|google|online))?"
    r"(?: for| about| on)? (.+)"
)
_SAY_NOTHING = r"(?:say nothing|(?:don't|do not) (?:answer|reply)|(?:be|stay|keep) silent)"
_KIND = (
    r"\b(?:are you|is this|am i (?:talking|speaking) (?:to|with))\b.*"
    r"\b(?:gemini|google|real|human|person|ai|bot|robot|machine|emulator|language model|llm)\b"
)


def _identity(heard: str, scene: Scene) -> str | None:
    text = _lower(heard)
    if re.search(r"\bare you (?:still )?(?:there|here|listening|awake|with me)\b", text):
        return HELLO
    asks_who = re.search(r"\b(?:who|what) (?:exactly )?are you\b|\byour name\b", text)
    asks_kind = re.search(_KIND, text) or re.search(r"\b(?:which|what) (?:ai )?model\b", text)
    return WHO if asks_who or asks_kind else None


def _recall(heard: str, scene: Scene) -> str | None:
    return None if memory.learn(heard) else memory.recall(heard, scene.said)


def _again(heard: str, scene: Scene) -> str | None:
    """Says its last words again, or goes on with the story, though another session began it."""
    text, last = _lower(memory.bare(heard)), scene.before
    if re.fullmatch(r"(?:go on|continue|carry on|keep going)(?: please)?", text):
        told = last.text.strip() if last else ""
        return recital.STORY.partition(told)[2].strip() or None if len(told) > 20 else None
    if not re.match(
        r"(?:what did you (?:just )?say|say (?:that|it) again|repeat that|pardon)", text
    ):
        return None
    return last.text if last and last.text else "I have not said anything yet."


_SEE = (
    r"\bwhat (?:can|do|did) you (?:just |now )?see\b|\b(?:you can|can you|do you) see\b|^see\b"
    r"|\b(?:look at|describe) (?:this|that|the|my)\b|\bwhat(?:'s| is) (?:this|that)$"
    r"|\bwhat am i (?:holding|showing)\b"
    r"|\b(?:in|on) (?:the|my|this) (?:picture|image|photo|video|camera|screen)\b"
)
_HEAR = r"\bwhat (?:can|do|did) you (?:just |now )?hear\b|\b(?:can|do|did) you hear\b|^hear\b"


def _senses(heard: str, scene: Scene) -> str | None:
    text = _lower(heard)
    if re.search(_SEE, text):
        return scene.seen
    return scene.heard if re.search(_HEAR, text) else None


def _instruction(heard: str, scene: Scene) -> str | None:
    if not re.search(r"\byour (?:system )?(?:instructions?|prompt)\b", _lower(heard)):
        return None
    if not scene.instruction:
        return "This session has no system instruction."
    return f"My system instruction says: {memory.quoted(scene.instruction)}"


def _help(heard: str, scene: Scene) -> str | None:
    asked = r"^help\b|\bwhat can (?:you|i) (?:do|say|try|ask)\b|\bhow does this work\b"
    return HELP if re.search(asked, _lower(memory.bare(heard))) else None


def _asked_sum(heard: str) -> str | None:
    """What is to be worked out, if anything is."""
    text = _lower(memory.bare(heard))
    asked = re.sub(r"^(?:what(?:'s| is)|how much is|calculate|compute|work out)\s+", "", text)
    if asked == text and re.fullmatch(r"[\d-]+", text):
        return None  # a telephone number or a date
    return asked


def _sum(heard: str, scene: Scene) -> str | None:
    asked = _asked_sum(heard)
    try:
        result = arithmetic.evaluate(asked) if asked else None
    except arithmetic.ArithmeticFailure as failure:
        return str(failure)
    return None if result is None else f"That is {arithmetic.told(result)}."


def _time(heard: str, scene: Scene) -> str | None:
    text, now = _lower(heard), scene.now
    if re.search(r"\bwhat time\b|\bthe time\b", text):
        return f"It is {now.hour}:{now:%M}."
    if re.search(r"\b(?:what|which) (?:day|date)\b|\b(?:the|today's) date\b", text):
        return f"Today is {now:%A}, {now.day} {now:%B} {now.year}."
    return None


def _learned(heard: str, scene: Scene) -> str | None:
    facts = [str(fact) for fact in memory.learn(heard)]
    if not facts:
        return None
    return f"I will remember that {', and that '.join(facts)}. Ask me for it whenever you like."


def _small_talk(heard: str) -> str | None:
    text = _lower(heard)
    return next((told for asked, told in SMALL_TALK if re.search(asked, text)), None)


def _unknown(heard: str, scene: Scene) -> str:
    turn = sum(one.role == "user" for one in scene.said) - 1
    suggestion = SUGGESTIONS[turn % len(SUGGESTIONS)]
    return f"I heard {memory.quoted(heard)}, but I know only a few things. {suggestion}"


def _lower(text: str) -> str:
    return memory.plainly(text).lower().rstrip(" .!?")


SMALL_TALK = (
    (r"^(?:hello|hi|hey|good (?:morning|afternoon|evening))\b", HELLO),
    (r"\bi(?: am|'m) (?:fine|good|well|ok|okay)\b", f"Good to hear. {SUGGESTIONS[0]}"),
    (r"\bhow are you\b", "All my tests are green, thank you. What shall we try?"),
    (r"\bthank(?:s| you)\b", "You are welcome. What shall we try next?"),
    (r"^(?:good)?bye\b|\bgood night\b|\bsee you\b", "Goodbye. It was good to talk with you."),
    (r"^(?:stop|wait|quiet|be quiet|enough|never mind)\b", "I have stopped. What shall we try?"),
    (r"^(?:yes|no|okay|ok|sure|good|great|nice|cool|right)$", f"Good. {SUGGESTIONS[1]}"),
    (r"^test(?:ing)?\b", "Testing works: I read you, and you hear or read me."),
)

SKILLS: tuple[Skill, ...] = (
    _identity,
    _senses,
    _recall,
    _again,
    _instruction,
    _help,
    _sum,
    _time,
    _learned,
)
