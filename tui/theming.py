"""Themes: TOML files, every value of them checked before Textual sees it.

Textual accepts any string as a colour and dies when the theme is selected, so nothing unchecked is
registered. A file NAME.toml has the fields of `textual.theme.Theme` but its name, a `description`
of one sentence, and a table `[variables]`. A user's file replaces the shipped one of its name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, Final, NamedTuple

from rich.errors import StyleSyntaxError
from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.css.constants import VALID_STYLE_FLAGS
from textual.suggestions import get_suggestion
from textual.theme import BUILTIN_THEMES, Theme

from tui.core.places import config_folder
from tui.core.text import safe

ANSI_CSS: Final = """
LoadingIndicator:ansi { display: none; }
CommandPalette:ansi {
    SearchIcon { color: ansi_default; }
    CommandInput { border: blank ansi_default; }
    #--input { border: hkey $border; }
    #--input.--list-visible { border-bottom: none; }
    CommandList { border-top: blank ansi_default; border-bottom: hkey $border; }
    CommandList.--populating { border-bottom: none; }
}
OptionList:ansi > .option-list--option-highlighted { color: ansi_black; background: ansi_cyan; }
OptionList:nocolor > .option-list--option-highlighted { text-style: underline; }
"""
"""For `App.CSS`: what Textual 8.2.8 draws in RGB in themes of the terminal's colours too.

And the cursor of option lists: they cannot reverse it, `Widget.get_visual_style` leaves that out.
"""

_LARGEST_BYTES: Final = 65_536
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.toml")


class ThemeError(ValueError):
    """Why a theme cannot be used: a clause that names the key and the way out."""


@dataclass
class DescribedTheme(Theme):
    """A theme that says in one sentence what it is."""

    description: str = ""


def register(app: App[Any], environ: Mapping[str, str]) -> list[str]:
    """Give the app the shipped and the user's themes, and set the one to start with.

    For the end of the app's `__init__`. Returns a sentence for each theme that is left out.
    """
    problems: list[str] = []
    for folder in (shipped_folder(), user_folder(environ)):
        themes, left_out = load(folder)
        problems += left_out
        for theme in themes:
            app.register_theme(theme)
    app.set_reactive(App.theme, default_theme(environ, app.available_themes))
    app.mutate_reactive(App.theme)  # TEXTUAL_THEME gave it that name before the theme was there
    return problems


def descriptions(app: App[Any]) -> dict[str, str]:
    """What our and the user's themes are, by name; Textual's own have no description."""
    themes = app.available_themes.values()
    return {each.name: each.description for each in themes if isinstance(each, DescribedTheme)}


def without_color(environ: Mapping[str, str]) -> bool:
    """Whether NO_COLOR is set and not empty (no-color.org).

    Give `without_color(os.environ) or None` to `App.__init__` as `ansi_color`: Textual then drops
    colours where it would else turn them into RGB greys.
    """
    return bool(environ.get("NO_COLOR"))


def default_theme(environ: Mapping[str, str], known: Container[str]) -> str:
    """The name of the theme to start with: the terminal's own colours under NO_COLOR.

    Else TEXTUAL_THEME, a name or a comma list of names, is honoured where it is known.
    """
    if without_color(environ):
        wanted = ["terminal", "ansi-dark"]
    else:
        listed = environ.get("TEXTUAL_THEME", "").split(",")
        wanted = [*(name.strip() for name in listed), "phosphor", "textual-dark"]
    return next(name for name in wanted if name in known)


def variable_defaults(theme: Theme) -> dict[str, str]:
    """Every `bd-` variable, derived from a theme's own colours, for a theme that does not set it.

    For `App.get_theme_variable_defaults`: Textual resolves no reference there, only literals.
    """
    shades = theme.to_color_system().generate()
    ink, ground, primary = (
        Color.parse(shades[name]) for name in ("foreground", "background", "primary")
    )
    shades["muted"] = ink.blend(ground, 0.3, alpha=1).hex
    shades["tinted"] = ground.blend(primary, 0.2, alpha=1).hex
    return {name: shades[source] for name, source in _DERIVED_FROM.items()}


def shipped_folder() -> Path:
    """Where our themes are: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def user_folder(environ: Mapping[str, str]) -> Path:
    """Where the user's themes are."""
    return config_folder(environ) / "themes"


def load(folder: Path) -> tuple[list[DescribedTheme], list[str]]:
    """The themes of a folder, and a sentence for each file that is left out.

    A folder that does not exist has neither.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".toml")
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [
            f"Themes left out, {safe(str(folder))}: {error.strerror}; make it a readable folder."
        ]
    themes: list[DescribedTheme] = []
    problems: list[str] = []
    for file in files:
        try:
            themes.append(read(file))
        except ThemeError as error:
            problems.append(f"Theme left out, {safe(str(file))}: {error}.")
    return themes, problems


def read(file: Path) -> DescribedTheme:
    """The theme in a file, named by the file's stem; raises ThemeError."""
    if not _FILE_NAME.fullmatch(file.name):
        raise ThemeError("use only letters, digits, - and _ in its name")
    document = _document(file)
    color = _ANSI_COLOR if document.get("ansi") is True else _COLOR
    fields = _checked(document, dict.fromkeys(_COLOR_FIELDS, color) | _OTHER_FIELDS)
    if "primary" not in fields:
        raise ThemeError('primary is missing; add a line like primary = "#5fd39a"')
    kinds = {name: _STYLE if "style" in name else color for name in _VARIABLES}
    variables = _checked(fields.pop("variables", {}), kinds)
    if color is _ANSI_COLOR:
        variables = _MISSING_IN_ANSI | variables
    return DescribedTheme(file.stem, variables=variables, **fields)


def _document(file: Path) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise ThemeError("this is not a file; put a text file in its place")
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise ThemeError(f"{error.strerror}; make the file readable") from error
    if len(content) > _LARGEST_BYTES:
        raise ThemeError(f"this is too large; keep it under {_LARGEST_BYTES} bytes")
    try:
        return tomllib.loads(content.decode())
    except UnicodeDecodeError as error:
        raise ThemeError("this is not UTF-8; save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # nested arrays recurse inside tomllib
        raise ThemeError(f"this is not TOML; mend it: {safe(str(error))}") from error


class _Kind(NamedTuple):
    """The types of a value, what turns it into a field, and what to write instead of a bad one."""

    types: tuple[type, ...]
    convert: Callable[[Any], Any]
    example: str


def _checked(table: dict[str, Any], kinds: Mapping[str, _Kind]) -> dict[str, Any]:
    return {key: _field(key, value, kinds) for key, value in table.items()}


def _field(key: str, value: Any, kinds: Mapping[str, _Kind]) -> Any:
    if key not in kinds:
        close = get_suggestion(key, list(kinds))
        way_out = f"did you mean {close}" if close else "remove it"
        raise ThemeError(f"{safe(shortened(key))} is not a key of themes; {way_out}")
    types, convert, example = kinds[key]
    try:
        if type(value) not in types:
            raise ValueError
        return convert(value)
    except (ValueError, OverflowError, ColorParseError, StyleSyntaxError) as error:
        raise ThemeError(f"{key} cannot be {safe(shortened(value))}; write {example}") from error


def _color(value: str) -> str:
    return Color.parse(value).hex


def _ansi_color(value: str) -> str:
    color = Color.parse(value)
    if color.ansi is None and not color.is_transparent:
        raise ValueError
    return color.hex


def _style(value: str) -> str:
    words = value.split()
    if not words or not VALID_STYLE_FLAGS.issuperset(words):
        raise ValueError
    Style.parse(value)
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError
    return value


_COLOR: Final = _Kind((str,), _color, 'a colour like "#5fd39a" or "ansi_green"')
_ANSI_COLOR: Final = _Kind((str,), _ansi_color, 'a colour of the terminal like "ansi_green"')
_STYLE: Final = _Kind((str,), _style, 'a text style like "bold" or "reverse"')
_SHARE: Final = _Kind((int, float), _share, "a number from 0 to 1")
_FLAG: Final = _Kind((bool,), bool, "true or false")
_SENTENCE: Final = _Kind((str,), safe, "a sentence in quotes")
_TABLE: Final = _Kind((dict,), dict, "the line [variables] and its keys below")

_COLOR_FIELDS: Final = (
    *("primary", "secondary", "warning", "error", "success", "accent"),
    *("foreground", "background", "surface", "panel", "boost"),
)
_OTHER_FIELDS: Final = {
    "dark": _FLAG,
    "luminosity_spread": _SHARE,
    "text_alpha": _SHARE,
    "ansi": _FLAG,
    "description": _SENTENCE,
    "variables": _TABLE,
}
_DERIVED_FROM: Final = {
    "bd-user": "text-accent",
    "bd-model": "text-primary",
    "bd-thought": "muted",
    "bd-unheard": "muted",
    "bd-sent": "text-accent",
    "bd-received": "text-primary",
    "bd-family-server-content": "text-primary",
    "bd-family-events": "text-secondary",
    "bd-family-metadata": "muted",
    "bd-family-client": "text-accent",
    "bd-unknown": "text-error",
    "bd-meter-low": "success",
    "bd-meter-mid": "warning",
    "bd-meter-high": "error",
    "bd-speech": "text-success",
    "bd-emulator": "text-warning",
    "bd-row-cursor": "tinted",
}
_OF_RGB: Final = BUILTIN_THEMES["textual-dark"].to_color_system().generate()
_OF_ANSI: Final = Theme("", "ansi_default", ansi=True).to_color_system().generate()
_MISSING_IN_ANSI: Final = dict.fromkeys(_OF_RGB.keys() - _OF_ANSI.keys(), "ansi_default")
"""What Textual's style sheets need and Textual 8.2.8 leaves out of themes with ansi = true."""
_VARIABLES: Final = {*_DERIVED_FROM, *_OF_RGB, *_OF_ANSI}

VARIABLE_DEFAULTS: Final = variable_defaults(BUILTIN_THEMES["textual-dark"])
"""The `bd-` variables of an app that registers no theme of ours."""
