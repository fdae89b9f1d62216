"""What a session would be billed, estimated from its token counts and a dated price table.

The service bills the whole context anew in every turn (discuss.ai.google.dev/t/140340), which is
what a turn's ``promptTokenCount`` says. Of the snapshots within a turn the last one counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Self

from tui.core import status
from tui.core.connection import Connection
from tui.core.session import Session
from tui.core.turn import Turn, Usage

UNNAMED = "of no named modality"
"""Tokens that a count has beyond its details by modality (discuss.ai.google.dev/t/188765)."""


class PriceError(ValueError):
    """Why a price table cannot be used: one clause that names the key."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens by modality."""

    input: Mapping[str, float]
    output: Mapping[str, float]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by model, and the date that they are of."""

    dated: str
    models: Mapping[str, Price]

    @classmethod
    def read(cls, text: str) -> Self:
        """From the TOML text of `prices.toml`.

        Raises:
            PriceError: It is no such table.
        """
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PriceError(f"it is no TOML: {error}") from None
        models = document.get("models", {})
        if not isinstance(models, dict):
            raise PriceError("`models` is no table")
        return cls(
            str(document.get("dated", "")),
            {name: _price(name, row) for name, row in models.items()},
        )

    def over(self, other: Prices) -> Prices:
        """These where they are, else the other ones."""
        return Prices(self.dated or other.dated, {**other.models, **self.models})


@cache
def shipped() -> Prices:
    """The table in `prices.toml`."""
    return Prices.read(resources.files(__package__).joinpath("prices.toml").read_text("utf-8"))


UNCOUNTED = "whether token counts of a session without turns add up is not documented"


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate, never a bill."""

    dollars: float | None
    """None when nothing could be priced."""
    unpriced: Mapping[str, int] = field(default_factory=dict)
    """Tokens that have no price, by what they are: "IMAGE input"; the estimate leaves them out."""
    why: str = ""
    """Why there is no estimate."""

    @property
    def text(self) -> str:
        """``$0.0123 (estimate)``, with ``at least`` where something has no price."""
        if self.dollars is None:
            return f"n/a ({self.why})"
        if not self.unpriced:
            return f"${self.dollars:.4f} (estimate)"
        without = ", ".join(f"{count:,} {what}" for what, count in self.unpriced.items())
        return f"at least ${self.dollars:.4f} (estimate; no price for tokens: {without})"


def of_session(session: Session, prices: Prices) -> Cost:
    """All turns together, and the history that was replayed, each at its own model's prices."""
    costs = [of_turn(turn, prices) for turn in session.turns if turn.usage is not None]
    costs += [_of(each.replayed, each, prices) for each in session.opened if each.replayed]
    priced = [cost for cost in costs if cost.dollars is not None]
    if len(priced) < len(costs) or not costs:
        absent = UNCOUNTED if session.captions.usage is not None else "no token counts"
        return Cost(None, why=next((cost.why for cost in costs if cost.why), absent))
    unpriced: dict[str, int] = {}
    for cost in priced:
        for what, count in cost.unpriced.items():
            unpriced[what] = unpriced.get(what, 0) + count
    return Cost(sum(cost.dollars or 0.0 for cost in priced), unpriced)


def of_turn(turn: Turn, prices: Prices) -> Cost:
    """A turn at the prices of the model that it was held with."""
    return _of(turn.usage, turn.connection, prices)


def _of(usage: Usage | None, connection: Connection | None, prices: Prices) -> Cost:
    if usage is None:
        return Cost(None, why="no token counts")
    if connection is not None and status.emulated(connection):
        return Cost(None, why="the local emulator is not billed")
    name = connection.model if connection is not None else ""
    price = prices.models.get(name)
    if price is None:
        return Cost(None, why=f"no price of {name}" if name else "the model is not known")
    return _priced(usage, price)


def _priced(usage: Usage, price: Price) -> Cost:
    spent = [
        *_by_modality("input", usage.prompt, usage.prompt_by, price.input),
        *_by_modality("input", usage.tools, {}, price.input),
        *_by_modality("output", usage.response, usage.response_by, price.output),
        ("thoughts", usage.thoughts, price.output.get("TEXT")),
    ]
    unpriced: dict[str, int] = {}
    for what, count, each in spent:
        if count and each is None:
            unpriced[what] = unpriced.get(what, 0) + count
    return Cost(sum(count * (each or 0.0) for _, count, each in spent) / 1e6, unpriced)


def _by_modality(
    way: str, count: int, counts: Mapping[str, int], prices: Mapping[str, float]
) -> list[tuple[str, int, float | None]]:
    """What, how many, and the price of each; what the details leave out has none."""
    spent = [(f"{name} {way}", each, prices.get(name)) for name, each in counts.items()]
    return [*spent, (f"{way} {UNNAMED}", max(0, count - sum(counts.values())), None)]


def _price(name: str, row: Any) -> Price:
    if not isinstance(row, dict):
        raise PriceError(f"`models.{name}` is no table")
    paid = {way: _dollars(f"models.{name}.{way}", row.get(way)) for way in ("input", "output")}
    return Price(paid["input"], paid["output"], str(row.get("source", "")))


def _dollars(key: str, row: Any) -> dict[str, float]:
    if not isinstance(row, dict):
        raise PriceError(f"`{key}` is missing; add a line like input = {{ TEXT = 0.75 }}")
    for modality, price in row.items():
        if isinstance(price, bool) or not isinstance(price, (int, float)) or not 0 <= price < 1e6:
            raise PriceError(f"`{key}.{modality}` is no price in dollars")
    return {modality: float(price) for modality, price in row.items()}
