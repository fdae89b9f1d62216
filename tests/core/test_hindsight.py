from __future__ import annotations

import base64

import pytest

from tests.media.films import RED, jpeg
from tests.recorded import Session, timeline_of
from tui.core import playhead
from tui.core.hindsight import Hindsight
from tui.core.instant import Instant
from tui.core.log import SessionLog
from tui.core.playback import SILENCE_DB


def instants(log: SessionLog, *times_s: float) -> list[Instant]:
    """What was known at these times."""
    hindsight = Hindsight(log, timeline_of(log))
    places = [playhead.at_time(log, time_s) for time_s in times_s]
    return [hindsight.instant(place, log.state_at(place.row)) for place in places]


def test_the_speaker_as_it_was() -> None:
    play = Session()
    play.connect()
    play.at(1.0).voice(1.0, 0.1)
    play.at(1.1).tell("speaker", device="headset", problem="")
    play.at(1.1).tell("playback.started", turn=1)
    play.at(1.2).voice(1.0, 0.5)
    play.at(3.1).tell("playback.drained", turn=1, heard_s=2.0)
    play.at(4.0).says(turnComplete=True)
    before, early, late, after = (
        each.playback for each in instants(play.log(), 0.9, 1.6, 2.6, 3.5)
    )
    assert (before.device, before.playing, before.level_db) == ("", False, SILENCE_DB)
    assert (early.device, early.playing, early.answer) == ("headset", True, 1)
    assert early.received_s == pytest.approx(2.0)
    assert early.heard_s == pytest.approx(0.5)
    assert early.peak_db == pytest.approx(-20, abs=0.5)
    assert early.level_db == pytest.approx(-23, abs=0.5)
    assert late.peak_db == pytest.approx(-6, abs=0.5)
    assert (after.playing, after.peak_db, after.idle) == (False, SILENCE_DB, True)


def test_sound_that_nobody_says_was_played_is_not_said_to_be() -> None:
    play = Session()
    play.connect()
    play.at(1.0).voice(1.0)
    (heard,) = instants(play.log(), 1.5)
    assert (heard.playback.playing, heard.playback.device) == (False, "")
    assert heard.playback.peak_db > SILENCE_DB, "it is laid out at arrival"


def test_the_microphone_as_it_was() -> None:
    play = Session()
    play.connect()
    play.at(1.0).tell("microphone", device="webcam", problem="")
    play.at(2.0).mic(0.04, 0.5)
    play.at(2.1).tell("speech.started")
    play.at(3.0).tell("microphone.muted", muted=True)
    play.at(4.0).tell("speech.ended", quiet_s=0.1)
    play.at(5.0).tell("microphone", device="", problem="It was pulled out.")
    nothing, heard, muted, ended, lost = (
        each.capture for each in instants(play.log(), 0.5, 2.15, 3.5, 4.5, 5.5)
    )
    assert nothing.off
    assert (heard.device, heard.speech, heard.blocks) == ("webcam", True, 1)
    assert heard.peak_db == pytest.approx(-6, abs=0.5)
    assert (muted.muted, muted.peak_db) == (True, SILENCE_DB)
    assert ended.speech is False
    assert lost.problem == "It was pulled out."


def test_without_events_of_its_own_a_recording_still_has_a_microphone() -> None:
    play = Session()
    play.connect()
    play.at(1.0).mic(0.04)
    (heard,) = instants(play.log(), 1.0)
    assert (heard.capture.device, heard.capture.speech) == ("recorded", None)


@pytest.mark.parametrize("chunks", [False, True])
def test_the_picture_is_the_one_on_the_wire_then(chunks: bool) -> None:
    play, shots = Session(), [jpeg(RED), jpeg((0, 255, 0))]
    play.connect()
    play.at(0.5).tell("camera", source="camera 0", state="on", problem="")
    for number, shot in enumerate(shots):
        picture = {"mimeType": "image/jpeg", "data": base64.b64encode(shot).decode()}
        media = {"mediaChunks": [picture]} if chunks else {"video": picture}
        play.at(1.0 + number).sent(realtimeInput=media)
    play.at(3.0).tell("camera", source="camera 0", state="off", problem="")
    before, first, second, off = (each.video for each in instants(play.log(), 0.7, 1.5, 2.0, 3.5))
    assert (before.kind, before.picture) == ("camera", None)
    assert first.picture is not None
    assert second.picture is not None
    assert (first.picture.jpeg, second.picture.jpeg) == tuple(shots)
    assert first.age_s == pytest.approx(0.5)
    assert (first.state, first.lens.name) == ("on", "camera 0")
    if not chunks:
        assert first.next_in_s == pytest.approx(0.5)
        assert (first.sent, second.sent) == (1, 2)
    assert off.kind == ""


def test_a_picture_of_unknown_size_is_said() -> None:
    play = Session()
    play.connect()
    play.at(1.0).sent(realtimeInput={"video": {"mimeType": "image/webp", "data": "AAAA"}})
    (seen,) = instants(play.log(), 1.5)
    assert (seen.video.kind, seen.video.picture) == ("video", None)
    assert "cannot be read" in seen.video.lens.problem
