"""The flags of commands that hold a session."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui import arguments, configured
from tui.core.bench import MODES
from tui.core.configuration.field import ValueRefused, fields
from tui.core.tool import ToolsError
from tui.options import Options
from tui.tools.mcp_address import Address

FLAGS = {"model": "model", "voice": "voice", "system": "system_instruction"}
"""Flags that have a name of their own, and their fields."""
GOOGLE_TOOLS = ("google_search", "code_execution", "url_context", "google_maps")


def add_flags(parser: argparse.ArgumentParser, views: list[str], view: str) -> None:
    """Model, voice, modality, any other field, the profile, where it is recorded."""
    for flag, metavar, help_ in (
        ("--model", "NAME", "Live model to talk to"),
        ("--voice", "NAME", "prebuilt voice, such as Puck"),
        ("--system", "TEXT", "system instruction"),
    ):
        parser.add_argument(flag, type=arguments.utf8, metavar=metavar, help=help_)
    default = view or "text, or text-view where the model has no TEXT"
    parser.add_argument("--modality", choices=views, help=f"default: {default}")
    parser.add_argument("--emulator", action="store_true", help="use the emulator, key or no key")
    add_choice_flags(parser)
    _add_emulator_flags(parser)
    _add_tool_flags(parser)
    budget = "disconnect when so many dollars are spent, by estimate; warn at 80 %%"
    parser.add_argument("--budget", type=arguments.dollars, metavar="USD", help=budget)
    record = parser.add_mutually_exclusive_group()
    record.add_argument("--record", type=Path, metavar="DIR", help="folder for the recording")
    record.add_argument("--no-record", action="store_true", help="keep the journal in memory only")


def add_choice_flags(parser: argparse.ArgumentParser) -> None:
    """Any field, and the profile."""
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        type=setting,
        metavar="FIELD=VALUE",
        help="any field of the configuration; see bidiscope config show",
    )
    profile = "a profile's name, or its file; default: the last one; none is none"
    parser.add_argument("--profile", type=arguments.utf8, metavar="NAME|FILE", help=profile)


class _ForEmulator(argparse.Action):
    """A flag of `bidiscope emulate` that is handed on; it chooses the emulator, too."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        namespace.emulator = True
        namespace.emulator_flags = [*namespace.emulator_flags, f"{option_string}={values}"]


def _add_tool_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("tools", "What the model may call.")
    files = "functions of a .py file, or declarations with replies of a .json file; repeatable"
    group.add_argument(
        "--tools", type=Path, action="append", default=[], metavar="FILE", help=files
    )
    server = "an MCP server: the command that starts it, or http(s)://HOST/PATH; repeatable"
    group.add_argument(
        "--mcp", type=_server, action="append", default=[], metavar="SERVER", help=server
    )
    for name in GOOGLE_TOOLS:
        help_ = fields()[name].help
        group.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=help_)


def add_tool_mode(parser: argparse.ArgumentParser, *modes: str) -> None:
    """Who answers function calls."""
    told = "; ".join(f"{mode}: {MODES[mode]}" for mode in modes)
    parser.add_argument(
        "--tool-mode", choices=modes, default="auto", help=f"function calls: {told}"
    )


def _server(text: str) -> Address:
    try:
        return Address.of(text)
    except ToolsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _add_emulator_flags(parser: argparse.ArgumentParser) -> None:
    for flag, metavar, help_ in (
        ("--scenario", "FILE", "what the emulator plays: a script, a recording, an example"),
        ("--brain", "URL", "an OpenAI-compatible server that answers for the emulator"),
        ("--brain-model", "NAME", "its model; default: the server's first"),
    ):
        parser.add_argument(
            flag,
            action=_ForEmulator,
            dest="emulator_flags",
            default=[],
            type=arguments.utf8,
            metavar=metavar,
            help=help_,
        )


def options(
    flags: argparse.Namespace, view: str, values: dict[str, Any] | None = None, **more: object
) -> Options:
    """The options that these flags, and ``more``, make.

    Args:
        flags: what was parsed.
        view: how answers come unless somebody says otherwise.
        values: fields that other flags give.
        more: further options.

    Raises:
        JournalError: The profile or a variable cannot be used.
    """
    given = {field: getattr(flags, flag) for flag, field in FLAGS.items()}
    given |= {"modality": flags.modality, "service": "emulator" if flags.emulator else None}
    given |= {name: getattr(flags, name) or None for name in GOOGLE_TOOLS}
    given |= {**(values or {}), **dict(flags.settings)}
    chosen = configured.choose(
        {name: value for name, value in given.items() if value not in (None, "")}, flags.profile
    )
    asked = chosen.configuration.values
    return Options(
        model=asked.get("model", ""),
        view=str(asked.get("modality", view)).replace("-", " "),
        configuration=chosen.configuration,
        layers=chosen.layers,
        profile=chosen.profile,
        emulator_flags=tuple(flags.emulator_flags),
        budget=flags.budget,
        tool_files=tuple(flags.tools),
        tool_servers=tuple(flags.mcp),
        record=flags.record,
        recorded=not flags.no_record,
        **more,  # type: ignore[arg-type]
    )


def setting(text: str) -> tuple[str, Any]:
    """``FIELD=VALUE`` of a command line."""
    name, equals, word = text.partition("=")
    each = fields().get(name.strip().replace("-", "_"))
    if each is None or not equals:
        raise argparse.ArgumentTypeError(
            f"{name[:60]} is no field: write FIELD=VALUE; bidiscope config show lists the fields"
        )
    if each.kind == "secret":
        raise argparse.ArgumentTypeError(
            f"a {each.label} would be seen by all who list processes: set BIDISCOPE_TOKEN"
        )
    try:
        return each.name, each.read(word)
    except ValueRefused as error:
        raise argparse.ArgumentTypeError(str(error)) from None
