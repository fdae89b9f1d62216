"""Pictures by the terminal's own means, kitty's graphics protocol or sixel: textual-image draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from textual_image.widget import SixelImage, TGPImage

_HALF = "Half blocks are drawn:"
_UNSUPPORTED = {
    "kitty": (
        f"{_HALF} this terminal does not answer that it has kitty's graphics protocol. kitty has; "
        "tmux and screen let no such pictures through."
    ),
    "sixel": (
        f"{_HALF} this terminal does not answer that it has sixel. xterm -ti vt340, foot and "
        "WezTerm have; tmux has when it was built with it (3.4 or newer), screen has not."
    ),
}

Image: TypeAlias = "TGPImage | SixelImage"
"""A widget that draws what its `image` is set to."""


def image(way: str) -> tuple[Callable[[], Image] | None, str]:
    """What draws pictures that way, or None and a sentence that says why half blocks must do.

    Asks the terminal, which it can only before the app runs, and waits 0.3 s at most.
    """
    if way == "half":
        return None, ""
    try:
        from textual_image import renderable
        from textual_image.widget import SixelImage, TGPImage
    except ImportError:
        install = "pip install 'bidiscope[pictures]'"
        return None, f"{_HALF} --picture {way} needs textual-image. Install it with {install}."
    if way == "sixel" and renderable.Image is renderable.SixelImage:
        return SixelImage, ""
    if way == "kitty" and renderable.tgp.query_terminal_support():
        return TGPImage, ""
    return None, _UNSUPPORTED[way]
