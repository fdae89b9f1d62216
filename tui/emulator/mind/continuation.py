"""Going on with an answer that was cut short, from the words that were heard of it. Pure."""

from __future__ import annotations

import re

from tui.emulator.mind import memory
from tui.emulator.session.scene import Scene

FEWEST_CHARS = 20
"""A shorter answer is not recognised as the beginning of another one."""
_ASKED = re.compile(r"\b(?:go on|continue|carry on|keep going)\b", re.I)
_BARE = re.compile(r"(?:go on|continue|carry on|keep going)(?: please)?[ .!?]*", re.I)
_QUOTED = re.compile(r'heard[^"]{0,40}"…?([^"]+)"')
_NONE_HEARD = re.compile(r"\bheard (?:none|the first)\b", re.I)
_MARKS = str.maketrans("", "", '"“”')
_LOST = "I do not have the rest of that answer any more, so I cannot go on with it."


def rest(heard: str, scene: Scene) -> str | None:
    """What follows the words that were quoted, or that left last; None where it is not asked for.

    An answer that was cut is remembered whole for a while, one that was sent to its end for good.
    """
    text = memory.plainly(heard)
    if _BARE.fullmatch(memory.bare(heard)):
        return _after_sent(scene)
    if not _ASKED.search(text) or "interrupted" not in text:
        return None
    if found := _QUOTED.search(text):
        return _after(_words(found[1]), scene) or _LOST
    return (scene.cut[-1] if scene.cut and _NONE_HEARD.search(text) else None) or _LOST


def _after_sent(scene: Scene) -> str | None:
    """The rest of the answer that was cut last, if that was the last one."""
    told = scene.before.text.strip() if scene.before else ""
    if len(told) <= FEWEST_CHARS:
        return None
    return next((left for whole in reversed(scene.cut) if (left := _rest(whole, told))), None)


def _after(quoted: str, scene: Scene) -> str:
    """The rest of the newest answer in which the words stand."""
    sent = (one.text for one in scene.said if one.role == "model")
    known = [*sent, *scene.cut]
    return next((left for whole in reversed(known) if (left := _rest(_words(whole), quoted))), "")


def _rest(whole: str, told: str) -> str:
    return whole.partition(told)[2].lstrip(" .,;:!?").rstrip()


def _words(text: str) -> str:
    """As it is compared: without quotation marks, single spaces."""
    return " ".join(text.replace("’", "'").translate(_MARKS).split())
