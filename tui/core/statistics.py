"""A session in figures: how long, how much, how fast, what it costs, who talks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui.core import cost, latency
from tui.core.captions import Caption
from tui.core.cost import Cost, Prices
from tui.core.journal import JournalError
from tui.core.latency import Measure
from tui.core.log import SessionLog
from tui.core.session import Session
from tui.core.turn import Turn, Usage

SENT, RECEIVED = ord("s"), ord("r")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Messages of one direction, and the bytes of their payloads."""

    messages: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Turns:
    """Counts of turns and tool calls."""

    total: int = 0
    answered: int = 0
    interrupted: int = 0
    cut: int = 0
    """The connection ended before they did."""
    calls: int = 0
    calls_answered: int = 0
    gaps: int = 0
    gap_s: float = 0.0
    underruns: int | None = None
    """None where no record tells of any speaker."""

    @property
    def interruption_rate(self) -> float | None:
        """Interrupted turns of those that had an answer."""
        return self.interrupted / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Talk:
    """Seconds of speech of both sides."""

    user_s: float | None = None
    user_by: str = ""
    """The witness (`tui.core.utterances`); silence on the wire does not count as speech."""
    model_s: float = 0.0
    """What was heard of the answers, or received where the journal tells of no playback."""
    sent_s: float = 0.0
    """All audio sent, silence too."""
    received_s: float = 0.0

    @property
    def user_share(self) -> float | None:
        """Of the seconds in which either side spoke."""
        if self.user_s is None or not self.user_s + self.model_s:
            return None
        return self.user_s / (self.user_s + self.model_s)


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it; what is not known is None."""

    name: str
    """Of the file."""
    model: str
    """Of the first connection; `models` has all."""
    models: tuple[str, ...]
    origin: str
    """Who answered: "emulator", or the service as the journal names it."""
    started_s: float | None
    """Unix time of the first record."""
    lasted_s: float | None
    """From the first record to the last; None where the recording has no times."""
    connected_s: float | None
    """Connections were open so long."""
    connections: int
    close_code: int | None
    """Of the last connection; None while it is open, or where none was told."""
    sent: Traffic
    received: Traffic
    unknown: int
    """Messages with something that the SDK does not know."""
    turns: Turns
    passages: int
    """Of sessions without turns (`tui.core.captions`)."""
    talk: Talk
    usage: Usage
    cost: Cost
    prices_dated: str
    """The day of the price table that the estimate is from."""
    measures: Mapping[str, Measure]
    """By the names of `tui.core.latency.measures`."""
    anchors: Mapping[str, int]
    """What the latencies were measured from, or why they were not: turns by anchor."""
    findings: Mapping[str, int] | None = field(default=None)
    """By severity; None where nobody looked."""


def statistics(
    log: SessionLog, name: str, prices: Prices, findings: Mapping[str, int] | None = None
) -> Statistics:
    """The figures of a log that has been read to its end."""
    session, timed = log.session, is_timed(log)
    first = session.opened[0] if session.opened else None
    return Statistics(
        name=name,
        model=first.model if first else "",
        models=tuple(dict.fromkeys(each.model for each in session.opened)),
        origin=first.origin if first else "",
        started_s=_started_s(log) if timed else None,
        lasted_s=log.mono_s[-1] - log.mono_s[0] if timed and len(log) else None,
        connected_s=_connected_s(session) if timed else None,
        connections=session.connections,
        close_code=session.connection.code if session.connection else None,
        sent=_traffic(log, SENT),
        received=_traffic(log, RECEIVED),
        unknown=sum(log.unknown),
        turns=_turns(session),
        passages=len(session.captions.passages),
        talk=_talk(session) if timed else Talk(sent_s=session.utterances.sent_s),
        usage=session.usage,
        cost=cost.of_session(session, prices),
        prices_dated=prices.dated,
        measures=latency.measures(session if timed else Session()),
        anchors=Counter(each.anchor for each in latency.all_marks(session)) if timed else {},
        findings=findings,
    )


def is_timed(log: SessionLog) -> bool:
    """Whether the recording's source had times; without them no record is later than another."""
    return log.header.get("timed") is not False


def _connected_s(session: Session) -> float:
    return sum(
        (session.now_s if each.closed_s is None else each.closed_s) - each.open_s
        for each in session.opened
        if each.open_s is not None
    )


def _started_s(log: SessionLog) -> float | None:
    try:
        return log.glance(0).time_s if len(log) else None
    except JournalError:
        return None


def _traffic(log: SessionLog, direction: int) -> Traffic:
    passed = [size for size, way in zip(log.sizes, log.directions, strict=True) if way == direction]
    return Traffic(len(passed), sum(passed))


def _turns(session: Session) -> Turns:
    turns = session.turns
    calls = [call for turn in turns for call in turn.calls]
    ran_dry = [turn.underruns for turn in turns if turn.underruns is not None]
    return Turns(
        total=len(turns),
        answered=sum(turn.answered for turn in turns),
        interrupted=sum(turn.answered and turn.interrupted_s is not None for turn in turns),
        cut=sum(turn.cut for turn in turns),
        calls=len(calls),
        calls_answered=sum(call.answered_s is not None for call in calls),
        gaps=sum(turn.gaps for turn in turns) + session.captions.gaps,
        gap_s=sum(turn.gap_s for turn in turns) + session.captions.gap_s,
        underruns=sum(ran_dry) if ran_dry else None,
    )


def _talk(session: Session) -> Talk:
    spoken = session.utterances.best_spoken
    user_s, user_by = (None, "") if spoken is None else spoken
    if spoken is None and not session.utterances.sent_s:
        user_s, user_by = 0.0, "no audio was sent"
    captions = (each for passage in session.captions.passages for each in passage.targets)
    spoken_by_model: list[Turn | Caption] = [*session.turns, *captions]
    return Talk(
        user_s,
        user_by,
        sum(each.audio_s if each.heard_s is None else each.heard_s for each in spoken_by_model),
        session.utterances.sent_s,
        sum(each.audio_s for each in spoken_by_model),
    )
