"""The folders of the user that bidiscope keeps things in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from platformdirs import user_config_path, user_data_path


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Recordings, the emulator's CA, what native libraries print; BIDISCOPE_DATA moves it."""
    moved = environ.get("BIDISCOPE_DATA")
    return Path(moved) if moved else user_data_path("bidiscope", appauthor=False)


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's own themes; BIDISCOPE_CONFIG moves it."""
    moved = environ.get("BIDISCOPE_CONFIG")
    return Path(moved) if moved else user_config_path("bidiscope", appauthor=False)
