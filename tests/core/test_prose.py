from __future__ import annotations

from typing import Any

import pytest

from tui.core import prose
from tui.core.connection import Connection
from tui.core.conversation import Conversation
from tui.core.grounding import Grounding, Source, Support
from tui.core.playback import Playback
from tui.core.prose import Hearing, Paragraph, Span, Tone
from tui.core.session import Session
from tui.core.tool_call import ToolCall
from tui.core.turn import Lane, Piece, Turn, Usage

MODEL = Span("gemini-3.8-live", Tone.MODEL)
UNPLAYED = Hearing(None, waits=False)
WORDS = "one two three four"


def answered(*pieces: Piece, **fields: Any) -> Turn:
    return Turn(
        1, 2.0, asked_s=2.0, ended_s=2.0, first_content_s=2.25, pieces=list(pieces), **fields
    )


def spoken(**fields: Any) -> Turn:
    return answered(Piece(Lane.SPEECH, WORDS), audio_s=4.0, **fields)


def texts(paragraphs: list[Paragraph]) -> list[str]:
    return ["".join(span.text for span in each.spans) for each in paragraphs]


def said(turn: Turn, hearing: Hearing = UNPLAYED) -> list[str]:
    return texts(prose.paragraphs(turn, MODEL, hearing))


def spans(turn: Turn, hearing: Hearing) -> list[Span]:
    return [span for each in prose.paragraphs(turn, MODEL, hearing) for span in each.spans]


def test_a_typed_question_and_its_answer() -> None:
    turn = answered(
        Piece(Lane.TEXT, "Yes."), user="Hello?", typed=True, completed_s=3.0, usage=Usage(total=12)
    )
    assert said(turn) == [
        "You  0:02 · typed",
        "Hello?",
        "gemini-3.8-live  0:02",
        "Yes.",
        "0.25 s to text · 12 tok",
        "",
    ]


def test_an_interim_transcription_stands_apart_with_a_cursor() -> None:
    turn = Turn(1, 2.0, user="Hello", user_interim=" wor")
    assert spans(turn, UNPLAYED)[2:] == [Span("Hello", Tone.ASKED), Span(" wor▌", Tone.INTERIM)]


@pytest.mark.parametrize(
    ("share", "heard"),
    [
        (-1.0, ""),
        (0.0, ""),
        (0.25, "one"),
        (0.5, "one two"),
        (0.9, "one two three four"),
        (1.0, WORDS),
    ],
)
def test_the_heard_part_ends_with_a_word(share: float, heard: str) -> None:
    assert WORDS[: prose.heard_length(WORDS, share)] == heard


def test_a_script_without_spaces_is_heard_by_characters() -> None:
    assert prose.heard_length("今日はとても", 0.5) == 3


@pytest.mark.parametrize(
    ("hearing", "expected"),
    [
        (
            Hearing(2.0, waits=True),
            [Span("one two", Tone.ANSWER), Span(" three four", Tone.UNHEARD)],
        ),
        (Hearing(2.0, waits=False), [Span("one two", Tone.ANSWER), Span(" three four", Tone.CUT)]),
        (Hearing(4.0, waits=False), [Span(WORDS, Tone.ANSWER)]),
        (Hearing(3.96, waits=False), [Span(WORDS, Tone.ANSWER)]),
        (Hearing(None, waits=True), [Span(WORDS, Tone.UNHEARD)]),
        (UNPLAYED, [Span(WORDS, Tone.ANSWER)]),
    ],
)
def test_words_are_dim_until_heard_and_struck_when_they_never_will_be(
    hearing: Hearing, expected: list[Span]
) -> None:
    answer = prose.paragraphs(spoken(), MODEL, hearing)[1]
    assert list(answer.spans) == expected


def test_the_heard_part_goes_on_after_a_thought_between_two_spoken_pieces() -> None:
    turn = answered(
        Piece(Lane.SPEECH, "one two"),
        Piece(Lane.THOUGHT, "hm"),
        Piece(Lane.SPEECH, " three four"),
        audio_s=4.0,
    )
    found = [span for span in spans(turn, Hearing(3.0, waits=True)) if span.tone is not Tone.NOTE]
    assert found[1:] == [
        Span("one two", Tone.ANSWER),
        Span("hm", Tone.THOUGHT),
        Span(" three", Tone.ANSWER),
        Span(" four", Tone.UNHEARD),
    ]


@pytest.mark.parametrize(
    ("words", "turn", "hearing"),
    [
        (
            "✂ interrupted · heard 1.0 of 4.0 s",
            spoken(interrupted_s=5.0),
            Hearing(1.0, waits=False),
        ),
        ("✂ interrupted · not played", spoken(interrupted_s=5.0), UNPLAYED),
        ("✂ interrupted", answered(Piece(Lane.TEXT, "Yes"), interrupted_s=5.0), UNPLAYED),
        ("heard 1.0 of 4.0 s", spoken(), Hearing(1.0, waits=False)),
        ("not played", spoken(), UNPLAYED),
        (
            "the connection was lost before this turn was complete",
            Turn(1, 2.0, user="Hello?", cut=True, completed_s=3.0),
            UNPLAYED,
        ),
        (
            "ended by the server: MALFORMED_FUNCTION_CALL",
            answered(reason="MALFORMED_FUNCTION_CALL"),
            UNPLAYED,
        ),
        (
            "this turn has text and no audio: nothing was spoken",
            answered(Piece(Lane.UNSPOKEN, "Hello"), completed_s=3.0),
            UNPLAYED,
        ),
    ],
)
def test_how_a_turn_ended_is_said_in_words(words: str, turn: Turn, hearing: Hearing) -> None:
    assert words in said(turn, hearing)


def test_nothing_is_said_of_the_end_while_the_answer_still_plays() -> None:
    assert said(spoken(), Hearing(1.0, waits=True)) == ["gemini-3.8-live  0:02", WORDS, ""]


@pytest.mark.parametrize(
    ("lane", "line", "tone"),
    [
        (Lane.THOUGHT, "thought  a", Tone.THOUGHT),
        (Lane.UNSPOKEN, "unspoken text  a", Tone.UNSPOKEN),
        (Lane.CODE, "code  a", Tone.CODE),
        (Lane.RESULT, "result  a", Tone.RESULT),
    ],
)
def test_what_is_not_the_answer_has_a_marked_lane(lane: Lane, line: str, tone: Tone) -> None:
    paragraph = prose.paragraphs(answered(Piece(lane, "a")), MODEL, UNPLAYED)[1]
    assert texts([paragraph]) == [line]
    assert paragraph.gutter == Span("  │ ", tone)


def test_code_of_many_lines_begins_under_its_label() -> None:
    assert "code\nfor x in y:\n    print(x)" in said(
        answered(Piece(Lane.CODE, "for x in y:\n    print(x)\n"))
    )


@pytest.mark.parametrize(
    ("outcome", "output", "line"),
    [
        ("OUTCOME_OK", "42\n", "result  42"),
        ("OUTCOME_OK", "", "result  nothing was printed"),
        ("OUTCOME_FAILED", "a\nb", "failed\na\nb"),
        ("OUTCOME_DEADLINE_EXCEEDED", "", "took too long  nothing was printed"),
        ("OUTCOME_\x1b", "", "OUTCOME_␛  nothing was printed"),
    ],
)
def test_an_outcome_is_said_in_words(outcome: str, output: str, line: str) -> None:
    assert said(answered(Piece(Lane.RESULT, output, outcome)))[1] == line


def test_words_that_rest_on_sources_are_marked_behind_what_was_heard() -> None:
    found = Grounding(("one?",), (Source("A", "https://a.example/x"),), (Support("one two", (1,)),))
    turn = spoken(grounding=found)
    assert spans(turn, Hearing(1.0, waits=True))[2:] == [
        Span("one", Tone.ANSWER),
        Span(" two", Tone.UNHEARD),
        Span("[1]", Tone.SOURCE),
        Span(" three four", Tone.UNHEARD),
        Span("searched  ", Tone.NOTE),
        Span("one?", Tone.ANSWER),
        Span("[1] ", Tone.SOURCE),
        Span("A", Tone.LINK, "https://a.example/x"),
        Span("  a.example/x", Tone.NOTE),
    ]


def test_marks_fall_into_written_words_though_blank_lines_around_them_are_left_out() -> None:
    support = Support("Yes.", (1, 2))
    turn = answered(
        Piece(Lane.TEXT, "\n\nNo. Yes. No.\n"), grounding=Grounding(supports=(support,))
    )
    assert said(turn)[1] == "No. Yes.[1][2] No."


def test_of_very_many_sources_the_first_are_listed() -> None:
    sources = tuple(Source(f"page {number}") for number in range(prose.MOST_SOURCES + 3))
    turn = answered(Piece(Lane.TEXT, "Yes."), grounding=Grounding(sources=sources))
    assert said(turn)[-2:] == ["and 3 more", ""]


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("now()  → pending", ToolCall("1", "now", None, 2.0)),
        ('now(zone="UTC")  → ✓ 412 ms', ToolCall("1", "now", {"zone": "UTC"}, 2.0, 2.412)),
        ("now([1, 2])  → ⊘ cancelled", ToolCall("1", "now", [1, 2], 2.0, None, 3.0)),
    ],
)
def test_a_tool_call_says_what_came_of_it(line: str, call: ToolCall) -> None:
    assert line in said(answered(calls=[call]))


def test_a_long_argument_is_cut() -> None:
    call = ToolCall("1", "save", {"text": "x" * 500}, 2.0)
    assert len(said(answered(calls=[call]))[1]) < 120


def test_a_slow_answer_is_marked() -> None:
    turn = answered(Piece(Lane.TEXT, "Yes."), completed_s=9.0)
    turn.first_content_s = 3.5
    assert Span("1.50 s to text", Tone.WARNING) in spans(turn, UNPLAYED)


@pytest.mark.parametrize("origin", ["emulator", "gemini", "vertex"])
def test_only_the_emulator_is_called_so_and_never_gemini(origin: str) -> None:
    name = prose.speaker(Connection("gemini-3.8-live", "AUDIO", origin, "host", "new", 0, 0.0))
    expected = Span("LOCAL EMULATOR", Tone.EMULATOR) if origin == "emulator" else MODEL
    assert name == expected


HOSTILE = "a\x1b[2Jb\x9b31mc\x1b]52;c;aGk=\x07d\u202ee[@click=app.bell]x[/]"


def test_no_captured_string_keeps_what_acts_on_a_terminal() -> None:
    turn = answered(
        *(Piece(lane, HOSTILE) for lane in Lane),
        user=HOSTILE,
        user_interim=HOSTILE,
        reason=HOSTILE,
        audio_s=1.0,
        calls=[ToolCall("1", HOSTILE, {HOSTILE: HOSTILE}, 2.0)],
    )
    speaker = prose.speaker(Connection(HOSTILE, "AUDIO", "gemini", "host", "new", 0, 0.0))
    everything = "".join(texts(prose.paragraphs(turn, speaker, Hearing(0.5, waits=True))))
    assert everything.count("[@click=app.bell]x[/]") == len(Lane) + 6
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(everything)


PLAYING = Playback(1, 4.0, 1.5, playing=True, device="default")


def session(turn: Turn, *, at: int = 0, view: str = "audio", playing: int = 1) -> Session:
    return Session(conversation=Conversation([turn], at), view=view, playing_turn=playing)


@pytest.mark.parametrize(
    ("expected", "state", "playback"),
    [
        (Hearing(1.5, waits=True), session(spoken()), PLAYING),
        (Hearing(1.5, waits=True), session(spoken(), at=1), PLAYING),
        (Hearing(1.5, waits=True), session(spoken(heard_s=1.0)), PLAYING),
        (Hearing(1.0, waits=False), session(spoken(heard_s=1.0), playing=0), PLAYING),
        (Hearing(1.5, waits=False), session(spoken(interrupted_s=3.0)), PLAYING),
        (Hearing(None, waits=True), session(spoken()), Playback(device="default")),
        (UNPLAYED, session(spoken(), at=1), Playback(device="default")),
        (UNPLAYED, session(spoken(), view="text view"), PLAYING),
        (UNPLAYED, session(spoken()), Playback(device="default", problem="unplugged")),
        (UNPLAYED, session(spoken()), Playback()),
    ],
)
def test_what_was_heard_is_known_from_the_journal_or_the_speaker(
    expected: Hearing, state: Session, playback: Playback
) -> None:
    assert Hearing.of(state.turns[0], state, playback) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"user": "Hello"},
        {"user_interim": "Hel"},
        {"audio_s": 5.0},
        {"interrupted_s": 3.0},
        {"completed_s": 3.0},
        {"first_played_s": 3.0},
        {"cut": True},
        {"reason": "SAFETY"},
        {"usage": Usage(total=3)},
        {"calls": [ToolCall("1", "now", {}, 2.0)]},
        {"pieces": [Piece(Lane.SPEECH, WORDS + " five")]},
        {"pieces": [Piece(Lane.SPEECH, WORDS), Piece(Lane.THOUGHT, "")]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_fingerprint_changes_with_what_is_shown(change: dict[str, Any]) -> None:
    turn = spoken()
    before = prose.fingerprint(turn)
    assert prose.fingerprint(spoken()) == before
    for name, value in change.items():
        setattr(turn, name, value)
    assert prose.fingerprint(turn) != before
