"""What the command line has chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.core.configuration.layers import Layer
from tui.core.configuration.message import Configuration
from tui.tools.mcp_address import Address


@dataclass(frozen=True)
class Options:
    """One session's options; the flags of `bidiscope --help` explain them."""

    model: str = ""
    """Empty chooses by service: `tui.rig.DEFAULT_MODELS`."""
    view: str = "audio"
    """One of `tui.live.setup.VIEWS`; empty is the cheapest one that shows the answer's words."""
    configuration: Configuration = field(default_factory=Configuration)
    """What is asked of the session beyond model and view."""
    layers: Sequence[Layer] = ()
    """Where the values of the configuration come from."""
    profile: str = ""
    """Name or path of the profile among them."""
    emulator: bool = False
    """Use the emulator though a key is there."""
    emulator_flags: tuple[str, ...] = ()
    """Further flags of `bidiscope emulate`."""
    record: Path | None = None
    """Folder for the recording; None is the user's data folder."""
    stays: bool = False
    """Connect again by itself, before the server goes and after a loss."""
    budget: float | None = None
    """Dollars after which the session is ended."""
    tool_files: tuple[Path, ...] = ()
    """Files of functions that the model may call."""
    tool_servers: tuple[Address, ...] = ()
    """MCP servers that have more of them."""
    tool_mode: str = "auto"
    """How their calls are answered: one of `tui.core.bench.MODES`."""
    recorded: bool = True
    sound: bool = True
    device: str | None = None
    mic: str | None = None
    """Name, part of it or number of a device, a .wav file, or "off"; None is the default device."""
    aec: bool = True
    """Remove the speaker's echo from what the microphone hears."""
    speaker: Path | None = None
    """Folder for a WAV file of each answer."""
    camera: str | None = None
    """Number of a camera, film, picture, pattern of pictures or URL; None is the first camera."""
    camera_loop: bool = False
    """Begin a film again when it is over."""
    screen: int = 1
    """Number of the monitor; 0 is all of them."""
    video_fps: float = 1.0
    video_size_px: int = 768
    """Side of the square that pictures are scaled to fit."""
    picture: str = "half"
    """How the preview is drawn: "half", "kitty" or "sixel"."""
    against: Options | None = None
    """What a second session at the same microphone asks for, from the start."""
    watch: str = ""
    """What is looked at from the start: "camera" or "screen"."""
    theme: str = ""
    mouse: bool = True
