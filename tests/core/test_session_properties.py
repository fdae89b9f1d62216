from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.core.frame import Direction
from tui.core.journal import Journal, MemoryStorage
from tui.core.recording import read_line
from tui.core.secrets import Mask
from tui.core.session import Session

BLOB = {"mimeType": "audio/pcm;rate=24000", "data": "AAAAAAAA"}
ASK = {
    "clientContent": {"turns": [{"role": "user", "parts": [{"text": "q"}]}], "turnComplete": True}
}


def tree(integers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | integers | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    )


JSON = tree(st.integers())
OURS = tree(st.integers(-(2**63), 2**63 - 1))
"""What an event can say: it is ours, and no JSON of a server's."""
FIELDS = st.sampled_from(
    ["modelTurn", "outputTranscription", "inputTranscription", "interrupted", "turnComplete"]
)
SENT = st.one_of(
    st.just(ASK),
    st.just({"realtimeInput": {"text": "q"}}),
    st.just({"clientContent": {"turnComplete": False}}),
    st.just({"toolResponse": {"functionResponses": [{"id": "a", "name": "f", "response": {}}]}}),
    st.builds(lambda value: {"setup": value}, JSON),
)
RECEIVED = st.one_of(
    st.just({"setupComplete": {}}),
    st.just({"serverContent": {"modelTurn": {"parts": [{"inlineData": BLOB}]}}}),
    st.just({"serverContent": {"outputTranscription": {"text": "a"}}}),
    st.just({"serverContent": {"inputTranscription": {"text": "u"}}}),
    st.just({"serverContent": {"interrupted": True}}),
    st.just({"serverContent": {"generationComplete": True}}),
    st.just({"serverContent": {"turnComplete": True}, "usageMetadata": {"totalTokenCount": 7}}),
    st.just({"usageMetadata": {"totalTokenCount": 9}}),
    st.just({"toolCall": {"functionCalls": [{"id": "a", "name": "f"}]}}),
    st.just({"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}}),
    st.builds(lambda field, value: {"serverContent": {field: value}}, FIELDS, JSON),
    st.builds(lambda value: {"toolCall": value, "goAway": value}, JSON),
)
EVENTS = st.tuples(
    st.sampled_from(["connection.opening", "connection.closed", "interrupt", "view", "error"])
    | st.sampled_from(["playback.started", "playback.flushed", "playback.drained", "interrupted"]),
    st.fixed_dictionaries(
        {"turn": st.integers(0, 4), "heard_s": st.floats(0, 9), "model": OURS, "sent": OURS}
    ),
)
STEPS = st.lists(
    st.one_of(
        SENT.map(lambda message: ("send", message)),
        RECEIVED.map(lambda message: ("receive", message)),
        EVENTS.map(lambda event: ("event", event)),
    ),
    max_size=25,
)


def played(steps: list[tuple[str, Any]]) -> tuple[Session, list[bytes]]:
    """The session of these steps, and the journal lines that they left."""
    storage, session, lines = MemoryStorage(), Session(), []
    journal = Journal(storage, {}, Mask())
    for number, (kind, value) in enumerate(steps):
        now = {"time_s": 0.0, "mono_s": number / 10}
        if kind == "event":
            record, place = journal.event(value[0], value[1], **now)
            session.apply(record)
        else:
            frame, place = journal.frame(Direction(kind), 1, json.dumps(value).encode(), **now)
            session.apply(frame)
        lines.append(storage.read(place.offset, place.length))
    return session, lines


@given(STEPS)
@settings(max_examples=150)
def test_a_journal_folded_again_gives_the_same_session(steps: list[tuple[str, Any]]) -> None:
    session, lines = played(steps)
    again = Session()
    for line in lines:
        record = read_line(line)
        assert not isinstance(record, dict)
        again.apply(record)
    assert again == session


@given(STEPS)
@settings(max_examples=150)
def test_turns_stay_in_order_whatever_comes(steps: list[tuple[str, Any]]) -> None:
    session, _ = played(steps)
    conversation = session.conversation
    assert [turn.number for turn in session.turns] == list(range(1, len(session.turns) + 1))
    assert all(turn.completed_s is not None for turn in session.turns[: conversation.at])
    assert all(turn.completed_s is None for turn in session.turns[conversation.at :])
    counted = [turn.usage for turn in session.turns] + [each.replayed for each in session.opened]
    assert session.usage.total == sum(usage.total for usage in counted if usage)
