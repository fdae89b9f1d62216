"""What the model sees: the picture that was sent last, and a line about it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui.core.text import safe
from tui.core.video import TOKENS, Picture, Video
from tui.half_blocks import fitted, half_blocks, shades

if TYPE_CHECKING:
    from tui.graphics import Image

Line = list[tuple[str, str]]
"""Looks and words."""
Decode = Callable[[Picture, int, int], bytes]
"""A picture's pixels at a width and a height: red, green and blue, row after row."""

OFF: Final = "Camera off: v. Screen off: V."
GAP: Final = "  "
CAPTION_LINES: Final = 2


class Preview(Widget, can_focus=True):
    """The picture, as large as there is room, above its caption; one line while all is off.

    Args:
        decode: what half blocks are made of.
        image: draws the picture in their place, by the terminal's own means.
    """

    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("preview--note", "preview--on", "preview--problem"),
    }
    DEFAULT_CSS = """
    Preview {
        height: auto;
        align-horizontal: center;
        &.-maximized { height: 1fr; }
        & > .preview--note { color: $text-muted; }
        & > .preview--on { color: $text-error; text-style: bold; }
        & > .preview--problem { color: $text-warning; text-style: bold; }
        &:focus > .preview--on { text-style: bold reverse; }
        &:focus > .preview--problem { text-style: bold reverse; }
    }
    """

    def __init__(self, decode: Decode, image: Image | None = None) -> None:
        super().__init__(classes="-off")
        self.can_focus = False
        self._decode = decode
        self._image = image
        self._video = Video()
        self._drawn: tuple[Picture | None, Size] = (None, Size(0, 0))
        self._strips: list[Strip] = []
        """The lines of the picture, and what it was drawn for."""
        self.off = OFF
        """What is said while nothing is looked at."""
        self._caption: list[Line] = []

    def compose(self) -> ComposeResult:
        """Only the terminal's own picture is a widget."""
        if self._image is not None:
            yield self._image

    def show(self, video: Video) -> None:
        """Bring the preview up to date; what has not changed is not drawn again."""
        before, self._video = self._video, video
        said, self._caption = self._caption, self._said(video, self.size.width)
        if _shape(video) != _shape(before) or len(said) != len(self._caption):
            self.set_class(not video.kind, "-off")
            self.can_focus = bool(video.kind)
            self.refresh(layout=True)
        elif video.picture is not before.picture:
            self._show_image()
            self.refresh()
        elif said != self._caption:
            self.refresh(Region(0, self._rows, self.outer_size.width, len(said)))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The picture's at that width, and the caption's."""
        picture = self._picture
        rows = _fitted(picture, width, 1 << 16)[1] // 2 if picture and width else 0
        return rows + len(self._said(self._video, width))

    def on_resize(self) -> None:
        """The caption may need other lines, and the picture another size."""
        self._caption = self._said(self._video, self.size.width)
        self._show_image()

    def notify_style_update(self) -> None:
        """A theme with other colours, or with none."""
        super().notify_style_update()
        self._drawn = (None, Size(0, 0))

    def render_line(self, y: int) -> Strip:
        """A line of the picture, or of the caption."""
        width, rows = self.size.width, self._rows
        if y >= rows:
            line = self._caption[y - rows] if y - rows < len(self._caption) else []
            words = (Segment(text, self._style(look)) for look, text in line)
            return Strip(words).adjust_cell_length(width, self.rich_style)
        drawn = (self._picture, Size(width, rows))
        if self._drawn != drawn:
            self._drawn = drawn
            self._strips = self._lines(width, rows)
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(width, self.rich_style)

    @property
    def _picture(self) -> Picture | None:
        return self._video.picture if self._video.kind else None

    @property
    def _rows(self) -> int:
        """Lines that are the picture's."""
        return max(0, self.size.height - len(self._caption))

    def _show_image(self) -> None:
        """Hand the picture to the widget that draws it, if there is one."""
        if (image := self._image) is None:
            return
        picture, rows = self._picture, self._rows
        image.display = bool(picture and rows)
        if picture is not None and rows:
            width_px, height_px = _fitted(picture, self.size.width, 2 * rows)
            image.styles.width, image.styles.height = width_px, height_px // 2
            image.image = io.BytesIO(picture.jpeg)

    def _lines(self, width: int, rows: int) -> list[Strip]:
        """The picture as half blocks, in the middle of so many cells."""
        picture = self._picture
        if picture is None or self._image is not None:
            return []
        width_px, height_px = _fitted(picture, width, 2 * rows)
        colours = not self.app.no_color
        if not (rgb := self._decode(picture, width_px, height_px)):
            return []
        base = self.rich_style
        left = Segment(" " * ((width - width_px) // 2), base)
        blank = Strip.blank(width, base)
        above = (rows - height_px // 2) // 2
        cells = half_blocks(rgb, width_px) if colours else shades(rgb, width_px, base)
        lines = [Strip([left, *line]).adjust_cell_length(width, base) for line in cells]
        return [blank] * above + lines

    def _said(self, video: Video, width: int) -> list[Line]:
        return caption(video, width) if video.kind else [[("note", self.off)]]

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"preview--{part}")


def caption(video: Video, width: int) -> list[Line]:
    """What is said under the picture, as much as there is room for."""
    look = "on" if video.state == "on" else "problem"
    lines: list[Line] = [[(look, f"{video.kind.upper()} {video.state}")]]
    for fact in _facts(video):
        if sum(cell_len(text) for _, text in lines[-1]) + len(GAP) + cell_len(fact) <= width:
            lines[-1].append(("note", GAP + fact))
        elif len(lines) < CAPTION_LINES:
            lines.append([("note", fact)])
    return lines


def _facts(video: Video) -> Iterator[str]:
    """The most important first."""
    picture = video.picture
    if picture is not None:
        yield f"sent {video.age_s:.1f} s ago"
        if video.state == "on":
            yield f"next {video.next_in_s:.1f} s"
        yield f"{picture.width_px}x{picture.height_px}"
        yield f"{len(picture.jpeg) / 1000:.0f} kB"
        yield f"~{TOKENS} tok est."
    if video.lens.name:
        yield safe(video.lens.name)
    if video.skipped:
        yield f"{video.skipped} skipped"


def _shape(video: Video) -> tuple[object, ...]:
    """What the layout depends on."""
    picture = video.picture
    return (video.kind, picture and (picture.width_px, picture.height_px))


def _fitted(picture: Picture, width_px: int, height_px: int) -> tuple[int, int]:
    """The picture's size in that room."""
    return fitted((picture.width_px, picture.height_px), (width_px, height_px))
