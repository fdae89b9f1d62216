"""A client message, written by hand: an earlier one, or a new one from a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Footer, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from tui.core.diff_lines import DiffLines
from tui.core.handwritten import LARGEST_BYTES, Handwritten, Unwritten, Verdict
from tui.core.templates import Template
from tui.core.text import safe
from tui.widgets.json_area import JsonArea

PAUSE_S = 0.2
"""A text is judged when nothing was typed for so long."""
MOST_WARNINGS = 4
_STYLES = {"added": "$bd-speech", "removed": "$bd-unknown", "changed": "$bd-sent"}


class MessageEditor(ModalScreen[None]):
    """Writes, judges and sends.

    Args:
        written: what it begins with, and what the differences are from.
        about: where that is from, in words.
        text: what stands there at first: a draft, or the text of ``written``.
        judge: says what is known of a text.
        send: sends it, as a set-up where the second argument says so; returns why not, or "".
        keep: is given the text when this closes and nothing was sent.
        templates: what can be begun with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "send", "Send", priority=True, id="message.send"),
        Binding("f5", "send_here", "Send on this connection", priority=True, id="message.here"),
        Binding("f2", "templates", "Templates", priority=True, id="message.templates"),
        Binding("f3", "differences", "Differences", priority=True, id="message.diff"),
        Binding("f4", "original", "Original", priority=True, id="message.original"),
        Binding("escape", "leave", "Close", priority=True, id="message.close"),
    ]

    def __init__(
        self,
        written: Handwritten,
        about: str,
        text: str,
        judge: Callable[[str, Handwritten], Verdict],
        send: Callable[[str, bool], str],
        keep: Callable[[str], None],
        templates: Sequence[Template],
    ) -> None:
        super().__init__()
        self._written, self._about, self._text = written, about, text
        self._judge, self._send, self._keep = judge, send, keep
        self._templates = templates
        self._verdict = Verdict()
        self._agreed = ""
        """The text that was warned of, and is sent when it is asked for again."""
        self._judging: Timer | None = None

    @property
    def _area(self) -> JsonArea:
        return self.query_one(JsonArea)

    @property
    def _differences(self) -> VerticalScroll:
        return self.query_one("#message-differences", VerticalScroll)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def compose(self) -> ComposeResult:
        """Where it is from, the text or the differences, what is known of it, the keys."""
        with Vertical(id="message-editor"):
            yield Static(safe(self._about), id="message-about", markup=False)
            yield JsonArea(self._text, LARGEST_BYTES)
            with VerticalScroll(id="message-differences"):
                yield Static()
            yield OptionList(*map(_option, self._templates), id="message-templates")
            yield Static(id="message-verdict")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The text can be changed at once; a new one begins with the choice of a template."""
        self._show("templates" if not self._text else "area")
        self._look()

    def _show(self, what: str) -> None:
        parts = {"area": self._area, "differences": self._differences, "templates": self._list}
        for name, part in parts.items():
            part.display = name == what
        parts[what].focus()
        self.query_one("#message-verdict").display = what != "templates"
        self.refresh_bindings()
        titles = {"area": "Message", "differences": "What differs", "templates": "Begin with"}
        self.query_one("#message-editor").border_title = titles[what]

    # ---- what is thought of it

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._judging is not None:
            self._judging.stop()
        self._judging = self.set_timer(PAUSE_S, self._look)

    def _look(self) -> None:
        self._verdict = self._judge(self._area.text, self._written)
        self._say()
        self.refresh_bindings()

    def _say(self) -> None:
        verdict, lines = self._verdict, []
        if verdict.problem:
            lines.append(Content.styled(safe(verdict.problem), "$bd-unknown bold"))
        for each in verdict.warnings[:MOST_WARNINGS]:
            lines.append(Content.assemble(("warn: ", "$bd-unknown bold"), safe(each)))
        if (more := len(verdict.warnings) - MOST_WARNINGS) > 0:
            lines.append(Content(f"and {more} more"))
        if verdict.warnings and self._agreed == self._area.text:
            lines.append(Content.styled("Ctrl+S once more sends it anyway.", "bold"))
        lines += [Content.styled(safe(each), "dim") for each in verdict.notes[:MOST_WARNINGS]]
        if verdict.setup:
            lines.append(Content.styled(_SETUP, "bold"))
        if not lines:
            lines.append(Content.styled("Nothing is known against it.", "dim"))
        self.query_one("#message-verdict", Static).update(Content("\n").join(lines))

    @on(JsonArea.TooLong)
    def _refuse(self, event: JsonArea.TooLong) -> None:
        words = f"Not pasted: it is longer than {event.most >> 20} MiB, which no service takes."
        self.notify(words, severity="warning", markup=False)

    # ---- what can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A set-up alone can be sent two ways; only what is changed has an original."""
        if action in ("send", "send_here") and self.is_mounted and self._list.display:
            return False
        if action == "send_here":
            return self._verdict.setup
        if action in ("differences", "original"):
            return bool(self._written.payload)
        return True

    def action_send(self) -> None:
        """Send it; what is warned of needs asking twice. A set-up connects anew."""
        self._ask(anew=True)

    def action_send_here(self) -> None:
        """Send a set-up on this connection, as it is."""
        self._ask(anew=False)

    def _ask(self, *, anew: bool) -> None:
        text = self._area.text
        self._look()
        anew = anew and self._verdict.setup
        if self._verdict.problem:
            return
        if self._verdict.warnings and self._agreed != text:
            self._agreed = text
            self._say()
            return
        try:
            problem = self._send(self._written.message(text), anew)
        except Unwritten as error:
            problem = str(error)
        if problem:
            self.notify(problem, severity="warning", markup=False)
        else:
            self._keep("")
            self.dismiss()

    def action_templates(self) -> None:
        """Choose what to begin with."""
        self._show("templates")

    @on(OptionList.OptionSelected)
    def _begin(self, event: OptionList.OptionSelected) -> None:
        """The text before can be had back by undo. The cursor is where something is to be said."""
        area, text = self._area, self._templates[event.option_index].text
        area.replace(text, (0, 0), area.document.end)
        before = text[: text.find('""') + 1]
        area.move_cursor((before.count("\n"), len(before) - before.rfind("\n") - 1))
        self._show("area")

    def action_differences(self) -> None:
        """Show what was changed, or go back to the text."""
        if self._differences.display:
            self._show("area")
            return
        try:
            before, after = (
                self._written.read(text) for text in (self._written.text, self._area.text)
            )
        except Unwritten as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        lines = DiffLines.of("Against the message as it was sent:", before, after)
        told = [
            Content.assemble(*((text, _STYLES.get(name, "")) for text, name in lines.line(at)))
            for at in range(len(lines))
        ]
        self.query_one("#message-differences Static", Static).update(Content("\n").join(told))
        self._show("differences")

    def action_original(self) -> None:
        """The text as it was; undo takes that back."""
        area = self._area
        area.replace(self._written.text, (0, 0), area.document.end)
        self._show("area")

    def action_leave(self) -> None:
        """Back to the text, or leave; the text is kept."""
        if not self._area.display and self._area.text:
            self._show("area")
            return
        self._keep(self._area.text)
        self.dismiss()


_SETUP = "Ctrl+S connects anew with this set-up. F5 sends it on the connection as it is."


def _option(template: Template) -> Option:
    return Option(Content.assemble((f"{template.name}\n", "bold"), f"   {template.meaning}"))
