from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from tests.exporters.sessions import answer, exported, log_of, noise, speak
from tests.rehearsal import Rehearsal, conversation
from tui.core.journal import JournalError
from tui.core.redaction import Level
from tui.exporters.markdown import escape

HOSTILE = (
    "<script>x</script> **b** [l](javascript:x) `c` \x1b[31m # h\n1. a --> b\n\n2\n\u202e&amp;"
)


def said(words: str) -> Rehearsal:
    play = Rehearsal()
    play.connect("TEXT")
    play.ask(words)
    play.write(words)
    play.complete()
    return play


def text(play: Rehearsal, form: str, level: Level = Level.CREDENTIALS) -> str:
    return exported(play, form, level).decode()


# ---- Markdown


def test_markdown_tells_the_conversation() -> None:
    page = text(conversation(), "md")
    assert "## 2. " in page
    assert "> Tell me a very long story." in page
    assert "*Interrupted, 1.2 s of 3.4 s heard*" in page
    assert "**Thought**\n\n> recall" in page
    assert page.index("My number is 4711") < page.index("I will remember")


def test_markdown_has_code_by_its_language_and_sources_with_links() -> None:
    play = said("How?")
    part = {"executableCode": {"language": "PYTHON", "code": "print(1 / 0)\n"}}
    play.receive(serverContent={"modelTurn": {"parts": [part]}})
    part = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "  1 / 0\n"}}
    play.receive(serverContent={"modelTurn": {"parts": [part]}})
    chunks = [
        {"web": {"uri": "https://a.example/(1)", "title": "[A](x)"}},
        {"web": {"uri": "javascript:alert(1)", "title": "B"}},
    ]
    found = {"groundingChunks": chunks, "webSearchQueries": ["how"]}
    play.receive(serverContent={"groundingMetadata": found})
    page = text(play, "md")
    assert "**Code**\n\n```python\nprint(1 / 0)\n```" in page
    assert "**Failed**\n\n```\n  1 / 0\n```" in page
    assert "Searched: how\n\n1. [\\[A\\](x)](<https://a.example/(1)>)\n2. B\n" in page
    assert "a.example" not in text(play, "md", Level.TEXT)


def test_markdown_of_hostile_words_is_only_words() -> None:
    page = text(said(HOSTILE), "md")
    for harm in ("<script", "**b**", "](", "\x1b", "\u202e", "&amp;"):
        assert harm not in re.sub(r"\\.", "", page), harm
    quoted = [line for line in page.splitlines() if "script" in line]
    assert all(line.startswith("> ") for line in quoted) and len(quoted) == 2


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("a *b* _c_", r"a \*b\* \_c\_"),
        ("1. one", r"1\. one"),
        ("it is 3.5, e.g.", "it is 3.5, e.g."),
        ("- x\n+ y\n# z\n> q", "\\- x\n\\+ y\n\\# z\n\\> q"),
        ("well-known", "well-known"),
        ("---", r"\---"),
        ("a <b> & c | d ~~e~~", r"a \<b\> \& c \| d \~\~e\~\~"),
    ],
)
def test_escapes_what_markdown_would_take_for_its_own(raw: str, escaped: str) -> None:
    assert escape(raw) == escaped


def test_a_tools_arguments_cannot_end_their_block() -> None:
    play = said("call it")
    args = {"a": "```\n# out\n````"}
    play.receive(toolCall={"functionCalls": [{"name": "f`*", "id": "1", "args": args}]})
    page = text(play, "md")
    fences = re.findall("^`+$", page, re.MULTILINE)
    assert fences == ["`````", "`````"]
    assert r"Tool f\`\*, unanswered" in page


# ---- subtitles


def cues(subtitles: str) -> list[tuple[float, float, str]]:
    """Start, end and text of the cues of either format."""
    time = r"(\d\d):(\d\d):(\d\d)[,.](\d{3})"
    found = re.findall(rf"{time} --> {time}\n(.*?)\n\n", subtitles, re.DOTALL)
    return [
        (
            sum(int(n) * u for n, u in zip(row[0:4], (3600, 60, 1, 0.001), strict=True)),
            sum(int(n) * u for n, u in zip(row[4:8], (3600, 60, 1, 0.001), strict=True)),
            row[8],
        )
        for row in found
    ]


def spoken() -> Rehearsal:
    """A spoken question, an answer of three sentences of a second each, played from 2.0 s on, cut
    after 2.5 s."""
    play = Rehearsal()
    play.connect()
    speak(play, noise(1.0, 16_000))
    play.receive(serverContent={"inputTranscription": {"text": "tell me"}})
    for number in ("first", "second", "third"):
        words = f"This is the {number} sentence of the long answer. "
        answer(play, noise(1.0, 24_000), words=words)
    play.engine.clock.mono_s = 2.01
    play.event("playback.started", 0.0, turn=1)
    play.event("playback.flushed", 2.5, turn=1, heard_s=1.5, received_s=3.0)
    play.receive(serverContent={"interrupted": True})
    return play


@pytest.mark.parametrize("form", ["srt", "vtt"])
def test_subtitles_stand_where_the_words_are_heard(form: str) -> None:
    asked, first, second = cues(text(spoken(), form))
    assert asked[0] == pytest.approx(1.03, abs=0.02) and "tell me" in asked[2]
    assert [*first[:2], *second[:2]] == pytest.approx([2.0, 3.0, 3.0, 3.5])
    assert "first" in first[2] and "second" in second[2]


def test_srt_is_numbered_and_its_words_are_no_markup() -> None:
    subtitles = text(said(HOSTILE + " {\\an8} <b>x</b>"), "srt")
    assert re.findall(r"^(\d+)\n\d\d:", subtitles, re.MULTILINE) == ["1", "2"]
    assert len(cues(subtitles)) == 2
    for _, _, words in cues(subtitles):
        assert not set("<>{}\\\x1b\u202e") & set(words) and "-->" not in words
        assert "" not in words.split("\n"), "an empty line ends a cue"


def test_vtt_escapes_what_is_markup() -> None:
    subtitles = text(said(HOSTILE), "vtt")
    assert subtitles.startswith("WEBVTT\n\n")
    assert len(cues(subtitles)) == 2
    for _, _, words in cues(subtitles):
        voice, _, rest = words.partition(">")
        assert voice in ("<v You", "<v Model")
        assert "<" not in rest and ">" not in rest and "&lt;script&gt;" in rest
        assert "&amp;amp;" in rest


def test_nobody_said_a_word() -> None:
    with pytest.raises(JournalError, match="Nobody said a word"):
        exported(Rehearsal(), "srt")


# ---- tables


def test_csv_has_a_line_for_each_record_and_ends_lines_as_the_rfc_says() -> None:
    data = exported(conversation(), "csv")
    log = log_of(conversation())
    assert data.count(b"\r\n") == len(log) + 1
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [int(row["seq"]) for row in rows] == list(log.seqs)
    assert [row["kind"] for row in rows] == [" ".join(log.kinds(row)) for row in range(len(log))]
    assert rows[1]["direction"] == "send" and rows[0]["direction"] == "event"
    assert float(rows[5]["delta_s"]) == pytest.approx(log.mono_s[5] - log.mono_s[4])


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C'!A0"]
)
def test_no_cell_of_text_is_a_formula(formula: str) -> None:
    play = Rehearsal()
    play.event(formula)
    play.receive(**{formula: 1})
    for row in csv.DictReader(io.StringIO(text(play, "csv"), newline="")):
        assert row["kind"].startswith("'") or row["kind"][0] == "␉"


def test_no_cell_acts_on_a_terminal() -> None:
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", text(said(HOSTILE), "csv"))


def test_jsonl_has_all_facts_and_of_media_how_much() -> None:
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in exported(conversation(), "jsonl").splitlines()
    ]
    log = log_of(conversation())
    assert len(rows) == len(log)
    [sound] = next(row["facts"] for row in rows if row["kind"] == "serverContent.modelTurn.audio")
    assert sound["value"] == {
        "mimeType": "audio/pcm;rate=24000",
        "data": None,
        "data_bytes": 11520,
    }
    assert rows[0]["detail"]["host"] == "localhost:41234"
    assert any(fact["unknown"] == ["brandNew"] for row in rows for fact in row.get("facts", ()))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_message_too_deep_for_json_is_a_row_all_the_same(form: str) -> None:
    play = Rehearsal()
    deep: Any = 1
    for _ in range(600):
        deep = [deep]
    play.receive(toolCall={"functionCalls": [{"name": "f", "args": {"a": deep}}]})
    lines = text(play, form).splitlines()
    assert "toolCall" in lines[-1]
    assert len(lines) == (2 if form == "csv" else 1)


@pytest.mark.parametrize("form", ["md", "srt", "vtt", "csv", "jsonl"])
def test_at_the_level_text_no_word_is_left(form: str) -> None:
    page = text(said("Ann is here."), form, Level.TEXT)
    assert "Ann" not in page
    assert "characters removed" in page.replace("\n", " ").replace("\\", "")
