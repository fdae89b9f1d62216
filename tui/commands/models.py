"""`bidiscope models`."""

from __future__ import annotations

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope models",
        "What each Live model can do, and which ones your key may use.",
        epilog="Your own rows: ~/.config/bidiscope/models.toml, of the shape of the shipped one.",
    )
    parser.add_argument("names", nargs="*", type=arguments.utf8, metavar="NAME", help="only these")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--offline", action="store_true", help="ask nobody what the key may use")
    flags = parser.parse_args(words)
    from tui import model_list

    return model_list.run(flags.names, as_json=flags.json, offline=flags.offline)
