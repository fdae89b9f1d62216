"""The rig: service, journal, speaker and engine of one session put together."""

from __future__ import annotations

import os
import time
from importlib.metadata import version
from pathlib import Path

from tui.core import models
from tui.core.budget import Budget
from tui.core.journal import FileStorage, Journal, MemoryStorage, Storage
from tui.core.places import recording_path
from tui.core.secrets import Mask
from tui.live.endpoint import Endpoint, from_environment
from tui.live.engine import Devices, Engine
from tui.live.local import LocalEmulator
from tui.live.recorder import Clock
from tui.live.setup import Wish
from tui.live.video import MakeEye
from tui.options import Options
from tui.prices import prices

DEFAULT_MODELS = {
    "gemini": "gemini-3.8-live",
    "vertex": "gemini-3.8-live",
    "emulator": "gemini-2.0-flash-exp",
}
"""The emulator's is the one that answers with TEXT as well as AUDIO."""


class Rig:
    """Everything behind a session. The engine's start starts the emulator's process, too.

    Raises:
        JournalError: The recording cannot be written, or the user's prices cannot be used.
    """

    def __init__(self, options: Options, devices: Devices, eyes: MakeEye | None = None) -> None:
        service = None if options.emulator else from_environment(os.environ)
        self.origin = service.origin if service else "emulator"
        self.model = options.model or DEFAULT_MODELS[self.origin]
        self.prices = prices()
        self.storage = self._storage(options)
        self._emulator: LocalEmulator | None = None
        view = options.view or ("text" if models.model(self.model).speaks("TEXT") else "text view")
        wish = Wish(self.model, view, options.voice, options.system, options.detection)
        clock = Clock()
        header = {
            "tool": f"bidiscope {version('bidiscope')}",
            "sdk": f"google-genai {version('google-genai')}",
            "model": self.model,
            "origin": self.origin,
            "clock": {"time": clock.start_time_s, "mono": 0},
        }
        journal = Journal(self.storage, header, Mask(service.secrets if service else ()))
        self.engine = Engine(
            lambda: service or self._local(),
            wish,
            journal,
            clock,
            devices,
            eyes,
            1 / options.video_fps,
            stays=options.stays,
            budget=Budget(options.budget, self.prices) if options.budget else None,
        )

    @property
    def recording(self) -> Path | None:
        """The journal's file; None when nothing is recorded."""
        return self.storage.path if isinstance(self.storage, FileStorage) else None

    def stop(self) -> None:
        """End the session, then the emulator, then the journal."""
        self.engine.stop()
        if self._emulator is not None:
            self._emulator.stop()
        self.storage.close()

    def _local(self) -> Endpoint:
        self._emulator = LocalEmulator()
        return self._emulator.endpoint()

    def _storage(self, options: Options) -> Storage:
        if not options.recorded:
            return MemoryStorage()
        return FileStorage(recording_path(options.record, self.model, time.localtime()))
