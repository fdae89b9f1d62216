"""Flags that cannot work are refused before anything starts, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui import cli
from tui.commands import workbench
from tui.outcome import Outcome


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--camera", "nowhere.avi"], "there is no file nowhere.avi: name a film, a picture, "),
        (["--camera", "."], "there is no file .: name a film"),
        (["--screen", "two"], "two is no monitor: use 1, 2, ... or 0 for all"),
        (["--screen", "-1"], "-1 is no monitor"),
        (["--video-fps", "0"], "0 is no rate: use 0.01 to 30 pictures a second"),
        (["--video-fps", "nan"], "nan is no rate"),
        (["--video-size", "99999"], "99999 is no size: use 16 to 4096 pixels"),
        (["--watch", "door"], "invalid choice: 'door'"),
        (["--picture", "ascii"], "invalid choice: 'ascii'"),
    ],
)
def test_a_flag_that_cannot_work(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == Outcome.USAGE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("source", ["0", "rtsp://camera/live", "p_%03d.jpg"])
def test_what_a_camera_may_be_is_not_looked_for_yet(source: str) -> None:
    assert workbench._camera(source) == source


def test_a_film_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "film.avi").touch()
    assert workbench._camera(str(tmp_path / "film.avi")) == str(tmp_path / "film.avi")
