"""`bidiscope models`: the table of capabilities, and what the key of the environment may use."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from tui.account import Account, AccountError, live_models
from tui.core import models
from tui.core.cost import Price
from tui.core.models import Model
from tui.core.text import safe
from tui.outcome import Outcome
from tui.prices import prices

LEFT_OUT = "-"
_TOOLS = {
    "googleSearch": "search",
    "codeExecution": "code",
    "urlContext": "urls",
    "googleMaps": "maps",
}


def run(names: Sequence[str], *, as_json: bool, offline: bool) -> int:
    """Print the table; returns the exit code.

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
    listed = models.names(all_of_them=True)
    shown = [*(names or listed)]
    if not names:
        shown += [name for name in account.names if name not in listed]
    if as_json:
        rows = [_json(models.model(name), account, table) for name in shown]
        dated, own = models.dated()
        document = {
            "dated": dated,
            "own_dated": own or None,
            "account": account.who or None,
            "account_problem": problem or account.absent or None,
            "models": rows,
        }
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        print("\n".join(_page([models.model(name) for name in shown], account, table)))
        print()
        print(safe(problem or account.words))
    if problem:
        return Outcome.FAILED
    unlisted = [name for name in names if not models.model(name).listed]
    for name in unlisted:
        cautious = "the table does not know it: these are the cautious defaults"
        print(f"bidiscope: {safe(name)}: {cautious}.", file=sys.stderr)
    return Outcome.OK


def _page(shown: Sequence[Model], account: Account, prices: Mapping[str, Price]) -> Iterator[str]:
    rows = [_TITLES, *(_row(model, account, prices.get(model.name)) for model in shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


_TITLES = (
    *("MODEL", "KEY", "OUT", "CONTENT", "THINKING", "TOOLS", "ASYNC", "PROACTIVE", "AFFECTIVE"),
    *("RESUME", "UPDATE", "CONTEXT", "CONNECTION", "$/M IN", "$/M OUT", "STATUS"),
)


def _row(model: Model, account: Account, price: Price | None) -> tuple[str, ...]:
    tools = [word for kind, word in _TOOLS.items() if kind not in model.refused_tools]
    mine = LEFT_OUT if not account.who else "yes" if model.name in account.names else "no"
    status = f"shut down {model.retired}" if model.retired else "" if model.listed else "not listed"
    return (
        safe(model.name),
        mine,
        "+".join(model.modalities),
        model.client_content,
        model.thinking,
        ",".join(tools) or "none",
        _yes(model.async_tools),
        {"choice": "yes"}.get(model.proactive, model.proactive),
        _yes(model.affective),
        _yes(model.resumption),
        _yes(model.context_update),
        f"{model.context_tokens // 1024}k",
        f"{model.connection_s / 60:.0f} min",
        _price(price.input if price else {}),
        _price(price.output if price else {}),
        status,
    )


def _yes(has: bool) -> str:
    return "yes" if has else "no"


def _price(by: Mapping[str, float]) -> str:
    """Text and sound; both stand in `--json` with the rest."""
    said = [f"{by[modality]:g}" for modality in ("TEXT", "AUDIO") if modality in by]
    return "/".join(said) or "n/a"


def _json(model: Model, account: Account, prices: Mapping[str, Price]) -> dict[str, Any]:
    price = prices.get(model.name)
    return {
        **asdict(model),
        "voice_activity": {"silence_duration": model.silence_duration},
        "account": model.name in account.names if account.who else None,
        "price": {"input": price.input, "output": price.output} if price else None,
    }
