"""One line of words to choose one of: the families of messages, the views of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, and its words from the longest to the shortest."""

    value: str
    words: tuple[str, ...]


class ChoiceLine(Widget):
    """Choices side by side, all in the longest form that fits; a click chooses."""

    DEFAULT_CSS = """
    ChoiceLine {
        height: 1;
        & > .choice-line--chosen {
            background: $bd-row-cursor;
            text-style: $block-cursor-text-style;
        }
        & > .choice-line--other { color: $bd-family-metadata; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice-line--chosen", "choice-line--other"}

    choices: reactive[tuple[Choice, ...]] = reactive(())
    chosen: reactive[str] = reactive("")
    """The value of the choice that holds."""

    @dataclass
    class Chosen(Message):
        """The user clicked on a choice."""

        choice_line: ChoiceLine
        value: str

        @property
        def control(self) -> ChoiceLine:
            """The line that was clicked."""
            return self.choice_line

    def render_line(self, y: int) -> Strip:
        """The words, the chosen one marked."""
        chosen = self.get_component_rich_style("choice-line--chosen")
        other = self.get_component_rich_style("choice-line--other", partial=True)
        segments = [
            Segment(f" {words} ", chosen if choice.value == self.chosen else other)
            for choice, words in zip(self.choices, self._words(), strict=True)
        ]
        width, ground = self.size.width, self.rich_style
        return Strip(segments).crop_extend(0, width, None).apply_style(ground)

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the mouse."""
        offset = event.get_content_offset(self)
        end = 0
        for choice, words in zip(self.choices, self._words(), strict=True):
            end += len(words) + 2
            if offset is not None and offset.x < end:
                self.post_message(self.Chosen(self, choice.value))
                return

    def _words(self) -> Sequence[str]:
        """Each choice in the longest form in which all fit."""
        forms = [[*form] for form in zip(*(choice.words for choice in self.choices), strict=True)]
        fitting = (form for form in forms if len("  ".join(form)) + 2 <= self.size.width)
        return next(fitting, forms[-1] if forms else [])
