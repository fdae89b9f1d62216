"""The folders of the user that bidiscope keeps things in."""

from __future__ import annotations

import os
import re
import time
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


def recording_path(folder: Path | None, model: str, begun: time.struct_time) -> Path:
    """A free name for a recording, by time and model; ``folder`` None is the user's own."""
    folder = folder or data_folder() / "recordings"
    stem = f"{time.strftime('%Y%m%d-%H%M%S', begun)}-{re.sub(r'[^A-Za-z0-9._-]', '_', model)}"
    names = (f"{stem}{number or ''}.jsonl" for number in range(0, -1000, -1))
    return next(path for name in names if not (path := folder / name).exists())
