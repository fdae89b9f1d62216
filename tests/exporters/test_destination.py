from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tui.core.journal import JournalError
from tui.exporters.destination import basename, create, new_file, new_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_its_owners_and_there_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "new" / "a.har"
    with new_file(out) as file:
        file.write(b"half")
        assert not out.exists()
    assert out.read_bytes() == b"half"
    assert (mode(out), mode(out.parent)) == (0o600, 0o700)
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("error", [KeyboardInterrupt, JournalError, ValueError])
def test_what_went_wrong_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), new_file(tmp_path / "a") as file:
        file.write(b"half")
        raise error
    with pytest.raises(error), new_folder(tmp_path / "b") as folder:
        (folder / "c").write_bytes(b"half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    out = tmp_path / "a"
    out.write_bytes(b"precious")
    with pytest.raises(JournalError, match="--force"), new_file(out):
        pass
    assert out.read_bytes() == b"precious"


def test_what_comes_meanwhile_stays_too(tmp_path: Path) -> None:
    out = tmp_path / "a"
    with pytest.raises(JournalError, match="there already"), new_file(out) as file:
        file.write(b"mine")
        out.write_bytes(b"precious")
    assert out.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [out]


def test_force_replaces_a_file_and_follows_no_link(tmp_path: Path) -> None:
    target, out = tmp_path / "target", tmp_path / "a"
    target.write_bytes(b"precious")
    out.symlink_to(target)
    with new_file(out, force=True) as file:
        file.write(b"new")
    assert (out.read_bytes(), target.read_bytes()) == (b"new", b"precious")
    assert not out.is_symlink()


def test_a_broken_link_is_something_that_is_there(tmp_path: Path) -> None:
    out = tmp_path / "a"
    out.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="there already"), new_file(out):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_of_a_folder_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        create(tmp_path / "a")


def test_a_folder_is_its_owners_and_replaces_nothing(tmp_path: Path) -> None:
    out = tmp_path / "frames"
    with new_folder(out) as folder, create(folder / "1.jpg") as file:
        file.write(b"x")
    assert (mode(out), mode(out / "1.jpg")) == (0o700, 0o600)
    with pytest.raises(JournalError, match="there already"), new_folder(out):
        pass
    assert (out / "1.jpg").read_bytes() == b"x"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is a folder"), new_file(tmp_path, force=True):
        pass


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(JournalError, match=r"Cannot write .*--out"),
        new_file(tmp_path / "file" / "a"),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("20261125-gemini-3.8-live", "20261125-gemini-3.8-live"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("-rf *", "rf__"),
        (".bashrc", "bashrc"),
        ("a\x1b[2J\n\u202e/b", "a__2J___b"),
        ("", "session"),
        ("x" * 500, "x" * 100),
    ],
)
def test_a_name_made_of_data_is_only_a_name(text: str, name: str) -> None:
    assert basename(text) == name
    assert os.sep not in name
