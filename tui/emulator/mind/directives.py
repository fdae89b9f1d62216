"""What a user can type to bring a case about: ``/tool NAME {json}``, ``/goaway 5``, and so on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tui.core.fault import Fault, FaultError
from tui.emulator.mind import execution, grounding, recital, requests
from tui.emulator.mind.arguments import Unfillable
from tui.emulator.mind.memory import quoted
from tui.emulator.refusal import REASON_BYTES
from tui.emulator.session.scene import Scene
from tui.emulator.session.steps import (
    OK,
    Call,
    FunctionCall,
    GoAway,
    HangUp,
    Inject,
    Say,
    Silence,
    Step,
    Think,
)
from tui.emulator.session.toolbox import spelt

Answer = Callable[[str], tuple[Step, ...]]
"""What is answered to a text without directives."""

LONGEST_S = 3600.0
GO_AWAY_S = 5.0

_DIRECTIVE = re.compile(r"\s*/([a-z]+)(?:\s+(.*?))?\s*", re.S)
_MORE_THOUGHT = (
    "I was told to think. I am a table of small skills, so there is little to weigh: "
    "I look for the skill that answers, and say what it says."
)


def followed(text: str, scene: Scene, answer: Answer) -> tuple[Step, ...] | None:
    """The steps that the directive asks for; None when ``text`` is none."""
    found = _DIRECTIVE.fullmatch(text)
    if found is None:
        return None
    directive = _DIRECTIVES.get(found[1])
    if directive is None:
        return (Say(f"There is no directive /{found[1]}. There are {_names()}."),)
    return directive[1](found[2] or "", scene, answer)


def called(calls: tuple[FunctionCall, ...], scene: Scene) -> tuple[Step, ...]:
    """Calls the functions; says so where the model does not wait for them."""
    if any(scene.tools.waits(one.name) for one in calls):
        return (Call(calls),)
    names = [spelt(one.name) for one in calls]
    told = f"I have called {' and '.join(dict.fromkeys(names))}. We can talk on meanwhile."
    return Call(calls), Say(told)


def _long(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    return (Say(recital.STORY),)


def _tool(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    name, _, given = rest.partition(" ")
    function = scene.tools.function(name)
    if function is None:
        declared = ", ".join(one.name for one in scene.tools.functions) or "none"
        problem = f"This session has not declared a function {quoted(name)}"
        if not name:
            problem = "/tool wants the name of a function"
        return (Say(f"{problem}; declared: {declared}."),)
    try:
        arguments = _arguments(given) if given.strip() else None
    except ValueError as error:
        return (Say(f"The arguments of {name} are no JSON object: {error}."),)
    if arguments is None:
        try:
            arguments = requests.filled(function, "", scene.now.date())
        except Unfillable as failure:
            return (Say(f"I cannot call {name}. {failure}"),)
    return called((FunctionCall(name, arguments),), scene)


def _arguments(given: str) -> dict[str, Any]:
    try:
        arguments = json.loads(given, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(arguments, dict):
        raise ValueError(f"it is {quoted(given)}")
    return arguments


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _search(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    if not scene.tools.search:
        return (Say("This session cannot search: declare the tool googleSearch in its setup."),)
    if not rest:
        return (Say("Say what to search for: /search oscilloscopes."),)
    return grounding.searched(rest)


def _code(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    if not scene.tools.code:
        return (Say("This session runs no code: declare the tool codeExecution in its setup."),)
    return coded(rest or "6 * 7")


def coded(code: str) -> tuple[Step, ...]:
    """Runs the code, and says what came of it."""
    ran = execution.run(code)
    came = "The code printed" if ran.outcome == OK else "The code failed:"
    return ran, Say(f"{came} {ran.output.strip()}{'' if ran.output.strip()[-1] in '.!' else '.'}")


def _think(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    steps = answer(rest) if rest else (Say("I have thought about it."),)
    answered = tuple(step for step in steps if not isinstance(step, Think))
    if scene.thoughts:
        return Think(_MORE_THOUGHT), *answered
    hidden = "This session does not show thoughts: set thinkingConfig.includeThoughts to true."
    return Think(_MORE_THOUGHT), Say(f"{hidden} "), *answered


def _silence(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    return (Silence(),)


def _go_away(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*s?", rest or f"{GO_AWAY_S}")
    if found is None or float(found[1]) > LONGEST_S:
        return (Say(f"Say in how many seconds, at most {LONGEST_S:g}: /goaway 5."),)
    seconds = float(found[1])
    return GoAway(seconds), Say(f"I will close the connection in {seconds:g} seconds.")


def _close(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    code, _, reason = (rest or "1011 Internal error encountered.").partition(" ")
    try:
        fault = Fault.of_row({"name": "close", "code": code})
    except FaultError as error:
        return (Say(f"{error} Try: /close 1011 reason."),)
    cut = reason.encode(errors="ignore")[:REASON_BYTES].decode(errors="ignore")
    return (HangUp(int(fault.values["code"]), cut),)


def _fault(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    try:
        fault = Fault.read(rest)
    except FaultError as error:
        return (Say(str(error)),)
    return Say(f"The fault {fault} is armed."), Inject(fault)


def _help(rest: str, scene: Scene, answer: Answer) -> tuple[Step, ...]:
    return (Say(" ".join(does for does, _ in _DIRECTIVES.values())),)


def _names() -> str:
    names = [f"/{name}" for name in _DIRECTIVES]
    return f"{', '.join(names[:-1])} and {names[-1]}"


_DIRECTIVES: dict[str, tuple[str, Callable[[str, Scene, Answer], tuple[Step, ...]]]] = {
    "long": ("/long tells a very long story.", _long),
    "tool": ("/tool NAME {json} calls a declared function.", _tool),
    "search": ("/search words gives an answer with made-up sources.", _search),
    "code": ("/code 6*7 runs a sum as code.", _code),
    "think": ("/think words answers with a thought first.", _think),
    "silence": ("/silence gets no answer at all.", _silence),
    "goaway": ("/goaway 5 ends the connection in 5 seconds.", _go_away),
    "close": ("/close 1011 reason closes it at once.", _close),
    "fault": ("/fault NAME sets off a fault.", _fault),
    "help": ("/help says this.", _help),
}
