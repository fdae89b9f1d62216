"""Everything that ``--camera`` takes, through OpenCV itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.media.films import BLUE, GREEN, RED, WHITE, IpCamera, cv2, film, plain
from tui.core.video import Lens, Picture
from tui.media.camera import camera
from tui.media.eye import Eye
from tui.media.picture import pixels

PATIENCE_S = 20.0


class Watcher:
    """Wants one picture after the other, and keeps them."""

    def __init__(self, source: str | None, *, loop: bool = False, side_px: int = 768) -> None:
        self.pictures: list[Picture] = []
        self.eye = Eye(camera(source, loop=loop), self._take, side_px)
        self.eye.open()
        self.eye.want()

    @property
    def lens(self) -> Lens:
        return self.eye.snapshot()

    @property
    def colours(self) -> list[str]:
        """What each picture shows, equal neighbours once."""
        names: list[str] = []
        for picture in self.pictures:
            red, green, blue = pixels(picture, 1, 1)
            name = max((red, "red"), (green, "green"), (blue, "blue"))[1]
            names += [name] * (names[-1:] != [name])
        return names

    def until(self, true: Callable[[Watcher], object]) -> Lens:
        end_s = time.monotonic() + PATIENCE_S
        while not true(self):
            assert time.monotonic() < end_s, self.lens
            time.sleep(0.005)
        return self.lens

    def _take(self, picture: Picture) -> None:
        self.pictures.append(picture)
        self.eye.want()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    begun: list[Watcher] = []

    def begin(source: object, **how: object) -> Watcher:
        begun.append(Watcher(str(source), **how))  # type: ignore[arg-type]
        return begun[-1]

    yield begin
    for each in begun:
        each.eye.close()
        assert not each.eye._thread.is_alive()


# ---- what can be looked at


@pytest.mark.parametrize(("name", "codec"), [("film.avi", "MJPG"), ("film.mp4", "mp4v")])
def test_a_film_is_seen_in_its_own_time_and_then_over(
    watch: Callable[..., Watcher], tmp_path: Path, name: str, codec: str
) -> None:
    path = film(tmp_path / name, [RED] * 15 + [GREEN] * 15 + [BLUE] * 15, codec=codec)
    begun_s = time.monotonic()
    seen = watch(path)
    lens = seen.until(lambda seen: seen.lens.over)
    took_s = time.monotonic() - begun_s
    assert seen.colours == ["red", "green", "blue"]
    assert 44 / 25 <= took_s < 10
    assert lens.state == "over"
    assert lens.problem == (
        f"The film is over: {name}. Its last picture stays; v, pressed twice, shows it again, and "
        "--camera-loop repeats it."
    )


def test_a_film_is_looped_on_request(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    seen = watch(film(tmp_path / "film.avi", [RED] * 6 + [BLUE] * 6), loop=True)
    seen.until(lambda seen: len(seen.colours) > 5)
    assert seen.colours[:5] == ["red", "blue", "red", "blue", "red"]
    assert seen.lens.state == "on"


def test_a_series_of_pictures_is_a_film(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    for number, colour in enumerate([RED] * 8 + [GREEN] * 8):
        cv2.imwrite(str(tmp_path / f"p_{number:03d}.png"), plain(colour))
    seen = watch(tmp_path / "p_%03d.png")
    seen.until(lambda seen: seen.lens.over)
    assert seen.colours == ["red", "green"]
    assert seen.lens.name == "p_%03d.png"


@pytest.mark.parametrize("name", ["still.jpg", "still.PNG", "still.webp", "still.bmp"])
def test_a_still_picture_stays(watch: Callable[..., Watcher], tmp_path: Path, name: str) -> None:
    cv2.imwrite(str(tmp_path / name), plain(GREEN, 1600, 900))
    seen = watch(tmp_path / name)
    lens = seen.until(lambda seen: len(seen.pictures) > 1)
    assert seen.colours == ["green"]
    assert (seen.pictures[0].width_px, seen.pictures[0].height_px) == (768, 432)
    assert lens == Lens(name=name, seen=True, silent_s=lens.silent_s)


def test_pictures_are_scaled_to_the_size_that_is_set(
    watch: Callable[..., Watcher], tmp_path: Path
) -> None:
    seen = watch(film(tmp_path / "film.avi", [RED] * 9), side_px=160)
    seen.until(lambda seen: seen.pictures)
    assert (seen.pictures[0].width_px, seen.pictures[0].height_px) == (160, 90)


# ---- a camera on the network


def test_a_stream_that_hangs_is_said_lost_and_found(watch: Callable[..., Watcher]) -> None:
    with IpCamera().on() as remote:
        seen = watch(remote.url)
        seen.until(lambda seen: seen.colours == ["blue"])
        assert seen.lens.state == "on"
        remote.hangs.set()
        seen.until(lambda seen: seen.lens.state == "stalled")
        assert seen.until(lambda seen: seen.lens.state == "lost").problem == (
            f"The camera is off: {remote.url} has gone, or sends no more pictures. "
            "bidiscope tries again every second."
        )
        remote.hangs.clear()
        count = len(seen.pictures)
        seen.until(lambda seen: seen.lens.state == "on" and len(seen.pictures) > count)


def test_a_stream_that_hangs_up_is_opened_again(watch: Callable[..., Watcher]) -> None:
    with IpCamera().on() as remote:
        seen = watch(remote.url)
        seen.until(lambda seen: seen.pictures)
        remote.hangs_up.set()
        seen.until(lambda seen: seen.lens.state == "lost")
        seen.until(lambda seen: "does not answer with pictures" in seen.lens.problem)
        remote.hangs_up.clear()
        count = len(seen.pictures)
        seen.until(lambda seen: len(seen.pictures) > count)
        assert seen.lens.problem == ""


def test_a_password_in_a_url_is_not_shown() -> None:
    source = camera("rtsp://ann:secret@10.0.0.7:554/live?token=t0k3n", loop=False)
    assert source.name == "rtsp://10.0.0.7:554/live"


# ---- what cannot


def test_a_camera_that_is_not_there_is_looked_for(watch: Callable[..., Watcher]) -> None:
    lens = watch("71").until(lambda seen: seen.lens.problem)
    assert lens.state == "none"
    assert lens.problem.startswith(
        "The camera is off: there is no camera 71, or another program holds it. "
        "bidiscope tries again every second. --camera takes a camera's number, a film, a picture,"
    )


def test_without_a_source_it_is_the_first_camera() -> None:
    assert camera(None, loop=False).name == "camera 0"


def test_a_film_that_appears_later_is_seen(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    seen = watch(tmp_path / "film.avi")
    seen.until(lambda seen: "there is no file" in seen.lens.problem)
    film(tmp_path / "new.avi", [GREEN] * 50).rename(tmp_path / "film.avi")
    seen.until(lambda seen: seen.colours == ["green"])


def empty(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def noise(path: Path) -> None:
    path.write_bytes(os.urandom(40_000))


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing.avi": (lambda path: None, "there is no file {path}."),
    "nothing.png": (lambda path: None, "there is no file {path}."),
    "n_%03d.jpg": (lambda path: None, "there is no picture {path}."),
    "empty.avi": (empty, "{path} is empty: 0 bytes."),
    "empty.jpg": (empty, "{path} is empty: 0 bytes."),
    "folder.mp4": (folder, "{path} is a folder."),
    "noise.mp4": (noise, "noise.mp4 is no film that can be read, or it is damaged."),
    "noise.jpg": (noise, "noise.jpg is no picture that can be read, or it is damaged."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_source_is_one_sentence_and_the_way_out(
    watch: Callable[..., Watcher], tmp_path: Path, name: str
) -> None:
    make, expected = BAD[name]
    make(tmp_path / name)
    seen = watch(tmp_path / name)
    lens = seen.until(lambda seen: seen.lens.problem)
    assert lens.problem == (
        f"The camera is off: {expected.format(path=tmp_path / name)} --camera takes a camera's "
        "number, a film, a picture, a pattern such as p_%03d.jpg, or a URL."
    )
    assert (lens.state, seen.pictures) == ("none", [])


def test_a_film_that_is_cut_off_is_said_to_be_damaged(
    watch: Callable[..., Watcher], tmp_path: Path
) -> None:
    whole = film(tmp_path / "whole.avi", [RED] * 40).read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: len(whole) // 2])
    seen = watch(tmp_path / "cut.avi")
    lens = seen.until(lambda seen: seen.lens.over)
    assert lens.problem.startswith("cut.avi is damaged: it ended after ")
    assert " of 40 pictures. The last one stays." in lens.problem
    assert seen.colours == ["red"]


def test_a_picture_of_100_megapixels_is_made_small_or_refused(
    watch: Callable[..., Watcher], tmp_path: Path
) -> None:
    huge = plain(WHITE, 10_000, 10_000)
    cv2.imwrite(str(tmp_path / "huge.jpg"), huge)
    cv2.imwrite(str(tmp_path / "huge.png"), huge, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    del huge
    seen = watch(tmp_path / "huge.jpg")
    seen.until(lambda seen: seen.pictures)
    assert (seen.pictures[0].width_px, seen.pictures[0].height_px) == (768, 768)
    assert watch(tmp_path / "huge.png").until(lambda seen: seen.lens.problem).problem == (
        "The camera is off: huge.png is larger than 50 megapixels, the most that is decoded. Make "
        "it smaller, or save it as JPEG."
    )


def test_a_series_of_huge_pictures_is_refused(
    watch: Callable[..., Watcher], tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "p_001.jpg"), plain(WHITE, 9_000, 6_000))
    cv2.imwrite(str(tmp_path / "p_002.jpg"), plain(WHITE, 9_000, 6_000))
    lens = watch(tmp_path / "p_%03d.jpg").until(lambda seen: seen.lens.problem)
    assert "p_%03d.jpg is larger than 50 megapixels" in lens.problem


def test_opencv_and_ffmpeg_say_nothing(tmp_path: Path) -> None:
    noise(tmp_path / "noise.mp4")
    program = (
        "import sys, time; from tui.media.camera import camera; from tui.media.eye import Eye\n"
        "for source in sys.argv[1:]:\n"
        "    eye = Eye(camera(source, loop=False), print, 768); eye.open()\n"
        "    while not eye.snapshot().problem: time.sleep(0.01)\n"
        "    eye.close()\n"
    )
    sources = ["71", str(tmp_path / "noise.mp4"), "http://127.0.0.1:9/"]
    ran = subprocess.run(
        [sys.executable, "-c", program, *sources], capture_output=True, timeout=60, check=True
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")
