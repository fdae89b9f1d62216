"""What every test stands on: a clean environment, folders of its own, a still picture, sound."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_textual_snapshot

from tests.media.virtual_sound import SoundServer, missing
from tui.media import opencv

# syrupy 5 renamed the attribute that the plugin sets; without this snapshots become .raw files.
pytest_textual_snapshot.SVGImageExtension.file_extension = "svg"

os.environ.update(opencv.SETTINGS)  # before a test loads the library by itself

_FOREIGN = (
    *("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_CLOUD_PROJECT"),
    *("GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL"),
    *("NO_COLOR", "COLORTERM", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "SSH_TTY"),
)


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no colour setting and no file of the person who runs the tests."""
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BIDISCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BIDISCOPE_CONFIG", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def sound_server() -> Iterator[SoundServer]:
    """The virtual speaker of this test process, and its default output device."""
    if reason := missing():
        pytest.skip(f"the virtual sound card {reason}")
    before = dict(os.environ)
    # Not tmp_path: a socket's name may have 107 characters, and pytest's folders are deep.
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        server = SoundServer(Path(folder))
        try:
            server.start()
            server.point_here()
            yield server
        finally:
            server.stop()
            os.environ.clear()
            os.environ.update(before)
