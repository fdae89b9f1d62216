"""`bidiscope models`: the table of capabilities, and what the key of the environment may use."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from tui import configured, model_page
from tui.account import Account, AccountError, live_models
from tui.core import models
from tui.core.configuration.message import Configuration
from tui.core.cost import Price
from tui.core.models import Model
from tui.core.text import safe
from tui.outcome import Outcome
from tui.prices import prices

LEFT_OUT = "-"


def run(names: Sequence[str], *, as_json: bool, offline: bool) -> int:
    """Print the table, or all that is known of the models named; returns the exit code.

    Raises:
        JournalError: The user's own prices cannot be used.
    """
    table = prices().models
    account, problem = Account(""), ""
    if not offline:
        try:
            account = live_models(os.environ)
        except AccountError as error:
            problem = str(error)
    listed = models.names()
    shown = [models.model(name) for name in names or listed]
    if not names:
        shown += [models.model(name) for name in account.names if name not in listed]
    if as_json:
        _print_json(shown, account, problem, table)
    else:
        _print(shown, account, table, pages=bool(names))
        print(safe(problem or account.words))
    if problem:
        return Outcome.FAILED
    for model in shown if names else ():
        if not model.listed:
            cautious = "the table does not know it: these are the cautious defaults"
            print(f"bidiscope: {safe(model.name)}: {cautious}.", file=sys.stderr)
    return Outcome.OK


def _print(
    shown: Sequence[Model], account: Account, prices: Mapping[str, Price], *, pages: bool
) -> None:
    origin = configured.origin(Configuration())
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if pages:
        for model in shown:
            page = model_page.lines(model, prices.get(model.name), _mine(model, account), origin)
            print("\n".join(model_page.wrapped(page, width or model_page.WIDTH)))
            print()
        return
    rows = [_row(model, account, prices.get(model.name), origin) for model in shown]
    print("\n".join(_table(rows, width)))
    print()
    print("bidiscope models NAME says all of one; --json has everything of all.")


def _print_json(
    shown: Sequence[Model], account: Account, problem: str, prices: Mapping[str, Price]
) -> None:
    dated, own = models.dated()
    document = {
        "dated": dated,
        "own_dated": own or None,
        "account": account.who or None,
        "account_problem": problem or account.absent or None,
        "languages": models.languages(),
        "models": [_json(model, account, prices) for model in shown],
    }
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.buffer.flush()


# ---- the table

_COLUMNS = (
    *("MODEL", "KEY", "OUT", "CONTENT", "THINKING", "TOOLS", "ASYNC", "PROACTIVE", "AFFECTIVE"),
    *("RESUME", "UPDATE", "CONTEXT", "CONNECTION", "$/M IN", "$/M OUT", "REMARK"),
)
_DISPENSABLE = (
    *("UPDATE", "AFFECTIVE", "PROACTIVE", "ASYNC", "RESUME", "CONTENT", "CONNECTION", "TOOLS"),
    *("THINKING", "CONTEXT", "$/M OUT", "$/M IN", "KEY"),
)
"""What a narrow terminal does without, the first one first."""


def _table(rows: Sequence[Mapping[str, str]], width: int | None) -> Iterator[str]:
    """Columns side by side; ``width`` None has room for everything."""
    shown, dispensable = list(_COLUMNS), [*_DISPENSABLE]
    titled = [{name: name for name in _COLUMNS}, *rows]
    rooms = {name: max(len(row[name]) for row in titled) for name in _COLUMNS}
    while width is not None and dispensable and _needed(shown, rooms) > width:
        shown.remove(dispensable.pop(0))
    for row in titled:
        line = "  ".join(f"{row[name]:<{rooms[name]}}" for name in shown).rstrip()
        yield line if width is None or len(line) <= width else f"{line[: width - 1]}…"


def _needed(shown: Sequence[str], rooms: Mapping[str, int]) -> int:
    return sum(rooms[name] for name in shown) + 2 * (len(shown) - 1)


def _row(model: Model, account: Account, price: Price | None, origin: str) -> dict[str, str]:
    values = (
        safe(model.name),
        _mine(model, account),
        "both" if len(model.modalities) > 1 else "".join(model.modalities),
        model.client_content,
        model.thinking,
        model_page.tools(model),
        model_page.yes(model.async_tools),
        {"choice": "yes"}.get(model.proactive, model.proactive),
        model_page.yes(model.affective),
        model_page.yes(model.resumption),
        model_page.yes(model.context_update),
        f"{model.context_tokens // 1024}k",
        f"{model.connection_s / 60:.0f} min",
        _price(price.input if price else {}),
        _price(price.output if price else {}),
        _remark(model, origin),
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _remark(model: Model, origin: str) -> str:
    """Why it is not to be had, else what it is for if that is no conversation."""
    if not model.listed:
        return "not in the table"
    if model.retired:
        return f"shut down {model.retired}"
    why = model.aside.partition(";")[0] or models.against(model, origin)
    return why or ("" if model.converses else model.task)


def _mine(model: Model, account: Account) -> str:
    return LEFT_OUT if not account.who else model_page.yes(model.name in account.names)


def _price(by: Mapping[str, float]) -> str:
    """Text and sound; both stand in `--json` with the rest."""
    said = [f"{by[modality]:g}" for modality in ("TEXT", "AUDIO") if modality in by]
    return "/".join(said) or "n/a"


def _json(model: Model, account: Account, prices: Mapping[str, Price]) -> dict[str, Any]:
    price = prices.get(model.name)
    return {
        **asdict(model),
        "voices": models.voices(model),
        "voice_activity": {"silence_duration": model.silence_duration},
        "account": model.name in account.names if account.who else None,
        "price": {"input": price.input, "output": price.output} if price else None,
    }
