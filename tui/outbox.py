"""What a person is about to send: the composer's text and the files with it, on their way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from textual.app import App

from tui import sent_texts
from tui.core.attachment import Attachment
from tui.core.text import safe
from tui.folder import listing
from tui.live.engine import Engine
from tui.options import Options
from tui.rig import Rig
from tui.screens.file_picker import FilePicker
from tui.screens.live import Live
from tui.screens.pair import PairScreen
from tui.screens.writing import Writing
from tui.widgets.attachments import Attachments, Pending


class Outbox:
    """Between the screen and the engine.

    Args:
        app: shows the screens, and what went wrong.
        rig: the session.
        options: what it was started with.
        engines: those that are spoken to.
    """

    def __init__(
        self, app: App[None], rig: Rig, options: Options, engines: Callable[[], Sequence[Engine]]
    ) -> None:
        self._app, self._rig, self._options, self._engines = app, rig, options, engines
        self._folder = Path.home()
        """Where a file was chosen last."""
        with contextlib.suppress(OSError):  # the folder that it was started in is gone
            self._folder = Path.cwd()
        self._last: tuple[str, Sequence[Attachment]] = ("", ())

    def open(self) -> None:
        """Let the composer remember what was sent in earlier runs."""
        if self._options.recorded:
            work = partial(self._recall, self._writing)
            self._app.run_worker(work, thread=True, group="texts")

    def _recall(self, writing: Writing) -> None:
        texts = sent_texts.read()
        self._app.call_from_thread(writing.composer.remember, texts)

    # ---- files

    def choose(self) -> None:
        """Let a file be chosen."""
        self._app.push_screen(FilePicker(self._folder, listing), self._chosen)

    def _chosen(self, path: Path | None) -> None:
        if path is not None:
            self._folder = path.parent
            self.attach([path])

    def attach(self, paths: Sequence[Path]) -> None:
        """Read files, to go with what is sent next."""
        bar = self._writing.attachments
        for path in paths:
            work = partial(self._read, path, bar.begin(path.name), bar)
            self._app.run_worker(work, thread=True, group="files")

    def _read(self, path: Path, pending: Pending, bar: Attachments) -> None:
        """On a thread."""
        from tui.media.attachment import AttachmentError, read

        resolution = self._rig.engine.wish.configuration.get("media_resolution")
        attachment = None
        try:
            attachment = read(path, self._rig.side_px, resolution)
        except AttachmentError as error:
            self._tell(str(error))
        except MemoryError:
            self._tell(f"{path} cannot be attached: it does not fit into the memory.")
        self._app.call_from_thread(bar.end, pending, attachment)

    def _tell(self, problem: str) -> None:
        """From a thread."""
        tell = partial(self._app.notify, safe(problem), title="Attach", severity="error")
        self._app.call_from_thread(tell, markup=False, timeout=10)

    # ---- sending

    def send(self, text: str) -> None:
        """Ask, with what is attached."""
        files = self._taken(text)
        for engine in self._engines():
            if files:
                engine.say(text, files)
            elif text:
                engine.say(text)

    def prefill(self, text: str, role: str) -> None:
        """Lay a turn into the context."""
        files = self._taken(text)
        for engine in self._engines() if text or files else ():
            engine.prefill(text, role, files)

    def unsent(self, reason: str) -> None:
        """Give back what was sent in vain."""
        text, files = self._last
        self._last = ("", ())
        self._writing.composer.restore(text)
        self._writing.attachments.restore(files)
        self._app.notify(safe(reason), severity="warning", markup=False, timeout=10)

    def _taken(self, text: str) -> Sequence[Attachment]:
        files = self._writing.attachments.take()
        self._last = (text, files)
        if text and self._options.recorded:
            sent_texts.add(self._rig.masked(text))
        return files

    @property
    def _writing(self) -> Writing:
        """Where a person types: on the topmost screen that has it."""
        screens = reversed(self._app.screen_stack)
        return next(each.writing for each in screens if isinstance(each, (Live, PairScreen)))
