"""The folders of the user that bidiscope keeps things in."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path


def data_folder() -> Path:
    """Recordings, the emulator's CA and the log of native libraries; ``BIDISCOPE_DATA`` moves it."""
    moved = os.environ.get("BIDISCOPE_DATA")
    return Path(moved) if moved else user_data_path("bidiscope", appauthor=False)


def config_folder() -> Path:
    """The user's own themes; ``BIDISCOPE_CONFIG`` moves it."""
    moved = os.environ.get("BIDISCOPE_CONFIG")
    return Path(moved) if moved else user_config_path("bidiscope", appauthor=False)
