"""What will be sent, before it is: the difference of the set-ups, and what is known to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tui.core.diff_lines import DiffLines
from tui.core.lint.finding import Finding
from tui.core.lint.rule import Severity
from tui.core.text import safe

_STYLES = {"added": "$bd-speech", "removed": "$bd-unknown", "changed": "$bd-sent"}


class Review(ModalScreen[bool]):
    """Shows, and asks whether to go on.

    Args:
        diff: of the set-ups.
        way: what it takes, in a sentence.
        findings: on the new one, the gravest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", "Apply", id="review.apply"),
        Binding("escape,n,q", "dismiss(False)", "Back", key_display="esc", id="review.back"),
    ]

    def __init__(self, diff: DiffLines, way: str, findings: Sequence[Finding]) -> None:
        super().__init__()
        self._diff, self._way = diff, way
        self._findings = [each for each in findings if each.severity > Severity.CHAT]

    def compose(self) -> ComposeResult:
        """The differences, the findings, the way, the keys."""
        with Vertical(id="review"):
            with VerticalScroll(id="review-lines"):
                yield Static(Content("\n").join(self._lines()))
                for finding in self._findings:
                    yield Static(_said(finding), classes="review-finding")
            yield Static(safe(self._way), id="review-way", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """How grave it is stands in the title."""
        frame = self.query_one("#review")
        frame.border_title = "Apply"
        grave = sum(each.severity >= Severity.WARN for each in self._findings)
        if grave:
            frame.add_class("-warned")
            frame.border_title = f"Apply: {grave} warning{'s' * (grave > 1)}"
        self.query_one("#review-lines").focus()

    def _lines(self) -> list[Content]:
        return [
            Content.assemble(*((text, _STYLES.get(name, "")) for text, name in self._diff.line(at)))
            for at in range(len(self._diff))
        ]


def _said(finding: Finding) -> Content:
    style = "$bd-unknown bold" if finding.severity >= Severity.WARN else "bold"
    return Content.assemble(
        (f"{finding.severity.word}: ", style), finding.ahead, " ", (finding.rule.advice, "dim")
    )
