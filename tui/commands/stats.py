"""`bidiscope stats`."""

from __future__ import annotations

from pathlib import Path

from tui import arguments


def run(words: list[str]) -> int:
    """Parse and run; returns the exit code."""
    parser = arguments.parser(
        "bidiscope stats",
        "Durations, turns, tokens, estimated cost, latencies, talk: of one session or many.",
        epilog="Your own prices: ~/.config/bidiscope/prices.toml, of the shape of the shipped one.",
    )
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="recordings")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parquet = "write sessions to OUT and turns to OUT's NAME.turns.parquet, for DuckDB, Spark, …"
    parser.add_argument("--parquet", type=Path, metavar="OUT", help=parquet)
    columns = "say what the columns of JSON and Parquet are"
    parser.add_argument("--columns", action="store_true", help=columns)
    flags = parser.parse_args(words)
    from tui import stats

    if flags.columns:
        return stats.print_columns()
    if not flags.files:
        parser.error("name at least one FILE")
    return stats.run(flags.files, flags.format, flags.parquet)
