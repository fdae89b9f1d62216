from __future__ import annotations

import pytest

from tests.recorded import Session, timeline_of
from tui.core.sound_track import SoundTrack


def track(play: Session) -> SoundTrack:
    return timeline_of(play.log()).sound


def test_an_answer_is_heard_from_its_start_to_its_flush() -> None:
    play = Session()
    play.connect()
    for number in range(4):
        play.at(1.0 + number / 10).voice(0.5)
    play.at(1.5).tell("playback.started", turn=1)
    play.at(2.3).tell("playback.flushed", turn=1, heard_s=0.8, received_s=2.0)
    play.at(2.3).says(interrupted=True)
    play.at(2.4).voice(0.5)
    found = track(play)
    assert found.known
    assert found.at(1.49) is None
    playing = found.at(2.2)
    assert playing is not None
    assert playing.offset_s(2.2) == pytest.approx(0.7)
    piece = playing.answer.piece(0.7)
    assert piece is not None
    assert (piece.row, round(piece.offset_s, 3)) == (playing.answer.rows[1], 0.2)
    assert found.at(2.31) is None, "what came after the interruption was never heard"
    assert playing.answer.received_by(playing.answer.rows[1]) == 1.0
    assert playing.answer.piece(99.0) is None


def test_without_playback_events_answers_are_laid_out_at_arrival() -> None:
    play = Session()
    play.connect()
    play.at(1.0).voice(1.0)
    play.at(1.2).voice(1.0)
    play.at(1.3).says(turnComplete=True)
    play.at(2.0).voice(1.0)
    found = track(play)
    assert not found.known
    second = found.at(3.5)
    assert second is not None
    assert (second.answer.turn, second.span.start_s) == (2, 3.0), "one after the other"
    assert second.offset_s(3.5) == pytest.approx(0.5)
    assert found.at(4.1) is None


def test_an_interruption_ends_what_was_laid_out() -> None:
    play = Session()
    play.connect()
    play.at(1.0).voice(5.0)
    play.at(2.0).says(interrupted=True)
    play.at(2.1).voice(1.0)
    play.at(2.2).says(turnComplete=True)
    found = track(play)
    assert found.at(1.9) is not None
    assert found.at(2.05) is None


def test_what_is_played_again_begins_where_it_was_cut() -> None:
    play = Session()
    play.connect()
    play.at(1.0).voice(3.0)
    play.at(1.1).tell("playback.started", turn=1)
    play.at(2.1).tell("playback.flushed", turn=1, heard_s=1.0, received_s=3.0)
    play.at(4.0).tell("replay.started", turn=1)
    play.at(5.0).tell("replay.flushed", turn=1, heard_s=1.0, received_s=2.0)
    again = track(play).at(4.5)
    assert again is not None
    assert again.span.look == "replay"
    assert again.offset_s(4.5) == pytest.approx(1.5)
    assert track(play).at(5.1) is None


def test_events_of_answers_that_never_came_say_nothing() -> None:
    play = Session()
    play.connect()
    play.at(1.0).tell("playback.started", turn=7)
    play.at(1.0).tell("playback.started", turn="x")
    play.at(2.0).tell("playback.drained", turn=7, heard_s=1.0)
    assert not track(play).known
