from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media.virtual_sound import SoundServer, missing


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
