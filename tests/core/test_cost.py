from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.script import Script
from tui.core import cost
from tui.core.cost import Cost, PriceError, Prices

TABLE = Prices.read(
    """
    dated = "2026-01-01"
    [models.m]
    input = { TEXT = 1, AUDIO = 2 }
    output = { TEXT = 10, AUDIO = 20.0 }
    """
)


def counts(**by: int) -> list[dict[str, Any]]:
    return [{"modality": name, "tokenCount": count} for name, count in by.items()]


USAGE = {
    "promptTokenCount": 300,
    "responseTokenCount": 50,
    "totalTokenCount": 350,
    "promptTokensDetails": counts(TEXT=100, AUDIO=200),
    "responseTokensDetails": counts(AUDIO=50),
}
DOLLARS = (100 * 1 + 200 * 2 + 50 * 20) / 1e6


def held(*usages: dict[str, Any], model: str = "m", origin: str = "key") -> Script:
    """A session with one turn a usage."""
    script = Script(model, origin)
    script.connect()
    for number, usage in enumerate(usages):
        script.ask(10.0 * number + 1, "Hm?")
        script.audio(10.0 * number + 2)
        script.complete(10.0 * number + 3, usage)
    return script


def test_tokens_cost_what_their_modality_does() -> None:
    found = cost.of_session(held(USAGE, USAGE).session, TABLE)
    assert found.dollars == pytest.approx(2 * DOLLARS)
    assert found.text == "$0.0030 (estimate)"


@pytest.mark.parametrize(
    ("more", "unpriced", "dollars"),
    [
        ({"promptTokenCount": 325}, {"input of no named modality": 25}, 0.0),
        ({"promptTokensDetails": counts(TEXT=100, AUDIO=200, IMAGE=258)}, {"IMAGE input": 258}, 0),
        ({"toolUsePromptTokenCount": 7}, {"input of no named modality": 7}, 0.0),
        ({"thoughtsTokenCount": 100}, {}, 100 * 10 / 1e6),
    ],
)
def test_what_has_no_price_is_left_out_and_said(
    more: dict[str, Any], unpriced: dict[str, int], dollars: float
) -> None:
    found = cost.of_session(held({**USAGE, **more}).session, TABLE)
    assert found.dollars == pytest.approx(DOLLARS + dollars)
    assert found.unpriced == unpriced
    assert found.text.startswith("at least $") is bool(unpriced)
    assert "estimate" in found.text


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (held(USAGE, model="unheard-of"), "no price of unheard-of"),
        (held(USAGE, origin="emulator"), "the local emulator is not billed"),
        (held(), "no token counts"),
    ],
)
def test_where_there_is_no_estimate_the_reason_is_said(script: Script, why: str) -> None:
    assert cost.of_session(script.session, TABLE) == Cost(None, why=why)


def test_a_turn_costs_what_its_own_model_does() -> None:
    script = held(USAGE)
    script.event(50, "connection.opening", model="other", modality="AUDIO", origin="key")
    script.ask(51, "Hm?")
    script.audio(52)
    script.complete(53, USAGE)
    twice = Prices.read("[models.other]\ninput = {TEXT=2, AUDIO=4}\noutput = {AUDIO=40}")
    found = cost.of_session(script.session, twice.over(TABLE))
    assert found.dollars == pytest.approx(3 * DOLLARS)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5))
def test_snapshots_of_a_turn_are_never_added_up(totals: list[int]) -> None:
    script = Script("m")
    script.connect()
    script.ask(1, "Hm?")
    script.audio(2)
    for number, total in enumerate(totals):
        usage = {"promptTokenCount": total, "promptTokensDetails": counts(TEXT=total)}
        script.receive(3 + number, usageMetadata=usage)
    script.complete(20, {})
    script.receive(21, usageMetadata={"trafficType": "ON_DEMAND"})
    assert script.session.usage.total == totals[-1]
    assert cost.of_session(script.session, TABLE).dollars == pytest.approx(totals[-1] / 1e6)


def test_nothing_is_counted_twice_over_connections() -> None:
    """A resumed one, and one whose history is counted before anything was asked."""
    script = held(USAGE)
    for at_s, carry in ((20, "handle"), (30, "history")):
        script.event(at_s, "connection.closed", code=1011, reason="", by="server")
        script.event(at_s + 1, "connection.opening", model="m", modality="AUDIO", carry=carry)
        script.receive(at_s + 2, setupComplete={})
    for _ in range(2):
        script.receive(33, usageMetadata=USAGE)
    assert script.session.opened[1].replayed is None
    assert script.session.turns[0].usage is not None
    script.ask(34, "Hm?")
    script.receive(35, usageMetadata=USAGE)  # late, of the history still
    script.audio(36)
    for _ in range(3):
        script.receive(37, usageMetadata=USAGE)
    script.complete(38, USAGE)
    assert [turn.usage.total for turn in script.session.turns if turn.usage] == [350, 350]
    assert script.session.usage.total == 3 * 350
    assert cost.of_session(script.session, TABLE).dollars == pytest.approx(3 * DOLLARS)


def test_a_turn_without_an_answer_has_its_own_count() -> None:
    script = held(USAGE)
    script.ask(20, "Hm?")
    script.complete(21, {"promptTokenCount": 7})
    assert [turn.usage.total for turn in script.session.turns if turn.usage] == [350, 7]


def test_a_turn_that_is_cut_counts_what_was_told_of_it() -> None:
    script = held(USAGE)
    script.ask(20, "Hm?")
    script.audio(21)
    script.receive(22, usageMetadata=USAGE)
    script.event(23, "connection.closed", code=1006, reason="", by="network")
    script.event(24, "connection.opening", model="m", modality="AUDIO", carry="handle")
    script.receive(25, setupComplete={})
    assert script.session.usage.total == 2 * 350


def test_the_shipped_prices_are_dated_and_have_sources() -> None:
    prices = cost.shipped()
    assert prices.dated and prices.models
    assert all(price.source and price.input and price.output for price in prices.models.values())
    assert prices.models["gemini-3.8-live"].output["AUDIO"] == 12


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("[models", "it is no TOML"),
        ("models = 3", "`models` is no table"),
        ("[models]\nm = 3", "`models.m` is no table"),
        ("[models.m]\noutput = {}", "`models.m.input` is missing"),
        ("[models.m]\ninput = {TEXT = '1'}\noutput = {}", "`models.m.input.TEXT` is no price"),
        ("[models.m]\ninput = {TEXT = nan}\noutput = {}", "`models.m.input.TEXT` is no price"),
        ("[models.m]\ninput = {TEXT = -1}\noutput = {}", "`models.m.input.TEXT` is no price"),
    ],
)
def test_a_mistake_in_a_price_table_is_named(text: str, clause: str) -> None:
    with pytest.raises(PriceError, match=clause):
        Prices.read(text)
