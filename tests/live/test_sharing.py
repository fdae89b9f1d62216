"""One microphone, one speaker and one camera for two sessions: who hears, plays and sees what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.live.conftest import QuietPlayer
from tui.core.barge_in import Overlap
from tui.core.capture import Block, Capture
from tui.core.devices import Source
from tui.core.playback import Playback
from tui.core.video import Lens, Picture
from tui.live.sharing import TAKEN, Shared


class Desk:
    """Devices that note what is done to them."""

    def __init__(self) -> None:
        self.player = NotedPlayer()
        self.microphones: list[NotedListener] = []
        self.eyes: list[NotedEye] = []
        self.shared = Shared(lambda: (self.player, self._listener), self._eye)

    def _listener(self, on_block: Callable[[Block], None]) -> NotedListener:
        self.microphones.append(NotedListener(on_block))
        return self.microphones[-1]

    def _eye(
        self, kind: str, source: str | None, on_picture: Callable[[Picture], None]
    ) -> NotedEye:
        self.eyes.append(NotedEye(on_picture))
        return self.eyes[-1]


class NotedPlayer(QuietPlayer):
    def __init__(self) -> None:
        super().__init__()
        self.opened = 0
        self.played: list[int] = []
        self.finished: list[int] = []

    def open(self) -> None:
        self.opened += 1

    def play(self, answer: int, pcm: bytes, rate_hz: int) -> None:
        super().play(answer, pcm, rate_hz)
        self.played.append(answer)

    def finish(self, answer: int) -> None:
        self.finished.append(answer)


class NotedListener:
    def __init__(self, on_block: Callable[[Block], None]) -> None:
        self.on_block = on_block
        self.done: list[object] = []

    def open(self) -> None:
        self.done.append("open")

    def mute(self, muted: bool) -> None:
        self.done.append(("mute", muted))

    def switch(self, source: Source) -> None:
        self.done.append(("switch", source))

    def snapshot(self) -> Capture:
        return Capture(device="noted")

    def overlap(self) -> Overlap:
        return Overlap()

    def close(self) -> None:
        self.done.append("close")


class NotedEye:
    def __init__(self, on_picture: Callable[[Picture], None]) -> None:
        self.on_picture = on_picture
        self.done: list[str] = []
        self.lens = Lens(name="noted")

    def open(self) -> None:
        self.done.append("open")

    def want(self) -> None:
        self.done.append("want")

    def snapshot(self) -> Lens:
        return self.lens

    def close(self) -> None:
        self.done.append("close")


SECOND_OF_SOUND = bytes(48000)


def test_the_devices_are_opened_once_and_given_back_by_the_last() -> None:
    desk = Desk()
    (one, hear_one), (other, hear_other) = desk.shared.devices(), desk.shared.devices()
    assert hear_one is not None and hear_other is not None
    first, second = hear_one(lambda block: None), hear_other(lambda block: None)
    for seat in (one, other, first, second):
        seat.open()
    assert desk.player.opened == 1
    (microphone,) = desk.microphones
    other.close()
    second.close()
    assert not desk.player.closed and microphone.done == ["open"]
    one.close()
    first.close()
    assert desk.player.closed and microphone.done == ["open", "close"]


def test_both_hear_the_same_blocks_and_who_has_left_hears_none() -> None:
    desk = Desk()
    heard: list[tuple[str, Block]] = []
    seats = []
    for name in ("first", "second"):
        _, hear = desk.shared.devices()
        assert hear is not None
        seats.append(hear(lambda block, name=name: heard.append((name, block))))  # type: ignore[misc]
    block, later = Block(b"1", 1.0), Block(b"2", 2.0)
    desk.microphones[0].on_block(block)
    assert heard == [("first", block), ("second", block)]
    seats[1].close()
    desk.microphones[0].on_block(later)
    assert heard[2:] == [("first", later)]


def test_the_first_says_which_microphone_and_each_may_mute_it() -> None:
    desk = Desk()
    _, hear = desk.shared.devices()
    assert hear is not None
    first, second = hear(lambda block: None), hear(lambda block: None)
    second.switch("other")
    first.switch("other")
    second.mute(True)
    assert desk.microphones[0].done == [("switch", "other"), ("mute", True)]
    assert second.snapshot().device == "noted"


def test_the_session_that_is_not_heard_is_idle_and_stops_nothing() -> None:
    desk = Desk()
    one, other = desk.shared.devices()[0], desk.shared.devices()[0]
    one.play(1, SECOND_OF_SOUND, 24000)
    desk.player.speak(0.4)
    assert one.snapshot().playing and one.snapshot().heard_s == 0.4
    assert other.snapshot() == Playback(device="quiet")
    assert other.flush() == Playback(device="quiet")
    other.finish(1)
    assert desk.player.flushes == 0 and not desk.player.finished
    assert one.flush().heard_s == 0.4
    assert desk.player.flushes == 1


def test_the_next_one_plays_its_own_answer_though_it_has_the_same_number() -> None:
    desk = Desk()
    one, other = desk.shared.devices()[0], desk.shared.devices()[0]
    one.play(1, SECOND_OF_SOUND, 24000)
    desk.player.rest()
    other.play(1, SECOND_OF_SOUND, 24000)
    assert desk.player.finished == [1], "else the speaker would take it for more of the same"
    assert desk.player.flushes == 0
    assert other.snapshot().answer == 1 and one.snapshot().answer == 0
    assert one.snapshot().problem == ""


def test_an_answer_that_is_played_over_is_known_not_to_be_heard_to_its_end() -> None:
    desk = Desk()
    one, other = desk.shared.devices()[0], desk.shared.devices()[0]
    one.play(3, SECOND_OF_SOUND, 24000)
    desk.player.speak(0.4)
    other.play(2, SECOND_OF_SOUND, 24000)
    assert desk.player.flushes == 1
    assert one.snapshot().problem == TAKEN and one.snapshot().idle
    one.play(4, SECOND_OF_SOUND, 24000)
    assert one.snapshot().problem == ""


def test_each_counts_the_underruns_of_its_own_answers() -> None:
    desk = Desk()
    one, other = desk.shared.devices()[0], desk.shared.devices()[0]
    for seat, count in ((one, 2), (other, 5), (one, 6)):
        seat.play(1, SECOND_OF_SOUND, 24000)
        desk.player.state = replace(desk.player.state, underruns=count, idle=True)
    assert one.snapshot().underruns == 3
    assert other.snapshot().underruns == 3


def test_one_camera_shows_both_what_each_asked_for() -> None:
    desk = Desk()
    seen: list[str] = []
    one = desk.shared.eye("camera", None, lambda picture: seen.append("one"))
    other = desk.shared.eye("camera", None, lambda picture: seen.append("other"))
    one.open()
    other.open()
    (eye,) = desk.eyes
    one.want()
    eye.on_picture(Picture(b"", 1, 1))
    assert seen == ["one"]
    one.want()
    other.want()
    eye.on_picture(Picture(b"", 1, 1))
    assert sorted(seen[1:]) == ["one", "other"]
    one.close()
    assert "close" not in eye.done
    other.close()
    assert eye.done == ["open", "want", "want", "want", "close"]


def test_another_source_or_one_that_is_over_is_looked_at_anew() -> None:
    desk = Desk()
    for kind, source in (("camera", None), ("screen", None), ("screen", "2")):
        desk.shared.eye(kind, source, lambda picture: None)
    assert len(desk.eyes) == 3
    desk.eyes[-1].lens = Lens(name="noted", over=True)
    desk.shared.eye("screen", "2", lambda picture: None)
    assert len(desk.eyes) == 4
