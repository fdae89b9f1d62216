"""How the emulator behaves, whoever connects: what its command line says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.emulator.chat.model import ChatModel
from tui.emulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Options:
    """The defaults are those of the workbench's own emulator."""

    model: str = ""
    """Answers whatever model a client names; empty: the one that it names."""
    record: Path | None = None
    """Folder for a recording of each session; None records nothing."""
    text_frames: bool = False
    """Send text frames, where the service sends binary ones."""
    scenario: Scenario | None = None
    """What all sessions follow."""
    chat: ChatModel | None = None
    """Answers where nothing else does; it is closed with the server."""
