"""The rig: service, journal, speaker and engine of one session put together."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from tui.configured import DEFAULT_MODELS
from tui.core import models
from tui.core.bench import Bench
from tui.core.budget import Budget
from tui.core.configuration.message import Configuration
from tui.core.journal import FileStorage, Journal, JournalError, MemoryStorage, Storage
from tui.core.lint.preflight import warnings
from tui.core.places import recording_path
from tui.core.secrets import Mask
from tui.live.endpoint import Endpoint, chosen
from tui.live.engine import Engine
from tui.live.equipment import MakeDevices
from tui.live.local import LocalEmulator
from tui.live.recorder import Clock
from tui.live.setup import Wish, views
from tui.live.sharing import Shared
from tui.live.video import MakeEye
from tui.options import Options
from tui.outcome import Outcome
from tui.prices import prices
from tui.tools.toolkit import Toolkit

SERVICE_FIELDS = ("service", "api_version", "project", "location", "token")
"""The fields that say who answers; a change of one is another connection."""

_REAL = (
    "Faults come about only in the local emulator: here the real service answers, and what it "
    "does is not made up. Start with --emulator."
)


class Complaint(NamedTuple):
    """A session did not go as the emulator's user wanted it."""

    of: str
    """"scenario" or "brain"."""
    sentence: str

    @property
    def outcome(self) -> Outcome:
        """How a command ends with it."""
        return Outcome.UNMET if self.of == "scenario" else Outcome.FAILED


class Rig:
    """Everything behind a session. The engine's start starts the emulator's process, too.

    Raises:
        JournalError: The recording cannot be written, or the user's prices cannot be used.
    """

    def __init__(
        self,
        options: Options,
        devices: MakeDevices,
        eyes: MakeEye | None = None,
        key: str | None = None,
        beside: Rig | None = None,
    ) -> None:
        """``key`` is one that the environment does not hold; it is never stored.

        ``beside`` is for `second`.
        """
        configuration = options.configuration
        if options.emulator:
            configuration = configuration.with_values(service="emulator")
        self.key = key
        self._served = _who_answers(configuration)
        service = chosen(os.environ, self._served, key)
        self.origin = service.origin if service else "emulator"
        self.model = options.model or DEFAULT_MODELS[self.origin]
        self.prices = prices()
        self.side_px = options.video_size_px
        """Of the square that pictures are scaled to fit."""
        self.storage = self._storage(options)
        self._beside, self._eyes = beside, eyes
        self._shared: Shared = beside._shared if beside else Shared(devices, eyes)
        self._starting = threading.Lock()
        self._emulator: LocalEmulator | None = None
        self._local_endpoint: Endpoint | None = None
        self._emulator_flags = options.emulator_flags
        self.complaints: list[Complaint] = []
        """What the emulator's scenario or brain complained of; whole after `stop`."""
        view = options.view or ("text" if models.model(self.model).speaks("TEXT") else "text view")
        allowed = views(models.model(self.model))
        if view not in allowed and "modality" not in configuration.values:
            view = allowed[0]
        wish = Wish(self.model, view, configuration)
        self.clock: Clock = beside.clock if beside else Clock()
        header = {
            "tool": f"bidiscope {version('bidiscope')}",
            "sdk": f"google-genai {version('google-genai')}",
            "model": self.model,
            "origin": self.origin,
            "clock": {"time": self.clock.start_time_s, "mono": 0},
        }
        self.budget = self._budget(options.budget)
        self._mask = Mask(service.secrets if service else ())
        self._mask.learn(secret for server in options.tool_servers for secret in server.secrets)
        self.engine = Engine(
            self._finder(service),
            wish,
            Journal(self.storage, header, self._mask),
            self.clock,
            self._shared.devices,
            self._shared.eye if eyes else None,
            1 / options.video_fps,
            stays=options.stays,
            budget=self.budget,
            toolkit=_toolkit(options),
            bench=Bench(options.tool_mode) if options.tool_mode != "auto" else None,
        )

    def second(self, options: Options) -> Rig:
        """Another session, at the devices of this one, of its clock, emulator and budget.

        Raises:
            JournalError: As for the first.
        """
        return Rig(options, self._shared.devices, self._eyes, self.key, self)

    def configure(self, configuration: Configuration, key: str | None = None) -> Future[None]:
        """Go on as configured; ``key`` is a new one for this run. See `Engine.configure`."""
        served = _who_answers(configuration)
        wish = self.wish(configuration)
        if key is None and served == self._served:
            return self.engine.configure(wish)
        self.key, self._served = key or self.key, served
        service = chosen(os.environ, served, self.key)
        self._mask.learn(service.secrets if service else ())
        self.origin = service.origin if service else "emulator"
        return self.engine.configure(wish, self._finder(service))

    def masked(self, text: str) -> str:
        """A text without the credentials in it."""
        return self._mask.text(text)

    def trouble(self, wish: Wish | None = None) -> list[str]:
        """What is known to be refused or in vain of the set-up, before it is sent."""
        return warnings((wish or self.engine.wish).setup, self.origin, time.time())

    def wish(self, configuration: Configuration) -> Wish:
        """What a configuration asks for; what it does not name stays as it is."""
        now = self.engine.wish
        model = str(configuration.values.get("model", now.model))
        allowed = views(models.model(model))
        view = now.view if now.view in allowed else allowed[0]
        asked = str(configuration.values.get("modality", view))
        return Wish(model, asked.replace("-", " "), configuration, now.tools)

    def _finder(self, service: Endpoint | None) -> Callable[[], Endpoint]:
        return lambda: service or self._local()

    def load_tools(self) -> None:
        """Load the tools and wait, with the engine running; a connection would do so later.

        Raises:
            JournalError: They cannot be used.
        """
        self.engine.load_tools().result()
        if trouble := self.engine.tools_trouble:
            raise JournalError(trouble)

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

    def arm(self, spec: str) -> None:
        """Let a fault come about in the emulator's newest session; what comes of it is recorded.

        Only our own emulator does that, see `no_faults`.
        """
        if self._emulator is not None:
            self._emulator.arm(spec)

    @property
    def no_faults(self) -> str:
        """Why no fault can be brought about, in a sentence; empty where it can."""
        if self.origin != "emulator":
            return _REAL
        return "" if self._emulator is not None else "The emulator is not there yet."

    def _local(self) -> Endpoint:
        endpoint = self._beside.emulated() if self._beside else self.emulated()
        return replace(endpoint, api_version=self._served.get("api_version"))

    def emulated(self) -> Endpoint:
        """Where the emulator answers; starts it, if it has not been. Blocks.

        Raises:
            EndpointError: It did not start.
        """
        with self._starting:
            if self._local_endpoint is None:
                self._emulator = LocalEmulator(self._told, self._emulator_flags)
                self._local_endpoint = self._emulator.endpoint()
            return self._local_endpoint

    def _budget(self, dollars: float | None) -> Budget | None:
        if self._beside is not None and self._beside.budget is not None:
            return self._beside.budget.beside()
        return Budget(dollars, self.prices) if dollars else None

    def _told(self, row: Mapping[str, Any]) -> None:
        if "message" in row:
            self.complaints.append(Complaint(row["of"], row["message"]))
        self.engine.told(row)

    def _storage(self, options: Options) -> Storage:
        if not options.recorded:
            return MemoryStorage()
        return FileStorage(recording_path(options.record, self.model, time.localtime()))


def _toolkit(options: Options) -> Toolkit | None:
    if not options.tool_files and not options.tool_servers:
        return None
    return Toolkit(options.tool_files, options.tool_servers)


def _who_answers(configuration: Configuration) -> dict[str, Any]:
    values = configuration.values
    return {name: values[name] for name in SERVICE_FIELDS if name in values}
