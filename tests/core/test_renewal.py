"""What follows from the end of a connection: again, when, without what, or not at all."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core import renewal
from tui.core.connection import GoAway
from tui.core.renewal import Loss, Plan

REFUSED = "example.com refused the WebSocket with HTTP 403"
FAULT = Loss(1011, "Internal error encountered.", "server", 30.0, resumed=False)


def plan(loss: Loss, attempts: int = 0) -> Plan | str:
    return renewal.plan(loss, attempts, random.Random(1))


def test_a_connection_that_was_open_is_made_again_at_once() -> None:
    assert plan(FAULT, attempts=5) == Plan(1, 0.0, fresh=False)


@pytest.mark.parametrize(
    ("loss", "why"),
    [
        (replace(FAULT, by="client"), "this side ended it"),
        (replace(FAULT, code=1007, reason="Request contains an invalid argument."), "the same"),
        (replace(FAULT, code=1008, reason="models/x is not found"), "the same"),
        (replace(FAULT, reason="Token has been used too many times"), "the same"),
        (
            Loss(None, REFUSED, "server", None, resumed=False),
            "want",
        ),
        (replace(FAULT, open_s=0.5), "6 attempts"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(loss: Loss, why: str) -> None:
    said = plan(loss, attempts=renewal.ATTEMPTS)
    assert isinstance(said, str)
    assert why in said


@pytest.mark.parametrize(
    ("code", "reason", "open_s"),
    [
        (1008, "BidiGenerateContent session not found", None),
        (1007, "Request contains an invalid argument.", None),
        (1011, "Internal error encountered.", 0.5),
    ],
)
def test_a_resumed_session_that_fails_is_begun_afresh(
    code: int, reason: str, open_s: float | None
) -> None:
    assert plan(Loss(code, reason, "server", open_s, resumed=True)) == Plan(1, 0.0, fresh=True)


def test_a_network_that_fails_says_nothing_of_the_handle_at_first() -> None:
    lost = Loss(1006, "", "network", None, resumed=True)
    fresh = [each.fresh for each in map(partial(plan, lost), range(4)) if isinstance(each, Plan)]
    assert fresh == [False, False, True, True]


@given(st.integers(1, renewal.ATTEMPTS - 1), st.integers())
def test_pauses_grow_and_stay_within_their_bounds(attempts: int, seed: int) -> None:
    away = Loss(None, "cannot be reached", "network", None, resumed=False)
    planned = renewal.plan(away, attempts, random.Random(seed))
    assert isinstance(planned, Plan)
    assert planned.attempt == attempts + 1
    longest_s = min(renewal.LATE_S, renewal.SOON_S * 2**attempts)
    assert longest_s / 2 <= planned.delay_s <= longest_s


def test_a_server_that_goes_away_at_once_is_followed_only_so_often() -> None:
    dice = random.Random(1)
    assert renewal.follow(600.0, renewal.ATTEMPTS, dice) == Plan(1, 0.0, fresh=False)
    plans = [renewal.follow(0.1, attempts, dice) for attempts in range(renewal.ATTEMPTS + 1)]
    assert isinstance(plans[-1], str)
    delays_s = [plan.delay_s for plan in plans[:-1] if isinstance(plan, Plan)]
    assert delays_s[0] == 0.0
    assert delays_s[1:] == sorted(delays_s[1:])
    assert len(delays_s) == renewal.ATTEMPTS


@given(st.floats(0.001, 1e6))
def test_one_leaves_before_the_server_does(left_s: float) -> None:
    assert left_s - renewal.MARGIN_S <= renewal.leave_s(left_s) <= left_s
    assert renewal.leave_s(left_s) >= 0.8 * left_s - 1e-9


@pytest.mark.parametrize(
    ("time_left", "left_s"), [("50s", 50.0), ("0.5s", 0.5), ("", 0.0), ("soon", 0.0)]
)
def test_the_time_left_is_a_duration_of_the_protocol(time_left: str, left_s: float) -> None:
    assert GoAway(time_left, 3.0).ends_s == 3.0 + left_s
