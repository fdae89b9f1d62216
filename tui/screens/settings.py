"""The settings of the session: every field searched, explained, validated as typed, applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.suggester import SuggestFromList
from textual.widgets import Footer, Input, Static, TextArea

from tui.core.configuration.draft import Draft, Row
from tui.core.configuration.field import Field
from tui.core.configuration.message import Configuration
from tui.core.diff_lines import DiffLines
from tui.core.journal import JournalError
from tui.core.lint.finding import Finding
from tui.core.text import safe
from tui.screens.question import Question
from tui.screens.review import Review
from tui.widgets.setting_list import SettingList


class Cabinet(Protocol):
    """The profiles. All of it may touch files; what goes wrong is a JournalError."""

    def names(self) -> list[str]:
        """The profiles that there are."""
        ...

    def load(self, name: str) -> Configuration:
        """One of them."""
        ...

    def save(self, name: str, configuration: Configuration) -> str:
        """Write one, and let it be the one that holds; returns where it is."""
        ...


Lint = Callable[[Draft], Sequence[Finding]]
"""What is known of a draft's set-up."""

SEARCH, VALUE, SAVE, LOAD, AREA = "search", "value", "save", "load", "area"


class Settings(Screen[None]):
    """Changes a draft; the session hears of it when the review is agreed to.

    Args:
        draft: what holds now.
        lint: looks at what would be sent.
        cabinet: the profiles.
        apply: lets the session go on with a configuration.
        hear: lets a line be spoken with one; returns what comes of it, in a sentence.
        profile: the one that holds; may be empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Change", priority=True, id="settings.edit"),
        Binding("space", "turn(1)", "Next", id="settings.turn"),
        Binding("delete,backspace,x", "clear", "Unset", key_display="del", id="settings.clear"),
        Binding("a", "apply", "Apply", id="settings.apply"),
        Binding("ctrl+s", "keep", "Keep", id="settings.keep"),
        Binding(
            "slash", "ask('search')", "Search", key_display="/", priority=True, id="settings.search"
        ),
        Binding("e", "raw", "Raw JSON", priority=True, id="settings.raw"),
        Binding("v", "hear", "Hear voice", id="settings.hear"),
        Binding("s", "ask('save')", "Save as", priority=True, id="settings.save"),
        Binding("o", "ask('load')", "Profile", priority=True, id="settings.load"),
        Binding("u", "revert", "Undo all", id="settings.revert", show=False),
        Binding("tab", "group(1)", "Next group", id="settings.next_group", show=False),
        Binding("shift+tab", "group(-1)", "Last group", id="settings.last_group", show=False),
        Binding("escape,f10", "leave", "Close", key_display="esc", id="settings.close"),
    ]
    AUTO_FOCUS = "SettingList"

    def __init__(
        self,
        draft: Draft,
        lint: Lint,
        cabinet: Cabinet,
        apply: Callable[[Configuration], None],
        hear: Callable[[Configuration], str],
        profile: str = "",
    ) -> None:
        super().__init__()
        self._draft, self._lint, self._cabinet = draft, lint, cabinet
        self._apply, self._hear = apply, hear
        self._profile = profile
        self._asked = ""
        """What the line is for: one of the words above; empty while it is closed."""
        self._edited: Field | None = None
        """What the text area holds; None for the raw set-up."""
        self._words = ""
        self._explained = ""
        """The field under the cursor: what was said of another one is over."""
        self._list = SettingList()

    def compose(self) -> ComposeResult:
        """Head, list, what is known of the field, the line or the area to type in."""
        yield Static(id="settings-head")
        yield self._list
        yield Static(id="settings-detail")
        yield Input(id="settings-line", compact=True)
        yield TextArea(id="settings-area", compact=True, tab_behavior="focus")
        yield Static(id="settings-problem")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the fields; nothing is typed yet."""
        self._line.display = self._area.display = False
        self.call_after_refresh(self._show)  # its size is known then

    # ---- what is shown

    def _show(self) -> None:
        self._list.show(self._draft.rows(self._words))
        changed = len(self._draft.changed)
        text = Text(" Settings", style="bold")
        text.append(f"  {safe(self._draft.model.name)}, {self._draft.origin}")
        text.append(f"  profile {safe(self._profile)}" if self._profile else "  no profile")
        if not self._draft.model.listed:
            text.append("  not in the table of models: cautious defaults", style="italic")
        if self._words:
            text.append(f"  /{safe(self._words)}")
        if changed:
            text.append(f"  {changed} changed, not applied: a", style="bold")
        self.query_one("#settings-head", Static).update(text)

    @on(SettingList.Highlighted)
    def _explain(self, event: SettingList.Highlighted) -> None:
        self._detail.update(_words(event.row))
        name = event.row.field.name if event.row else ""
        if name != self._explained and not self._asked:
            self._say("")
        self._explained = name

    def _say(self, problem: str) -> None:
        self.query_one("#settings-problem", Static).update(Text(safe(problem)))

    @property
    def _line(self) -> Input:
        return self.query_one("#settings-line", Input)

    @property
    def _detail(self) -> Static:
        return self.query_one("#settings-detail", Static)

    @property
    def _area(self) -> TextArea:
        return self.query_one("#settings-area", TextArea)

    # ---- changes

    @on(SettingList.Opened)
    def action_edit(self) -> None:
        """Type a value, turn a switch, or write several lines."""
        row = self._list.row
        if row is None:
            return
        if row.field.is_switch:
            self.action_turn(1)
        elif row.field.kind == "lines":
            self._edited = row.field
            self._open_area(row.value, f"{row.field.label}: ctrl+s keeps it, esc does not")
        else:
            self.action_ask(VALUE)

    def action_turn(self, step: int) -> None:
        """The next of the choices."""
        row = self._list.row
        if row is not None and self._draft.turn(row.field, step):
            self._show()
        elif row is not None:
            self.action_edit()

    def action_clear(self) -> None:
        """Leave the field to the model, or to the default."""
        row = self._list.row
        if row is not None:
            self._draft.clear(row.field)
            self._show()

    def action_revert(self) -> None:
        """All as it holds now."""
        self._draft.revert()
        self._show()

    def action_group(self, step: int) -> None:
        """To another group of fields."""
        self._list.action_group(step)

    # ---- the line

    def action_ask(self, what: str) -> None:
        """Let something be typed: a value, words to search, a profile's name."""
        row = self._list.row
        if what == VALUE and row is None:
            return
        self._asked, line = what, self._line
        known = self._cabinet.names() if what == LOAD else []
        if what == VALUE and row is not None:
            known = [*self._draft.suggested(row.field)]
        value = row.value if what == VALUE and row is not None else ""
        line.value = {VALUE: value, SEARCH: self._words, SAVE: self._profile}.get(what, "")
        line.password = what == VALUE and row is not None and row.field.kind == "secret"
        line.suggester = SuggestFromList(known, case_sensitive=False) if known else None
        line.placeholder = _prompt(what, row, known)
        line.display = True
        self.set_focus(line)
        self.refresh_bindings()

    @on(Input.Changed, "#settings-line")
    def _look(self, event: Input.Changed) -> None:
        row = self._list.row
        if self._asked == SEARCH:
            self._words = event.value
            self._show()
        elif self._asked == VALUE and row is not None:
            self._say(self._draft.problem(row.field, event.value))

    @on(Input.Submitted, "#settings-line")
    def _take_line(self, event: Input.Submitted) -> None:
        row, what = self._list.row, self._asked
        if what == VALUE and row is not None:
            if self._draft.problem(row.field, event.value):
                return
            self._draft.write(row.field, event.value)
        self._close()
        self._show()
        name = event.value.strip()
        if what == SAVE and name:
            self._save(name)
        elif what == LOAD and name:
            self._load(name)

    def _save(self, name: str) -> None:
        try:
            place = self._cabinet.save(name, self._draft.configuration)
        except JournalError as error:
            self._say(str(error))
            return
        self._profile = name
        self._show()
        self._say(f"Saved to {place}.")

    def _load(self, name: str) -> None:
        try:
            self._draft.take(self._cabinet.load(name))
        except JournalError as error:
            self._say(str(error))
            return
        self._profile = name
        self._show()

    # ---- the area

    def action_raw(self) -> None:
        """Edit the set-up itself."""
        self._edited = None
        self._open_area(self._draft.raw, "the set-up: ctrl+s keeps it, esc does not")

    def _open_area(self, text: str, title: str) -> None:
        self._asked, area = AREA, self._area
        area.text, area.border_title = text, title
        area.display = True
        self._list.display = self._detail.display = False
        self.set_focus(area)
        self.refresh_bindings()

    @on(TextArea.Changed, "#settings-area")
    def _look_at_area(self) -> None:
        if self._asked == AREA:
            self._say(self._area_problem())

    def _area_problem(self) -> str:
        if self._edited is not None:
            return self._draft.problem(self._edited, self._area.text)
        return self._draft.raw_problem(self._area.text)

    def action_keep(self) -> None:
        """Take what is written in the area, if it can be taken."""
        if self._area_problem():
            return
        if self._edited is not None:
            self._draft.write(self._edited, self._area.text)
        else:
            self._draft.write_raw(self._area.text)
        self._close()
        self._show()

    def _close(self) -> None:
        self._asked = ""
        self._line.display = self._area.display = False
        self._list.display = self._detail.display = True
        self._say("")
        self.set_focus(self._list)
        self.refresh_bindings()

    # ---- the session

    def action_apply(self) -> None:
        """Show what will be sent, and send it when that is agreed to."""
        draft = self._draft
        if draft.changed:
            diff = DiffLines.of("What changes in the set-up:", *draft.sides)
            self.app.push_screen(Review(diff, _way(draft), self._lint(draft)), self._reviewed)
        else:
            self._say("Nothing is changed.")

    def _reviewed(self, agreed: bool | None) -> None:
        if agreed:
            self.dismiss()
            self._apply(self._draft.configuration)

    def action_hear(self) -> None:
        """Hear a line in the voice that is chosen."""
        self._say(self._hear(self._draft.configuration))

    def action_leave(self) -> None:
        """Leave the line or the area, then the search, then the screen."""
        if self._asked:
            if self._asked == SEARCH:
                self._words = ""
            self._close()
            self._show()
        elif self._words:
            self._words = ""
            self._show()
        elif self._draft.changed:
            words = "Close, and forget what is changed?"
            self.app.push_screen(Question(words), self._left)
        else:
            self.dismiss()

    def _left(self, agreed: bool | None) -> None:
        if agreed:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is typed is no command; keeping it and leaving it are."""
        if action == "keep":
            return self._asked == AREA
        return not self._asked or action == "leave"


def _way(draft: Draft) -> str:
    update = draft.update
    if update is None:
        return "The session connects anew and carries the conversation over. Enter applies."
    if update:
        told = " and ".join(_SAID[name] for name in update)
        return f"The session goes on: contextUpdate changes {told}. Enter applies."
    return "The session goes on: nothing of it is sent. Enter applies."


_SAID = {"systemInstruction": "the instruction", "tools": "the tools"}


def _prompt(what: str, row: Row | None, known: Sequence[str]) -> str:
    if what == VALUE and row is not None:
        return f"{row.field.label}: {row.field.takes}; empty leaves it to the model"
    if what == SAVE:
        return "name of the profile, or a .toml file"
    if what == LOAD:
        return f"profile: {', '.join(known)}" if known else "a .toml file; there is no profile yet"
    return "words to search for"


def _words(row: Row | None) -> Text:
    if row is None:
        return Text("Nothing like that; Esc shows all fields again.")
    field = row.field
    text = Text(field.help)
    text.append(f"\n{field.takes[0].upper()}{field.takes[1:]}.", style="dim")
    text.append(f" {row.change[0].upper()}{row.change[1:]}.", style="bold")
    if row.reason:
        text.append(f" Not to be had: {safe(row.reason)}.", style="italic")
    text.append(f"\n{field.path or 'no part of the set-up'}", style="dim")
    text.append(f"  ·  {safe(row.source)}", style="dim")
    return text
