"""The workbench of the tap: a list of the sessions that pass, each with all panes, read-only."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import SystemCommand
from textual.screen import Screen

from tui import graphics, lent, terminal
from tui.core.journal import JournalError
from tui.core.places import data_folder
from tui.core.recording import Recording
from tui.core.text import safe
from tui.desk import Desk
from tui.reader import Reader
from tui.screens.faulty_session import FaultySession
from tui.screens.recorded import MakeSound
from tui.screens.tapped import TappedSessions
from tui.screens.tapped_session import TappedSession
from tui.tapping import TapProcess

if TYPE_CHECKING:
    from tui.graphics import Image


class TapDesk(Desk):
    """Shows what a tap reports. ``program`` is what it runs, ``output`` where that writes to."""

    def __init__(
        self,
        tap: TapProcess,
        ready: Mapping[str, Any],
        program: Sequence[str] = (),
        output: Path | None = None,
        theme: str = "",
        make_image: Callable[[], Image] | None = None,
        warnings: Sequence[str] = (),
        make_sound: MakeSound | None = None,
        *,
        faults: bool = False,
    ) -> None:
        super().__init__(None, theme, make_image, warnings, make_sound)
        self._tap, self._addresses = tap, ready
        self._program, self._output = shlex.join(program), output
        self._faults = faults
        self._numbers: dict[Path, int] = {}
        """The tap's own of the sessions."""
        self._tapped = TappedSessions()
        self.status = 0
        """The program's exit status."""

    def get_default_screen(self) -> Screen[None]:
        """The sessions."""
        return self._tapped

    def on_ready(self) -> None:
        """The screen is painted: now the tap is listened to."""
        if self._program:
            self._tapped.say(f"Running, its output goes to {self._output}: {self._program}")
        else:
            variables = self._addresses["environment"].items()
            lines = [f"export {name}={shlex.quote(value)}" for name, value in variables]
            at = f"{self._addresses['wss']} and {self._addresses['ws']}"
            to = " and ".join(self._addresses["upstreams"])
            self._tapped.say(f"Tapping at {at}; what comes is passed on to {to}", lines)
        self._tap.follow(lambda row: self.call_from_thread(self._told, row))

    def _told(self, row: Mapping[str, Any]) -> None:
        """The tap has reported something."""
        if "recording" in row:
            path = Path(row["recording"])
            self._numbers[path] = row["session"]
            reader = self._read(path)
            if reader is not None:
                self._tapped.add(reader)
        elif "status" in row:
            self.status = row["status"]
            ended = f"Ended with exit code {self.status}, its output is in {self._output}"
            self._tapped.say(f"{ended}: {self._program}", problem=self.status != 0)
        elif "ended" in row:
            self._tapped.say("The tap has ended: nothing passes any more.", problem=True)

    def _read(self, path: Path) -> Reader | None:
        try:
            reader = Reader(Recording(path))
        except JournalError as error:
            self.notify(safe(str(error)), severity="error", markup=False)
            return None
        reader.start()
        return reader

    @on(TappedSessions.Chosen)
    def _choose_session(self, event: TappedSessions.Chosen) -> None:
        reader = self._read(event.path)
        if reader is not None:
            screen = FaultySession if self._faults else TappedSession
            self.push_screen(screen(reader, self.preview(), self._make_sound))

    @on(FaultySession.Wanted)
    def _bring_about(self, event: FaultySession.Wanted) -> None:
        fault = {"kind": event.kind, "code": event.code, "reason": event.reason}
        self._tap.tell({"session": self._numbers[event.path], **fault})

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the desk has, and the faults."""
        yield from super().get_system_commands(screen)
        if isinstance(screen, FaultySession):
            yield from screen.commands()

    @on(TappedSessions.Copied)
    def _copy_lines(self, event: TappedSessions.Copied) -> None:
        self._copy(event.text)


def run(
    words: Sequence[str],
    program: Sequence[str],
    *,
    faults: bool,
    theme: str,
    picture: str,
    mouse: bool,
) -> int:
    """Start a tap by ``words`` and show it in this terminal; returns the program's exit status.

    Raises:
        JournalError: There is no terminal, or the tap cannot begin.
    """
    if trouble := terminal.trouble(os.environ):
        raise JournalError(trouble)
    words, output = [*words, "--headless", "--tied", "--quiet"], None
    if program:
        output = _output_file()
        words += ["--output", str(output), "--", *program]
    tap = TapProcess(words)
    try:
        make_image, problem = graphics.image(picture)
        warnings = [problem] if problem else []
        heard = partial(lent.sound, None)
        app = TapDesk(
            tap, tap.ready(), program, output, theme, make_image, warnings, heard, faults=faults
        )
        with terminal.native_stderr_to(data_folder() / "native.log"):
            app.run(mouse=mouse)
    finally:
        tap.stop()
    return app.return_code or app.status


def _output_file() -> Path:
    """A new file for what the program prints, readable by its owner only."""
    folder = data_folder() / "output"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".log", time.strftime("%Y%m%d-%H%M%S-"), folder)
    except OSError as error:
        raise JournalError(
            f"The program's output cannot be kept in {folder}: {error.strerror}; "
            "set BIDISCOPE_DATA to a folder that you may write to."
        ) from error
    os.close(handle)
    return Path(name)
