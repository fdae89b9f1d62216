from __future__ import annotations

import pytest

from tui.core import status
from tui.core.video import Lens, Video

ON = Lens(name="camera 0", seen=True)


@pytest.mark.parametrize(
    ("lens", "state"),
    [
        (Lens(name="camera 0"), "opening"),
        (Lens(name="camera 0", problem="There is none."), "no picture"),
        (ON, "on"),
        (Lens(name="camera 0", seen=True, silent_s=1.6), "stalled"),
        (Lens(name="camera 0", seen=True, silent_s=9.0, problem="It has gone."), "lost"),
        (Lens(name="film.avi", seen=True, over=True, problem="It is over."), "over"),
    ],
)
def test_the_state_of_a_source(lens: Lens, state: str) -> None:
    assert lens.state == state
    assert Video(kind="camera", lens=lens, connected=True).state == state


def test_a_source_that_is_on_without_a_connection() -> None:
    assert Video(kind="screen", lens=ON).state == "no connection"
    assert Video(kind="screen", lens=Lens()).state == "opening"
    assert Video().state == "off"


@pytest.mark.parametrize(
    ("video", "words"),
    [
        (Video(), ""),
        (Video(kind="camera", lens=ON, connected=True), "● CAMERA"),
        (Video(kind="screen", lens=ON, connected=True), "● SCREEN"),
        (Video(kind="screen", lens=ON), "SCREEN no connection"),
        (Video(kind="camera", lens=Lens(problem="There is none.")), "CAMERA no picture"),
    ],
)
def test_the_strip_says_what_is_looked_at(video: Video, words: str) -> None:
    assert status.video(video) == words


def test_a_stalled_source_is_a_sentence() -> None:
    silent = Lens(name="camera 0", seen=True, silent_s=3.2)
    assert status.stalled(Video(kind="camera", lens=silent)) == (
        "camera 0 has given no picture for 3 s; bidiscope waits for it."
    )
    assert status.stalled(Video(kind="camera", lens=ON)) == ""
    gone = Lens(problem="The camera is off: it has gone.")
    assert status.stalled(Video(kind="camera", lens=gone)) == gone.problem
