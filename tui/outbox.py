"""What a person is about to send: the composer's text and the files with it, on their way."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual.app import App

from tui import sent_texts
from tui.core.attachment import Attachment
from tui.core.text import safe
from tui.folder import listing
from tui.options import Options
from tui.rig import Rig
from tui.screens.file_picker import FilePicker
from tui.screens.live import Live
from tui.widgets.attachments import Pending


class Outbox:
    """Between the screen and the engine.

    Args:
        app: shows the screens, and what went wrong.
        rig: the session.
        options: what it was started with.
    """

    def __init__(self, app: App[None], rig: Rig, options: Options) -> None:
        self._app, self._rig, self._options = app, rig, options
        self._folder = Path.home()
        """Where a file was chosen last."""
        with contextlib.suppress(OSError):  # the folder that it was started in is gone
            self._folder = Path.cwd()
        self._last: tuple[str, Sequence[Attachment]] = ("", ())

    def open(self, screen: Live) -> None:
        """Let the composer remember what was sent in earlier runs."""
        if self._options.recorded:
            self._app.run_worker(partial(self._recall, screen), thread=True, group="texts")

    def _recall(self, screen: Live) -> None:
        texts = sent_texts.read()
        self._app.call_from_thread(screen.composer.remember, texts)

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
        bar = self._live.attachments
        for path in paths:
            work = partial(self._read, path, bar.begin(path.name))
            self._app.run_worker(work, thread=True, group="files")

    def _read(self, path: Path, pending: Pending) -> None:
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
        self._app.call_from_thread(self._live.attachments.end, pending, attachment)

    def _tell(self, problem: str) -> None:
        """From a thread."""
        tell = partial(self._app.notify, safe(problem), title="Attach", severity="error")
        self._app.call_from_thread(tell, markup=False, timeout=10)

    # ---- sending

    def send(self, text: str) -> None:
        """Ask, with what is attached."""
        files = self._taken(text)
        if files:
            self._rig.engine.say(text, files)
        elif text:
            self._rig.engine.say(text)

    def prefill(self, text: str, role: str) -> None:
        """Lay a turn into the context."""
        files = self._taken(text)
        if text or files:
            self._rig.engine.prefill(text, role, files)

    def unsent(self, reason: str) -> None:
        """Give back what was sent in vain."""
        text, files = self._last
        self._last = ("", ())
        self._live.composer.restore(text)
        self._live.attachments.restore(files)
        self._app.notify(safe(reason), severity="warning", markup=False, timeout=10)

    def _taken(self, text: str) -> Sequence[Attachment]:
        files = self._live.attachments.take()
        self._last = (text, files)
        if text and self._options.recorded:
            sent_texts.add(self._rig.masked(text))
        return files

    @property
    def _live(self) -> Live:
        return next(each for each in self._app.screen_stack if isinstance(each, Live))
