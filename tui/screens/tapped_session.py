"""A session of another program, while it goes on and after: all panes, and no command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key as KeyPressed

from tui.keys import KEYS, LIVE, RECORDED, Key
from tui.screens.recorded import Recorded

WHY = "is for sessions of bidiscope's own; this one is another program's, and only looked at."


def _foreign() -> Iterator[tuple[str, Key]]:
    """The keys that command a session of our own, those left out that mean something here."""
    here = {name for key in KEYS if key.place in ("", RECORDED) for name in key.keys.split(",")}
    for key in KEYS:
        names = [name for name in key.keys.split(",") if name not in here]
        if key.place == LIVE and names:
            yield ",".join(names), key


class TappedSession(Recorded):
    """Follows the session; the commands of a live one are greyed out, and say why."""

    FOLLOWS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(names, f"command('{key.label}')", key.label, show=key.footer)
        for names, key in _foreign()
    ]
    _LABELS: ClassVar[dict[str, str]] = {
        name: key.label for names, key in _foreign() for name in names.split(",")
    }

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """None greys a command out."""
        if action == "command":
            return None
        return super().check_action(action, parameters)

    def on_key(self, event: KeyPressed) -> None:
        """Say why nothing happens."""
        if event.key in self._LABELS:
            self.notify(f"{self._LABELS[event.key]} {WHY}", markup=False)
