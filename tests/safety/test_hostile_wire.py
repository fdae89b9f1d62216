"""A server that tries to steer the terminal and the app with everything it can name.

The app runs on a real terminal, every pane shows what came, and the mouse clicks on it.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.pseudo_terminal import LEFT, Terminal
from tests.stage import API_KEY, Peer, stage
from tui.core.text import safe
from tui.outcome import Outcome

F1, F3, F4, ESCAPE, CTRL_Q, CTRL_T = "\x1bOP", "\x1bOR", "\x1bOS", "\x1b", "\x11", "\x14"

HELP = "In this help"
"""Stands in the help, and nowhere else."""

CLICK = "[@click=app.quit]"


def hostile(tag: str) -> str:
    """Clipboard, colour, title, link, device and bidi controls in both spellings, and markup."""
    return (
        f"\x1b]52;c;{tag}\x07\x9b6666m\x9d52;c;{tag}\x9c\x1b[6666m\u202e{CLICK}{tag}[/][/nope]"
        f"\x1bP{tag}\x1b\\\x1b]8;;http://{tag}\x1b\\\u2066\u200b\r\n\x00\x7f\x08"
    )


def reason(tag: str) -> str:
    """The same in the 123 bytes of a close frame."""
    return f"\x1b]52;c;{tag}\x07\x9b6666m{CLICK}{tag}[/][/nope]\u202e"


SHOWN = re.compile(r"(?:(?:␛|\\u001b)(?:\]52;c;|P)|\[@click=app\.quit\])(\w{3})")
"""A tag on the screen, beside the picture of ESC or its name in JSON, or beside literal markup."""


def part(**fields: Any) -> dict[str, Any]:
    return {"serverContent": {"modelTurn": {"parts": [fields]}}}


def blob(mime_type: str) -> dict[str, Any]:
    return part(inlineData={"mimeType": mime_type, "data": "AAAA"})


def evil(**fields: str) -> dict[str, str]:
    """Fields with a hostile value each, named by their tags."""
    return {name: hostile(tag) for name, tag in fields.items()}


MESSAGES: list[dict[str, Any]] = [
    {"sessionResumptionUpdate": {"newHandle": hostile("hnd"), "resumable": True}},
    part(text=hostile("tho"), thought=True),
    part(executableCode=evil(language="lan", code="cod")),
    part(codeExecutionResult=evil(outcome="oco", output="out")),
    part(text=hostile("txt")),
    blob(hostile("mim")),
    blob("image/" + hostile("img")),
    blob("audio/" + hostile("aud")),
    part(inlineData={"data": hostile("bad"), "mimeType": "audio/pcm"}),
    {"serverContent": {"outputTranscription": evil(text="otr", languageCode="olc")}},
    {"serverContent": {"inputTranscription": evil(text="itr")}},
    {"serverContent": {"groundingMetadata": {"webSearchQueries": [hostile("gro")]}}},
    {"toolCall": {"functionCalls": [{**evil(id="tid", name="tnm"), "args": evil(arg="arg")}]}},
    {"toolCall": {"functionCalls": [{"name": "f", "args": {hostile("key"): 1}}]}},
    {"toolCallCancellation": {"ids": [hostile("tcc")]}},
    {hostile("unk"): {hostile("unn"): hostile("unv")}},
    {"serverContent": {hostile("uns"): hostile("uno")}},
    {"usageMetadata": {"promptTokensDetails": [{"modality": hostile("umo"), "tokenCount": 5}]}},
    {"usageMetadata": evil(totalTokenCount="utc", trafficType="utt")},
    {"goAway": evil(timeLeft="gol")},
    {"error": evil(code="ecd", message="err")},
    {"serverContent": hostile("typ")},
    {"serverContent": {"turnCompleteReason": hostile("tcr"), "generationComplete": True}},
    {"voiceActivity": evil(type="voi")},
]

RUBBISH = [
    ("{" + hostile("bro")).encode(),
    hostile("raw").encode(),
    b"\xff" + hostile("bin").encode(),
    hostile("lat").encode("latin-1", "ignore"),
]

TAGS = {
    tag
    for message in [*MESSAGES, {"setupComplete": evil(sessionId="sid")}]
    for tag in re.findall(r"\]52;c;(\w{3})\\u0007", json.dumps(message))
} | {"bro", "raw", "bin", "lat", "mod", "cls"}


async def attack(peer: Peer) -> None:
    """Everything at once, at the first question; on cue the last word."""
    await peer.accept(**evil(sessionId="sid"))
    await peer.hear()
    await peer.send(*(json.dumps(each, ensure_ascii=False).encode() for each in MESSAGES))
    await peer.send(*RUBBISH)
    await peer.send({"serverContent": {"turnComplete": True}})
    await peer.cue()
    await peer.close(1008, reason("cls"))


def test_nothing_of_it_acts(tmp_path: Path) -> None:
    model = hostile("mod").replace("\x00", "").replace("/", "")
    with (
        stage(tmp_path, attack) as played,
        Terminal(
            "--model",
            model,
            "--mic",
            "off",
            "--no-reconnect",
            environ={**played.environment, "SSH_TTY": "1"},
        ) as terminal,
    ):
        wait_for(terminal, "Ready")
        terminal.press("hello\r")
        wait_for(terminal, "ended by the server")
        walk(terminal)
        click_around(terminal)
        played.give_cue()
        wait_for(terminal, "Closed 1008")
        toast(terminal)
        click_around(terminal)
        assert not clipboards(terminal.raw), "nothing was copied before it was asked for"
        copied = copies(terminal)
        terminal.press(CTRL_Q)
        assert terminal.end() == Outcome.OK
    assert set(SHOWN.findall(drawn(terminal.raw))) == TAGS, "each in a form that does nothing"
    assert copied, "what is copied on purpose is harmless, too"
    assert all(safe(text, lines=True) == text for text in copied)
    assert raw_controls(terminal.raw) == []
    assert API_KEY.encode() not in terminal.raw


def test_a_hostile_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", API_KEY)
    host = "\x1b[52;c;hst\x07\x9b6666m]@click=app.quit.invalid"
    with Terminal(environ={"GOOGLE_GEMINI_BASE_URL": f"https://user:secret@{host}"}) as terminal:
        wait_for(terminal, "No connection")
        terminal.press(CTRL_Q)
        assert terminal.end() == Outcome.OK
    assert raw_controls(terminal.raw) == []
    assert b"secret" not in terminal.raw


def wait_for(terminal: Terminal, words: str) -> None:
    """Until they are on the screen."""
    terminal.until(lambda text: words in text)


def walk(terminal: Terminal) -> None:
    """Look at each message as tree and as text, at some as bytes, and at each family."""
    terminal.press(F3)
    wait_for(terminal, "Fold all")
    total = int(re.findall(r"All (\d+)", terminal.text)[0])
    for view, count in (("tree", total), ("raw text", total), ("bytes", 4)):
        wait_for(terminal, f" {view} ")
        terminal.click(*terminal.places(f" {view} ")[0])
        terminal.press("g")
        for number in range(1, count + 1):
            wait_for(terminal, f" #{number}  ")
            terminal.press("j")
    for family in "23451":
        terminal.press(family)


def toast(terminal: Terminal) -> None:
    """A notification that names the model."""
    before = len(terminal.raw)
    terminal.press(CTRL_T)
    terminal.until(lambda _: "TEXT." in drawn(terminal.raw[before:]))


def click_around(terminal: Terminal) -> None:
    """Click on what says it can be clicked on, in each pane; the app still does what it should."""
    places = terminal.places(CLICK)
    assert places
    for column, line in {places[0], places[-1], *places[::6]}:
        terminal.click(column + 3, line)
    terminal.press(F1)
    wait_for(terminal, HELP)
    terminal.press(ESCAPE)
    terminal.until(lambda text: HELP not in text)


def copies(terminal: Terminal) -> list[str]:
    """Copy rows and messages, which the terminal is asked to put on the clipboard."""
    terminal.press(F3)
    wait_for(terminal, "Fold all")
    for count, keys in enumerate(("gy", "Y", "jjjjjjy", "Y"), 1):
        terminal.press(keys)
        terminal.until(lambda _, count=count: len(clipboards(terminal.raw)) == count)  # type: ignore[misc]
    return clipboards(terminal.raw)


def clipboards(raw: bytes) -> list[str]:
    """What the terminal was told to put on the clipboard."""
    return [
        base64.b64decode(data).decode() for data in re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", raw)
    ]


OURS = re.compile(
    rb"\x1b\[[?<>=]?[0-9;:]*[ $]?[A-Za-z]"  # colours, cursor, modes
    rb"|\x1b\]22;[a-z]+\x07"  # the shape of the mouse pointer
    rb"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"  # a copy that was asked for, see `clipboards`
)

CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069]"
)


def drawn(raw: bytes) -> str:
    """What was written on the screen, less the sequences that say where and how."""
    return OURS.sub(b"", raw).decode(errors="replace")


def raw_controls(raw: bytes) -> list[str]:
    """The surroundings of each control that the app did not write for itself."""
    assert LEFT in raw
    foreign = re.findall(rb"\x1b\[6666m", raw)
    text = drawn(raw)
    found = [text[max(0, at.start() - 20) : at.end() + 20] for at in CONTROLS.finditer(text)]
    return [*found, *map(repr, foreign)]
