"""The place of the camera's picture."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Camera(Static):
    """Says in words that nothing is captured: this version sends no pictures."""

    DEFAULT_CSS = """
    Camera {
        height: auto;
        color: $text-muted;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(Content("Camera: not in this version."), id=id, classes=classes)
