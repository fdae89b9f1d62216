"""Themes. Run as a program this file is the sample app, for the tests that need a real terminal."""

from __future__ import annotations

import itertools
import math
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.color import Color, rgb_to_lab
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Footer, Input, Label, OptionList, Tab, Tabs

from tui import theming
from tui.theming import VARIABLE_DEFAULTS, DescribedTheme

THEMES = {theme.name: theme for theme in theming.load(theming.shipped_folder())[0]}
RGB_THEMES = {name: theme for name, theme in THEMES.items() if not theme.ansi}

METERS = {"bd-meter-low", "bd-meter-mid", "bd-meter-high"}
TEXTS = VARIABLE_DEFAULTS.keys() - METERS - {"bd-row-cursor"}
TOLD_APART = (
    ("bd-user", "bd-model", "bd-thought"),
    ("bd-sent", "bd-received"),
    (*(name for name in VARIABLE_DEFAULTS if "family" in name), "bd-unknown"),
    ("bd-meter-low", "bd-meter-mid", "bd-meter-high"),
)


class Sample(App[None]):
    """Each variable as the colour of a label, among widgets that Textual colours itself."""

    CSS = theming.ANSI_CSS + "".join(
        f"#{name} {{ color: ${name}; background: $bd-row-cursor; }}" for name in VARIABLE_DEFAULTS
    )
    BINDINGS: ClassVar = [("f2", "open_palette", "Palette")]

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(ansi_color=theming.without_color(environ) or None)
        self.problems = theming.register(self, environ)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        for name in VARIABLE_DEFAULTS:
            yield Label(name, id=name)
        yield Tabs(Tab("one"), Tab("two"))
        yield OptionList(*(f"option {number}" for number in range(50)))
        yield Input("selected")
        yield Footer()

    def action_open_palette(self) -> None:
        self.notify("a problem", severity="error")
        self.search_commands([("palette row", lambda: None)])


def contrast(one: str | None, other: str | None) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted(luminance(Color.parse(color or "")) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def difference(one: str, other: str) -> float:
    """The distance of two colours in CIELAB (CIE 1976)."""
    first, second = (rgb_to_lab(Color.parse(color)) for color in (one, other))
    return math.dist(first, second)


def low_contrasts(theme: Theme, texts: Iterable[str | None], least: float) -> list[str]:
    """Which of the texts are below the ratio on one of the grounds that panes have."""
    grounds = (theme.background, theme.surface, theme.panel, theme.variables["bd-row-cursor"])
    return [
        f"{text} on {ground}: {contrast(text, ground):.2f}"
        for text, ground in itertools.product(texts, grounds)
        if contrast(text, ground) < least
    ]


def painted(environ: Mapping[str, str]) -> list[str]:
    """The parameters of every SGR sequence that the sample app writes to a real terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 100))
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environ}
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ):
        os.close(theirs)
        output = read_until(ours, b"option 1")
        os.write(ours, b"\x1bOQ")
        output += read_until(ours, b"palette row")
        os.write(ours, b"\x11")
        output += read_until(ours, None)
    os.close(ours)
    return [match.decode() for match in re.findall(rb"\x1b\[([0-9;]*)m", output)]


def read_until(descriptor: int, marker: bytes | None) -> bytes:
    """What comes up to the marker or the end, which Linux reports as an error."""
    output = b""
    while marker is None or marker not in output:
        try:
            block = os.read(descriptor, 65536)
        except OSError:
            block = b""
        if not block:
            assert marker is None, output
            break
        output += block
    return output


def test_shipped_themes_load_without_problems() -> None:
    themes, problems = theming.load(theming.shipped_folder())
    assert problems == []
    assert sum(theme.dark and not theme.ansi for theme in themes) >= 4
    assert sum(not theme.dark for theme in themes) >= 2
    assert [theme.name for theme in themes if theme.ansi] == ["terminal"]
    assert all(theme.description.endswith(".") for theme in themes)


@pytest.mark.parametrize("name", THEMES)
def test_shipped_themes_set_every_variable_on_purpose(name: str) -> None:
    own = {key for key in THEMES[name].variables if key.startswith("bd-")}
    assert own == VARIABLE_DEFAULTS.keys()


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", RGB_THEMES)
def test_text_is_readable_on_every_ground(name: str) -> None:
    theme = THEMES[name]
    signals = (theme.primary, theme.secondary, theme.accent)
    states = (theme.success, theme.warning, theme.error)
    own = (theme.variables[variable] for variable in TEXTS)
    assert low_contrasts(theme, (theme.foreground, *signals, *states, *own), 4.5) == []
    for selection in ("input-selection-background", "screen-selection-background"):
        assert contrast(theme.foreground, theme.variables[selection]) >= 4.5


@pytest.mark.parametrize("name", RGB_THEMES)
def test_meters_stand_out_from_every_ground(name: str) -> None:
    theme = THEMES[name]
    assert low_contrasts(theme, (theme.variables[meter] for meter in METERS), 3) == []


@pytest.mark.parametrize("name", RGB_THEMES)
def test_signals_seen_together_can_be_told_apart(name: str) -> None:
    variables = THEMES[name].variables
    for group in TOLD_APART:
        for one, other in itertools.combinations(group, 2):
            assert difference(variables[one], variables[other]) > 20, (one, other)


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=BUILTIN_THEMES)
def test_themes_of_textual_get_our_variables_from_their_own_colours(theme: Theme) -> None:
    derived = theming.variable_defaults(theme)
    assert derived.keys() == VARIABLE_DEFAULTS.keys()
    assert all((Color.parse(value).ansi is not None) == theme.ansi for value in derived.values())


async def test_every_theme_can_be_applied(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "bare.toml").write_text('primary = "teal"')
    (folder / "bare-ansi.toml").write_text('primary = "ansi_red"\nansi = true')
    (folder / "odd.toml").write_text(
        'primary = "hsl(200,50%,50%)"\nbackground = "#123"\npanel = "transparent"\n'
        'surface = "ansi_blue"\nluminosity_spread = 1\ntext_alpha = 0\n[variables]\n'
        'bd-user = "rgba(1,2,3,0.5)"\nlink-style = "not bold"\nscrollbar = "ansi_red"\n'
    )
    app = Sample({"BIDISCOPE_CONFIG": str(tmp_path)})
    assert app.problems == []
    async with app.run_test() as pilot:
        for name, theme in app.available_themes.items():
            app.theme = name
            await pilot.pause()
            variables = theming.variable_defaults(theme) | theme.variables
            shown = app.query_one("#bd-user").styles.color
            assert shown.hex == Color.parse(variables["bd-user"]).hex, name


def test_a_theme_of_the_user_replaces_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "sonar.toml").write_text('primary = "red"\ndescription = "Mine\\u001b[31m."')
    (folder / "paper.toml").write_text('primary = "nonsense"')
    app = Sample({"BIDISCOPE_CONFIG": str(tmp_path)})
    assert app.available_themes["sonar"].primary == Color.parse("red").hex
    assert app.available_themes["paper"] == THEMES["paper"]
    assert theming.descriptions(app).keys() == THEMES.keys()
    assert theming.descriptions(app)["sonar"] == "Mine␛[31m."
    assert len(app.problems) == 1


BAD_FILES = {
    "no colour": ('primary = "blurple"', ["primary", "blurple", '"#5fd39a"']),
    "no string": ("primary = 5", ["primary", "5", "a colour"]),
    "endless colour": (f'primary = "rgb({"9" * 400},0,0)"', ["primary", "a colour"]),
    "no primary": ('accent = "red"', ["primary is missing", "add a line"]),
    "typing error": ('primry = "red"', ["primry", "did you mean primary"]),
    "unknown key": ('"\\u001b[31m" = 1', [r"\x1b[31m", "remove it"]),
    "unknown variable": ('primary = "red"\n[variables]\nbd-usr = "red"', ["did you mean bd-user"]),
    "bad variable": ('primary = "red"\n[variables]\nbd-user = "rred"', ["bd-user", "rred"]),
    "reference": ('primary = "red"\n[variables]\nborder = "$primary"', ["border", "$primary"]),
    "bad style": ('primary = "red"\n[variables]\nlink-style = "loud"', ["link-style", '"bold"']),
    "torn style": ('primary = "red"\n[variables]\nlink-style = "not"', ["link-style", "not"]),
    "no style": ('primary = "red"\n[variables]\nlink-style = ""', ["link-style"]),
    "no table": ('primary = "red"\nvariables = "red"', ["variables", "[variables]"]),
    "dark is a word": ('primary = "red"\ndark = "yes"', ["dark", "true or false"]),
    "spread is true": ('primary = "red"\nluminosity_spread = true', ["a number from 0 to 1"]),
    "alpha is no number": ('primary = "red"\ntext_alpha = nan', ["text_alpha", "nan"]),
    "alpha is too large": ('primary = "red"\ntext_alpha = 1.5', ["text_alpha", "1.5"]),
    "RGB in ansi": ('primary = "#ff0000"\nansi = true', ["primary", '"ansi_green"']),
    "RGB variable in ansi": (
        'primary = "ansi_red"\nansi = true\n[variables]\nbd-user = "teal"',
        ["bd-user", '"ansi_green"'],
    ),
    "ansi is a word": ('primary = "red"\nansi = "yes"', ["ansi", "true or false"]),
    "no TOML": ("primary: red", ["not TOML", "line 1"]),
    "too deep": (f"a = {'[' * 20_000}", ["not TOML", "mend it"]),
    "endless number": (f"a = {'9' * 5_000}", ["not TOML", "mend it"]),
    "not UTF-8": (b'primary = "\xff"', ["UTF-8"]),
    "too large": (f"#{'x' * 70_000}", ["too large", "65536"]),
}


@pytest.mark.parametrize(("content", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_sentence_that_names_it(
    tmp_path: Path, content: str | bytes, said: list[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    themes, [problem] = theming.load(tmp_path)
    assert themes == []
    for part in (str(file), *said):
        assert part in problem
    assert problem.isprintable()
    assert len(problem) < len(str(file)) + 200
    assert problem.endswith(".")


def test_a_file_name_that_is_no_theme_name_is_said_safely(tmp_path: Path) -> None:
    (tmp_path / "a,b\x1b[31m.toml").write_text('primary = "red"')
    themes, [problem] = theming.load(tmp_path)
    assert themes == []
    assert "a,b␛[31m.toml" in problem
    assert "letters" in problem


def test_what_is_no_readable_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "secret.toml").write_text('primary = "red"')

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    themes, problems = theming.load(tmp_path)
    assert themes == []
    assert ["not a file" in problem for problem in problems] == [True, True, False]
    assert "secret.toml: Permission denied; make the file readable." in problems[2]


def test_a_folder_may_be_missing_but_not_be_something_else(tmp_path: Path) -> None:
    assert theming.load(tmp_path / "themes") == ([], [])
    (tmp_path / "themes").write_text("")
    themes, [problem] = theming.load(tmp_path / "themes")
    assert themes == []
    assert str(tmp_path / "themes") in problem


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a theme")
    (tmp_path / "mine.toml").write_text('primary = "red"')
    assert [theme.name for theme in theming.load(tmp_path)[0]] == ["mine"]


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "phosphor"),
        ({"TEXTUAL_THEME": "paper"}, "paper"),
        ({"TEXTUAL_THEME": "nowhere, nord"}, "nord"),
        ({"TEXTUAL_THEME": "nowhere"}, "phosphor"),
        ({"NO_COLOR": "1"}, "terminal"),
        ({"NO_COLOR": "1", "TEXTUAL_THEME": "paper"}, "terminal"),
        ({"NO_COLOR": ""}, "phosphor"),
    ],
)
def test_the_environment_chooses_the_first_theme(
    tmp_path: Path, environ: dict[str, str], name: str
) -> None:
    app = Sample({"BIDISCOPE_CONFIG": str(tmp_path), **environ})
    assert app.theme == name


def test_without_any_of_our_themes_the_first_one_is_of_textual() -> None:
    assert theming.default_theme({}, BUILTIN_THEMES) == "textual-dark"
    assert theming.default_theme({"NO_COLOR": "1"}, BUILTIN_THEMES) == "ansi-dark"


def test_the_users_folder_is_the_platforms_or_the_named_one(tmp_path: Path) -> None:
    named = theming.user_folder({"BIDISCOPE_CONFIG": str(tmp_path)})
    assert named == tmp_path / "themes"
    assert theming.user_folder({}).parts[-2:] == ("bidiscope", "themes")


RGB = re.compile(r"[34]8;[25];")
COLOR = re.compile(r"(?:^|;)(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;|$)")


def test_an_rgb_theme_paints_its_own_rgb(tmp_path: Path) -> None:
    sequences = painted({"BIDISCOPE_CONFIG": str(tmp_path), "TEXTUAL_THEME": "paper"})
    red, green, blue = Color.parse(THEMES["paper"].background or "").rgb
    assert any(f"48;2;{red};{green};{blue}" in sequence for sequence in sequences)


def test_the_terminals_theme_paints_only_its_16_colours(tmp_path: Path) -> None:
    sequences = painted({"BIDISCOPE_CONFIG": str(tmp_path), "TEXTUAL_THEME": "terminal"})
    assert [sequence for sequence in sequences if RGB.search(sequence)] == []
    assert any(map(COLOR.search, sequences))


def test_no_color_paints_no_colour_and_cursors_stay_visible(tmp_path: Path) -> None:
    sequences = painted({"BIDISCOPE_CONFIG": str(tmp_path), "NO_COLOR": "1"})
    assert [sequence for sequence in sequences if COLOR.search(sequence)] == []
    assert any("7" in sequence.split(";") for sequence in sequences)


async def test_the_highlighted_option_is_seen_without_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Sample({"BIDISCOPE_CONFIG": str(tmp_path), "NO_COLOR": "1"})
    async with app.run_test() as pilot:
        options = app.query_one(OptionList)
        options.focus()
        options.highlighted = 0
        await pilot.pause()
        highlighted, other = (next(iter(options.render_line(line))).style for line in (0, 1))
        assert highlighted is not None and other is not None
        assert highlighted.underline and not other.underline


def test_a_theme_without_a_description_has_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('primary = "red"')
    assert theming.load(tmp_path)[0] == [DescribedTheme("mine", primary=Color.parse("red").hex)]


if __name__ == "__main__":
    Sample(os.environ).run()
