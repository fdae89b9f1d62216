"""`clientContent`, and the messages that tell when somebody speaks."""

from __future__ import annotations

from typing import ClassVar

from tui.core.lint import pcm
from tui.core.lint.scene import Check
from tui.core.values import dict_of, rows_of
from tui.core.wire import Fact

SPEAKING_PEAK = 1036
"""-30 dBFS: somebody speaks into the microphone."""
RECENT_S = 0.3
"""Sound that was sent so shortly before is what is being said now."""


class Content(Check):
    """Content where the model takes it, signals where the setup wants them."""

    def begin(self) -> None:
        """No content was sent, nobody speaks."""
        self._seeded = False
        self._sound: tuple[int, float, Fact] | None = None

    def content(self, fact: Fact) -> None:
        """Content, where the model takes it and in an order that counts."""
        scene, link, value = self.scene, self.scene.link, dict_of(fact.value)
        turns = rows_of(value.get("turns"))
        if any(turn.get("role") == "system" for turn in turns) and not link.vertex:
            scene.report("content-role")
        model = link.model
        if model.client_content == "none":
            scene.report("content-refused", key="refused", model=model.name)
        elif model.client_content == "history":
            self._history()
        if turns and (speaking := self._speaking()) is not None:
            scene.report("content-while-speaking", speaking, scene.row)

    def _history(self) -> None:
        """Content that may only seed, and only where the setup has said so."""
        scene, link = self.scene, self.scene.link
        history = dict_of(link.setup.get("historyConfig"))
        if self._seeded or scene.session.conversation.at:
            scene.report("content-midsession", key="midsession", model=link.model.name)
        elif history.get("initialHistoryInClientContent") is not True:
            scene.report("content-unannounced", model=link.model.name)
        self._seeded = True

    def _speaking(self) -> int | None:
        """The row of what is being said now, if anything is."""
        scene, sound = self.scene, self._sound
        if sound is None or scene.now_s - sound[1] > RECENT_S or not scene.timed:
            return None
        if scene.session.talking or scene.session.speech is True:
            return sound[0]
        try:
            loud = pcm.peak(scene.blob(sound[0], sound[2])) >= SPEAKING_PEAK
        except ValueError:
            return None
        return sound[0] if loud else None

    def sound(self, fact: Fact) -> None:
        """Sound is sent."""
        if isinstance(fact.value, dict):
            self._sound = (self.scene.row, self.scene.now_s, fact)
            self._seeded = True

    def text(self, fact: Fact) -> None:
        """Text is sent: the conversation has begun."""
        self._seeded = True
        if self.scene.link.model.client_content == "none":
            self.scene.report("content-refused", key="refused", model=self.scene.link.model.name)

    def activity(self, fact: Fact) -> None:
        """`activityStart` or `activityEnd`, where the server detects for itself."""
        if not self.scene.link.manual and self.scene.link.whole:
            name = fact.kind.rpartition(".")[2]
            self.scene.report("activity-with-detection", key=name, signal=name)

    def stream_end(self, fact: Fact) -> None:
        """`audioStreamEnd`: nobody speaks now; where the client tells who speaks, it is wrong."""
        self._sound = None
        if self.scene.link.manual:
            self.scene.report("stream-end-with-signals", key="end")

    sent: ClassVar = {
        "clientContent": content,
        "realtimeInput.audio": sound,
        "realtimeInput.text": text,
        "realtimeInput.activityStart": activity,
        "realtimeInput.activityEnd": activity,
        "realtimeInput.audioStreamEnd": stream_end,
    }
