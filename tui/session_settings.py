"""The settings of the live session: what the screen is lent, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from textual.app import App, SystemCommand

from tui import credentials
from tui.audition import OFF
from tui.cabinet import ProfileCabinet
from tui.configured import DEFAULT_MODELS
from tui.core import models
from tui.core.configuration import layers
from tui.core.configuration.draft import Draft
from tui.core.configuration.message import Configuration
from tui.core.inspection import Audition
from tui.core.lint import preflight
from tui.core.lint.finding import Finding
from tui.core.text import safe
from tui.options import Options
from tui.rig import Rig
from tui.screens.key_entry import KeyEntry
from tui.screens.settings import Settings


class SessionSettings:
    """Between the screen and the rig.

    Args:
        app: shows the screen, and what went wrong.
        rig: the session.
        options: what it was started with.
    """

    def __init__(self, app: App[None], rig: Rig, options: Options) -> None:
        self._app, self._rig, self._options = app, rig, options

    def show(self, audition: Audition) -> None:
        """Show what is asked of the session; samples of voices are heard by ``audition``."""
        asked = self._rig.engine.wish.asked
        sources = layers.sources(self._options.layers, asked.values)
        screen = Settings(
            Draft(asked, sources, self._rig.origin),
            _lint,
            ProfileCabinet(),
            self._apply,
            partial(self._hear, audition),
            self._options.profile,
        )
        self._app.push_screen(screen)

    def choose_model(self, name: str) -> None:
        """Go on with another model, and say what it is known to refuse."""
        engine = self._rig.engine
        engine.model(name)
        for trouble in self._rig.trouble(replace(engine.wish, model=name)):
            self._app.notify(trouble, severity="warning", markup=False, timeout=10)

    def models(self) -> Iterator[SystemCommand]:
        """A command for each model; of those that the service does not have it says why not."""
        for name in models.names():
            model = models.model(name)
            why = models.against(model, self._rig.origin)
            title = f"{'Other model' if why else 'Model'}: {name}"
            said = f"{why[:1].upper()}{why[1:]}." if why else model.summary
            yield SystemCommand(title, said, partial(self.choose_model, name))

    # ---- who answers

    def offer(self, browse: Callable[[], None]) -> None:
        """Offer a key for this run, the emulator, and by ``browse`` a recording."""
        self._app.push_screen(KeyEntry(self._take_key, self._emulate, browse))

    def _take_key(self, text: str) -> str:
        try:
            key = credentials.checked(text)
        except credentials.CredentialError as error:
            return str(error)
        if key.startswith("auth_tokens/"):
            self._rig.configure(self._answered_by("gemini").with_values(token=key))
        else:
            self._rig.configure(self._answered_by("gemini"), key)
        return ""

    def _emulate(self) -> None:
        self._rig.configure(self._answered_by("emulator"))

    def _answered_by(self, service: str) -> Configuration:
        """With the model that is this service's own, unless somebody has chosen one."""
        wish = self._rig.engine.wish
        asked = wish.asked.with_values(service=service, token=None)
        if wish.model == DEFAULT_MODELS[self._rig.origin] and not self._options.model:
            asked = asked.with_values(model=DEFAULT_MODELS[service], modality=None)
        return asked

    def _apply(self, configuration: Configuration) -> None:
        self._rig.configure(configuration)

    def _hear(self, audition: Audition, configuration: Configuration) -> str:
        if not self._options.sound:
            return OFF
        work = partial(self._sample, audition, configuration)
        self._app.run_worker(work, thread=True, exclusive=True, group="voice")
        return f"{configuration.get('voice') or 'The default voice'} is asked to speak…"

    def _sample(self, audition: Audition, configuration: Configuration) -> None:
        """On a thread: a short session of its own speaks."""
        from tui.voice_sample import SampleError, sample

        model = str(configuration.values.get("model", self._rig.model))
        try:
            audition.play(sample(configuration, model, self._rig.key))
        except (SampleError, ValueError) as error:
            tell = partial(self._app.notify, safe(str(error)), title="Voice", severity="warning")
            self._app.call_from_thread(tell, markup=False)


def _lint(draft: Draft) -> Sequence[Finding]:
    """What is known of a draft's set-up, by the rules of the findings."""
    return preflight.check(draft.setup, draft.origin, time.time())
