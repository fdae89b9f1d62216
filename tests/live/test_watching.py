"""Showing: films and screens through the real SDK, to the emulator and to a server that is slow."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.live.conftest import Talk
from tests.media.films import BLUE, RED, IpCamera, cv2, film
from tests.media.virtual_screen import VirtualScreen, missing
from tests.stage import Peer, Stage
from tui.core.frame import Direction, Frame
from tui.core.video import Video


def pictures(shown: Talk) -> list[dict[str, Any]]:
    """The Blobs that were sent as video."""
    sent = (json.loads(payload) for payload in shown.frames(Direction.SEND))
    inputs = (frame["realtime_input"] for frame in sent if "realtime_input" in frame)
    return [each["video"] for each in inputs if "video" in each]


def sees(shown: Talk, true: Callable[[Video], object]) -> Video:
    """Wait until that holds of the video."""
    shown.until(lambda _: true(shown.engine.video))
    return shown.engine.video


@pytest.fixture
def red(tmp_path: Path) -> Path:
    """Four seconds of red."""
    return film(tmp_path / "red.avi", [RED] * 40, fps=10)


def test_the_model_is_shown_a_film_and_tells_what_it_saw(
    talk: Callable[..., Talk], red: Path
) -> None:
    shown = talk(emulator=True, camera=str(red), camera_loop=True)
    shown.connect()
    shown.engine.watch("camera").result(5)
    shown.until(lambda _: pictures(shown))
    answer = shown.hear("What do you see?")
    assert "It is a JPEG of 320 by 180 points." in answer
    assert "100 percent red" in answer
    assert {blob["mime_type"] for blob in pictures(shown)} == {"image/jpeg"}


def test_what_is_shown_here_is_the_very_picture_that_was_sent(
    talk: Callable[..., Talk], red: Path
) -> None:
    shown = talk(emulator=True, camera=str(red), video_fps=10)
    shown.wrong = {"video-fast"}
    shown.connect()
    shown.engine.watch("camera").result(5)
    shown.until(lambda _: len(pictures(shown)) > 3)
    shown.engine.watch("").result(5)
    shown.until(lambda _: "off" in [event["state"] for event in shown.events("camera")])
    video = shown.engine.video
    assert video.picture is not None
    assert base64.urlsafe_b64decode(pictures(shown)[-1]["data"]) == video.picture.jpeg
    assert (video.kind, video.state, video.sent) == ("", "off", len(pictures(shown)))


def test_one_picture_a_second_and_never_more(talk: Callable[..., Talk], red: Path) -> None:
    shown = talk(emulator=True, camera=str(red), camera_loop=True)
    shown.connect()
    shown.engine.watch("camera").result(5)
    shown.until(lambda _: len(pictures(shown)) == 4)
    frames = (each for each in shown.records if isinstance(each, Frame))
    times_s = [each.mono_s for each in frames if b'"video"' in each.payload]
    gaps_s = [after - before for before, after in itertools.pairwise(times_s)]
    assert min(gaps_s) > 0.98
    assert max(gaps_s) < 5


def test_start_end_and_stop_are_journalled(talk: Callable[..., Talk], tmp_path: Path) -> None:
    short = film(tmp_path / "short.avi", [BLUE] * 40)
    shown = talk(emulator=True, camera=str(short))
    shown.connect()
    shown.engine.watch("camera").result(5)
    video = sees(shown, lambda video: video.state == "over")
    shown.until(lambda _: "over" in [event["state"] for event in shown.events("camera")])
    count = len(pictures(shown))
    shown.ask("What is 6*7?")
    assert count == len(pictures(shown)) == video.sent > 0
    shown.engine.watch("").result(5)
    shown.until(lambda _: "off" in [event["state"] for event in shown.events("camera")])
    events = shown.events("camera")
    assert [event["state"] for event in events][-3:] == ["on", "over", "off"]
    assert {event["source"] for event in events} == {"short.avi"}
    assert events[-2]["problem"].startswith("The film is over: short.avi.")


def test_nothing_is_sent_without_a_connection(talk: Callable[..., Talk], red: Path) -> None:
    shown = talk(emulator=True, camera=str(red), camera_loop=True)
    shown.engine.watch("camera").result(5)
    assert sees(shown, lambda video: video.state == "no connection").sent == 0
    shown.connect()
    sees(shown, lambda video: video.state == "on" and video.sent)
    shown.engine.disconnect().result(5)
    sent = sees(shown, lambda video: video.state == "no connection").sent
    time.sleep(1.2)
    assert shown.engine.video.sent == sent
    shown.connect()
    sees(shown, lambda video: video.sent > sent)


def test_a_camera_that_is_lost_is_journalled_and_comes_back(talk: Callable[..., Talk]) -> None:
    with IpCamera().on() as remote:
        shown = talk(emulator=True, camera=remote.url)
        shown.connect()
        shown.engine.watch("camera").result(5)
        sees(shown, lambda video: video.sent)
        remote.hangs_up.set()
        sees(shown, lambda video: video.state == "lost")
        shown.ask("What is 6*7?")
        remote.hangs_up.clear()
        shown.until(lambda _: shown.events("camera")[-1]["state"] == "on")
        states = [event["state"] for event in shown.events("camera")]
        assert states[:3] == ["opening", "on", "lost"]
        count = len(pictures(shown))
        shown.until(lambda _: len(pictures(shown)) > count)


def test_a_source_that_hangs_does_not_hold_the_end(
    talk: Callable[..., Talk], ending: contextlib.ExitStack
) -> None:
    remote = ending.enter_context(IpCamera().on())
    shown = talk(emulator=True, camera=remote.url)
    shown.engine.watch("camera").result(5)
    sees(shown, lambda video: video.lens.seen)
    remote.hangs.set()
    sees(shown, lambda video: video.state == "stalled")


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_screen_takes_the_place_of_the_camera(
    talk: Callable[..., Talk], red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = VirtualScreen(640, 480)
    monkeypatch.setenv("DISPLAY", screen.display)
    screen.fill(0x0000DC)
    try:
        shown = talk(emulator=True, camera=str(red), camera_loop=True)
        shown.connect()
        shown.engine.watch("camera").result(5)
        sees(shown, lambda video: video.sent)
        shown.engine.watch("screen").result(5)
        video = sees(shown, lambda video: video.kind == "screen" and video.sent)
        assert video.lens.name == "monitor 1"
        answer = shown.hear("What do you see?")
        assert "640 by 480 points" in answer
        assert "100 percent blue" in answer
        assert shown.events("camera")[-1]["state"] == "off"
        shown.engine.watch("").result(5)
    finally:
        screen.stop()


def test_a_screen_that_is_not_there_is_said(
    talk: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":71")
    shown = talk(emulator=True)
    shown.engine.watch("screen").result(5)
    video = sees(shown, lambda video: video.state == "no picture")
    shown.until(lambda _: shown.events("screen") and shown.events("screen")[-1]["problem"])
    assert shown.events("screen")[-1]["problem"] == video.lens.problem != ""


def test_another_source_than_the_configured_one(talk: Callable[..., Talk], red: Path) -> None:
    shown = talk(emulator=True, camera="71")
    shown.engine.watch("camera", str(red)).result(5)
    assert sees(shown, lambda video: video.lens.seen).lens.name == "red.avi"


async def read_slowly(peer: Peer) -> None:
    """Take nothing until the cue, then everything."""
    await peer.accept()
    peer.stop_reading()
    await peer.cue()
    peer.go_on_reading()
    await peer.listen()


def test_a_slow_socket_skips_pictures_and_queues_none(
    talk: Callable[..., Talk], on_stage: Callable[..., Stage], tmp_path: Path
) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (1500, 1500, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), noise, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    stage = on_stage(read_slowly)
    shown = talk(camera=str(tmp_path / "noise.png"), video_fps=10, video_size_px=1500)
    shown.connect()
    shown.engine.watch("camera").result(5)
    shown.until(lambda _: pictures(shown))
    time.sleep(1.5)
    stuck = shown.engine.video.sent
    assert stuck < 6
    stage.give_cue()
    video = sees(shown, lambda video: video.sent > stuck + 2)
    assert video.skipped >= 5
    assert shown.events("camera.skipped")[0]["pictures"] <= video.skipped
