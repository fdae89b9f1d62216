"""Sessions and their turns as flat rows, for JSON, Parquet and tables.

The columns are a contract: they may be added to, but none changes its name, type or meaning. Words
of the conversation are in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from tui.core import cost, latency
from tui.core.cost import Prices
from tui.core.latency import TOOL, Marks
from tui.core.session import Session
from tui.core.statistics import Statistics
from tui.core.turn import Turn, Usage

TEXT, INTEGER, REAL, FLAG, TIME = "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ"
"""Types in SQL's words; every column may be null, which is "not known"."""

MODALITIES: Final = ("TEXT", "AUDIO", "IMAGE", "VIDEO")
PERCENTS: Final = (50, 95)

Row = dict[str, Any]
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Column(Generic[Subject]):
    """A column: its name, type and meaning, and how its value is read off the subject."""

    name: str
    type: str
    meaning: str
    value: Callable[[Subject], Any]


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """What the columns of a turn are read from."""

    session: str
    turn: Turn
    marks: Marks | None
    """None without an answer, or in a recording without times."""
    cost: cost.Cost

    @property
    def usage(self) -> Usage:
        """Its token counts; zeros without any."""
        return self.turn.usage or Usage()


def session_row(figures: Statistics) -> Row:
    """A row of the table of sessions."""
    return {column.name: column.value(figures) for column in SESSIONS}


def turn_rows(name: str, session: Session, prices: Prices, *, timed: bool) -> Iterator[Row]:
    """Rows of the table of turns; ``name`` is the session's."""
    for turn in session.turns:
        marks = latency.marks(turn) if timed else None
        figures = TurnFigures(name, turn, marks, cost.of_turn(turn, prices))
        yield {column.name: column.value(figures) for column in TURNS}


def _utc(seconds: float | None) -> str | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):  # no such year: the recording lies
        return None


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{what}: {count}" for what, count in counts.items())


def _tokens() -> Iterator[tuple[str, str, Callable[[Usage], Any]]]:
    """The columns of token counts: name, meaning, value."""
    yield "tokens_prompt", "of the whole context, each turn anew", lambda usage: usage.prompt
    yield "tokens_response", "of the answers", lambda usage: usage.response
    yield "tokens_thoughts", "of thoughts", lambda usage: usage.thoughts
    yield "tokens_tools", "of prompts of the service's own tools", lambda usage: usage.tools
    yield "tokens_total", "as the server adds up", lambda usage: usage.total
    for name in MODALITIES:
        yield (
            f"tokens_prompt_{name.lower()}",
            f"{name} tokens of the context",
            lambda usage, name=name: usage.prompt_by.get(name, 0),  # type: ignore[misc]
        )
        yield (
            f"tokens_response_{name.lower()}",
            f"{name} tokens of the answers",
            lambda usage, name=name: usage.response_by.get(name, 0),  # type: ignore[misc]
        )


def _measured() -> Iterator[Column[Statistics]]:
    """Number and percentiles of each measure."""
    for key, name in latency.NAMES.items():
        yield Column(
            f"{key}_n",
            INTEGER,
            f"how often measured: {name}",
            lambda each, key=key: len(each.measures[key].values_s),  # type: ignore[misc]
        )
        for percent in PERCENTS:
            yield Column(
                f"{key}_p{percent}_s",
                REAL,
                f"seconds, {latency.METHOD}",
                lambda each, key=key, percent=percent: each.measures[key].percentile_s(percent),  # type: ignore[misc]
            )


def _found(severity: str) -> Column[Statistics]:
    return Column(
        f"findings_{severity}",
        INTEGER,
        f"findings of the severity {severity}; null where nobody looked",
        lambda each: None if each.findings is None else each.findings.get(severity, 0),
    )


SESSIONS: Final[tuple[Column[Statistics], ...]] = (
    Column("session", TEXT, "the file, as it was given", lambda each: each.name),
    Column("started", TIME, "first record", lambda each: _utc(each.started_s)),
    Column("model", TEXT, "of the first connection", lambda each: each.model or None),
    Column("models", TEXT, "of all connections", lambda each: ", ".join(each.models) or None),
    Column("origin", TEXT, "who answered: emulator, or the service", lambda x: x.origin or None),
    Column("lasted_s", REAL, "first record to last", lambda each: each.lasted_s),
    Column("connected_s", REAL, "connections were open", lambda each: each.connected_s),
    Column("connections", INTEGER, "how many were begun", lambda each: each.connections),
    Column("close_code", INTEGER, "of the last connection", lambda each: each.close_code),
    Column("messages_sent", INTEGER, "by the client", lambda each: each.sent.messages),
    Column("messages_received", INTEGER, "from the server", lambda each: each.received.messages),
    Column("bytes_sent", INTEGER, "of payloads", lambda each: each.sent.size),
    Column("bytes_received", INTEGER, "of payloads", lambda each: each.received.size),
    Column("messages_unknown", INTEGER, "with what the SDK drops", lambda each: each.unknown),
    Column("turns", INTEGER, "all", lambda each: each.turns.total),
    Column("passages", INTEGER, "of sessions without turns", lambda each: each.passages),
    Column("turns_answered", INTEGER, "with content of the model", lambda x: x.turns.answered),
    Column("turns_interrupted", INTEGER, "of the answered ones", lambda x: x.turns.interrupted),
    Column("turns_cut", INTEGER, "the connection ended first", lambda each: each.turns.cut),
    Column(
        "interruption_rate", REAL, "interrupted / answered", lambda x: x.turns.interruption_rate
    ),
    Column("tool_calls", INTEGER, "asked by the model", lambda each: each.turns.calls),
    Column("tool_calls_answered", INTEGER, "", lambda each: each.turns.calls_answered),
    Column("audio_sent_s", REAL, "silence too", lambda each: each.talk.sent_s),
    Column("audio_received_s", REAL, "heard or not", lambda each: each.talk.received_s),
    Column("user_speech_s", REAL, "the person spoke", lambda each: each.talk.user_s),
    Column("user_speech_by", TEXT, "the witness of that", lambda x: x.talk.user_by or None),
    Column("model_speech_s", REAL, "heard, else received", lambda each: each.talk.model_s),
    Column("user_talk_share", REAL, "user / (user + model) speech", lambda x: x.talk.user_share),
    *(
        Column(name, INTEGER, meaning, lambda each, value=value: value(each.usage))  # type: ignore[misc]
        for name, meaning, value in _tokens()
    ),
    Column("cost_estimate_usd", REAL, "never a bill; null: no price", lambda x: x.cost.dollars),
    Column(
        "cost_complete",
        FLAG,
        "every token has a price in it",
        lambda each: each.cost.dollars is not None and not each.cost.unpriced,
    ),
    Column("prices_dated", TEXT, "the price table's day", lambda each: each.prices_dated or None),
    Column("cost_note", TEXT, "the estimate in words", lambda each: each.cost.text),
    Column("latency_anchors", TEXT, "turns by anchor", lambda x: _counted(x.anchors) or None),
    *_measured(),
    Column("audio_gaps", INTEGER, "audio later than its playback", lambda x: x.turns.gaps),
    Column("audio_gap_s", REAL, "how much later, together", lambda each: each.turns.gap_s),
    Column("underruns", INTEGER, "the speaker ran dry", lambda each: each.turns.underruns),
    *map(_found, ("error", "warn", "note")),
)


def _tool_s(figures: TurnFigures) -> float | None:
    if figures.marks is None:
        return None
    return sum(part.lasted_s for part in figures.marks.parts if part.name == TOOL)


def _marked(value: Callable[[Marks], Any]) -> Callable[[TurnFigures], Any]:
    return lambda figures: None if figures.marks is None else value(figures.marks)


def _stopped(value: Callable[[latency.Stop], Any]) -> Callable[[TurnFigures], Any]:
    return _marked(lambda marks: None if marks.stop is None else value(marks.stop))


TURNS: Final[tuple[Column[TurnFigures], ...]] = (
    Column("session", TEXT, "as in the table of sessions", lambda each: each.session),
    Column("turn", INTEGER, "number, from 1", lambda each: each.turn.number),
    Column(
        "model",
        TEXT,
        "that it was held with",
        lambda each: each.turn.connection.model if each.turn.connection else None,
    ),
    Column("started_s", REAL, "since the session's beginning", lambda x: x.turn.started_s),
    Column("typed", FLAG, "not spoken", lambda each: each.turn.typed),
    Column("anchor", TEXT, "of the latency, or why none", _marked(lambda x: x.anchor)),
    Column("first_byte_s", REAL, "end of input to it", _marked(lambda x: x.to_first_byte_s)),
    Column("sound_s", REAL, "end of input to it", _marked(lambda each: each.to_sound_s)),
    Column("tool_s", REAL, "of that, tool calls", _tool_s),
    Column("audio_received_s", REAL, "heard or not", lambda each: each.turn.audio_s),
    Column("audio_heard_s", REAL, "really played", lambda each: each.turn.heard_s),
    Column("audio_gaps", INTEGER, "audio later than its playback", lambda x: x.turn.gaps),
    Column("audio_gap_s", REAL, "how much later, together", lambda each: each.turn.gap_s),
    Column("underruns", INTEGER, "the speaker ran dry", lambda each: each.turn.underruns),
    Column("interrupted", FLAG, "", lambda each: each.turn.interrupted_s is not None),
    Column("interrupted_by", TEXT, "an estimate", lambda x: x.turn.interrupted_by or None),
    Column("interruption_s", REAL, "wish to `interrupted`", _stopped(lambda x: x.confirm_s)),
    Column("silence_s", REAL, "wish to silence", _stopped(lambda each: each.silence_s)),
    Column("tool_calls", INTEGER, "asked by the model", lambda each: len(each.turn.calls)),
    Column("cut", FLAG, "the connection ended first", lambda each: each.turn.cut),
    Column("reason", TEXT, "`turnCompleteReason`", lambda each: each.turn.reason or None),
    *(
        Column(name, INTEGER, meaning, lambda each, value=value: value(each.usage))  # type: ignore[misc]
        for name, meaning, value in _tokens()
    ),
    Column("cost_estimate_usd", REAL, "never a bill", lambda each: each.cost.dollars),
)
