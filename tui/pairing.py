"""The second session: who begins and ends it, what both are told, which of the two is heard."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from textual.app import App
from textual.command import SimpleCommand

from tui import profiles
from tui.against import options_against
from tui.core import models
from tui.core.frame import Event
from tui.core.journal import JournalError
from tui.core.text import safe
from tui.feed import Feed
from tui.live.engine import Engine
from tui.live.setup import views
from tui.options import Options
from tui.screens.pair import ENDED, HEARD, NAMES, SILENT, Now, PairScreen, Source


class Pairing:
    """One session, or two at the same microphone.

    The one that is not heard is in text view: its sound comes, is counted, and is thrown away.

    Args:
        app: shows them.
        first: the session that is always there.
    """

    def __init__(self, app: App[None], first: Feed) -> None:
        self._app = app
        self.first = self.heard = first
        self.second: Feed | None = None
        """The second session; it may have ended."""
        self._ended = False
        self._screen: PairScreen | None = None
        self._past: list[Feed] = []

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """What is shown: one session, or two."""
        return (self.first,) if self.second is None else (self.first, self.second)

    @property
    def going(self) -> tuple[Feed, ...]:
        """Those of them that have not ended."""
        return self.feeds[:1] if self._ended else self.feeds

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Those that a person speaks to."""
        return tuple(feed.rig.engine for feed in self.going)

    @property
    def both(self) -> bool:
        """Whether two sessions go on."""
        return len(self.engines) == 2

    @property
    def recordings(self) -> list[Path]:
        """The files of all second sessions."""
        files = (feed.rig.recording for feed in (*self._past, *self.feeds[1:]))
        return [path for path in files if path is not None]

    # ---- begin and end

    def open(self) -> None:
        """Show both; with one alone, ask for another model or profile."""
        if self.both:
            self.show()
        else:
            self._offer()

    def begin(self, options: Options) -> None:
        """Hold a second session."""
        try:
            rig = self.first.rig.second(options)
        except JournalError as error:
            self._app.notify(safe(str(error)), severity="error", markup=False, timeout=10)
            return
        if self.second is not None:
            self._past.append(self.second)
        second = self.second = Feed(rig, options)
        self._ended = False
        rig.engine.start()
        rig.engine.connect()
        for number, (feed, other) in enumerate(((self.first, second), (second, self.first))):
            path = other.rig.recording
            file = path.name if path else ""
            about = {"side": NAMES[number], "model": other.rig.model, "recording": file}
            feed.rig.engine.note("pair", **about)
        for trouble in rig.trouble():
            self._app.notify(trouble, title="B", severity="warning", markup=False, timeout=10)
        self.show()

    def end(self) -> None:
        """End the second session, and hear the first; if it has ended, begin another."""
        if not self.both:
            self._offer()
            return
        second = self.second
        assert second is not None
        if self.heard is second:
            self.hear_other()
        self._ended = True
        self.first.rig.engine.note("pair.ended")
        self._app.run_worker(second.rig.engine.stop, thread=True, group="pair")
        self._app.notify(_END, markup=False)

    def close(self) -> None:
        """Let go of all second sessions; blocks until their connections are closed."""
        for feed in (*self._past, *self.feeds[1:]):
            feed.rig.stop()

    def _offer(self) -> None:
        commands = [*self._models(), *self._profiles()]
        self._app.search_commands(commands, placeholder="A second session, with …")

    def _models(self) -> Iterator[SimpleCommand]:
        now = self.first.rig.engine.wish.model
        for name in models.names():
            what = _AGAIN if name == now else models.model(name).summary
            yield SimpleCommand(name, partial(self._choose, model=name), what)

    def _profiles(self) -> Iterator[SimpleCommand]:
        for name in profiles.names():
            what = "What this profile asks for, before what the first session does."
            yield SimpleCommand(f"profile {name}", partial(self._choose, profile=name), what)

    def _choose(self, model: str = "", profile: str = "") -> None:
        asked = self.first.rig.engine.wish.asked
        try:
            options = options_against(self.first.options, asked, model, profile)
        except JournalError as error:
            self._app.notify(safe(str(error)), severity="error", markup=False, timeout=10)
        else:
            self.begin(options)

    # ---- which is heard

    def hear_other(self) -> None:
        """Hear the session that is silent now."""
        if not self.both:
            self._app.notify("There is no second session: M begins one.", markup=False)
            return
        silent = next(feed for feed in self.feeds if feed is not self.heard)
        model, view = silent.rig.engine.wish.model, silent.rig.engine.wish.view
        if view == "text" or "audio" not in views(models.model(model)):
            self._app.notify(f"{safe(model)} writes: there is nothing to hear.", markup=False)
            return
        loud, self.heard = self.heard, silent
        hear = partial(silent.rig.engine.view, "audio")
        if loud.rig.engine.wish.view == "audio":
            loud.rig.engine.view("text view").add_done_callback(lambda _: hear())
        else:
            hear()

    def take(self, feed: Feed, event: Event) -> None:
        """Who changes to sound by other means is heard from now on, too."""
        if event.name == "view" and event.detail.get("view") == "audio" and feed is not self.heard:
            loud, self.heard = self.heard, feed
            loud.rig.engine.view("text view")

    # ---- the screen

    def show(self) -> None:
        """Show both beside each other."""
        sources = tuple(_source(feed) for feed in self.feeds)
        if self._screen is None or self._screen.sources != sources:
            self._screen = PairScreen(sources, self.first.rig.prices)
        stack = self._app.screen_stack
        if self._screen in stack:
            while self._app.screen is not self._screen:
                self._app.pop_screen()
        else:
            self._app.push_screen(self._screen)

    def picture(self, screen: PairScreen) -> None:
        """Bring it up to date."""
        screen.show([Now(each.area, each.rig.engine.now, self._hears(each)) for each in self.feeds])

    def _hears(self, feed: Feed) -> str:
        if feed is self.heard:
            return HEARD
        return SILENT if feed in self.going else ENDED


def _source(feed: Feed) -> Source:
    path = feed.rig.recording
    return Source(feed.log, feed.linter.findings, path.name if path else "")


_AGAIN = "The same model again: how far two answers of one model differ."
_END = "B has ended. = compares both recordings, M begins another second session."
