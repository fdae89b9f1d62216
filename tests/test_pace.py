from __future__ import annotations

from tui.pace import LONGEST_S, SETTLED_S, SHARE, Pace

TICK_S = 1 / 16


class Thread:
    """A thread that looks whether a picture is due at every tick, and what a picture costs it."""

    def __init__(self, picture_costs_s: float) -> None:
        self.now_s = self.used_s = 0.0
        self._cost_s = picture_costs_s
        self._pace = Pace(lambda: self.now_s, lambda: self.used_s)

    def pictures(self, seconds: float, moves: bool) -> int:
        drawn = 0
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            if self._pace.due(moves):
                self.used_s += self._cost_s
                drawn += 1
        return drawn


def test_a_cheap_picture_is_drawn_at_every_tick() -> None:
    assert Thread(picture_costs_s=TICK_S * SHARE / 2).pictures(10, moves=True) == 160


def test_a_dear_picture_is_drawn_as_seldom_as_its_share_asks() -> None:
    thread = Thread(picture_costs_s=0.05)
    thread.pictures(10, moves=True)
    assert SHARE / 2 < thread.used_s / 10 <= SHARE


def test_no_picture_is_older_than_the_longest_age() -> None:
    assert Thread(picture_costs_s=9.0).pictures(10, moves=True) == 10 / LONGEST_S


def test_only_the_clock_is_drawn_when_nothing_has_moved_for_a_while() -> None:
    thread = Thread(picture_costs_s=0.0)
    assert thread.pictures(SETTLED_S, moves=False) == SETTLED_S / TICK_S
    assert thread.pictures(10, moves=False) == 10 / LONGEST_S


def test_what_moves_again_is_drawn_at_the_next_tick() -> None:
    thread = Thread(picture_costs_s=0.0)
    thread.pictures(SETTLED_S + 10 * LONGEST_S, moves=False)
    assert thread.pictures(TICK_S, moves=True) == 1
