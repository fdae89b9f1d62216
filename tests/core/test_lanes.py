from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tui.core.lanes import OPEN, Point, Points, Span, Spans

TIMES = st.floats(0, 100, allow_nan=False).map(lambda time_s: round(time_s, 2))
PAIRS = st.lists(st.tuples(TIMES, TIMES | st.just(OPEN)), max_size=30)


def lane(pairs: list[tuple[float, float]]) -> Spans:
    spans = Spans()
    for number, (start_s, length_s) in enumerate(sorted(pairs)):
        span = spans.begin(start_s, number)
        if length_s != OPEN:
            spans.end(span, start_s + length_s)
    return spans


@given(PAIRS, TIMES, TIMES)
def test_what_goes_on_between_two_times_is_found(
    pairs: list[tuple[float, float]], one_s: float, other_s: float
) -> None:
    spans, (start_s, end_s) = lane(pairs), sorted((one_s, other_s))
    every = [spans[index] for index in range(len(spans))]
    going = [span for span in every if span.end_s > start_s and span.start_s < end_s]
    assert spans.over(start_s, end_s) is (going[0] if going else None)


@given(PAIRS, st.lists(st.tuples(st.integers(0, 29), TIMES), max_size=20), TIMES)
def test_spans_may_end_in_any_order_and_again(
    pairs: list[tuple[float, float]], ends: list[tuple[int, float]], at_s: float
) -> None:
    spans = lane(pairs)
    for index, end_s in ends:
        if index < len(spans):
            spans.end(spans[index], end_s)
    going = [spans[index] for index in range(len(spans))]
    going = [span for span in going if span.start_s <= at_s < span.end_s]
    assert spans.at(at_s) is (going[0] if going else None)


@given(PAIRS, TIMES, st.floats(0.01, 5), st.integers(1, 50))
def test_a_cell_is_drawn_where_a_span_goes_on_in_it(
    pairs: list[tuple[float, float]], start_s: float, cell_s: float, cells: int
) -> None:
    spans = lane(pairs)
    drawn: dict[int, Span] = {}
    for run in spans.runs(start_s, cell_s, cells, 1000.0):
        assert 0 <= run.first < run.end <= cells
        assert not drawn.keys() & range(run.first, run.end)
        drawn |= dict.fromkeys(range(run.first, run.end), run.span)
    for cell in range(cells):
        inside_s = start_s + (cell + 0.5) * cell_s
        found = spans.over(inside_s - cell_s * 0.49, inside_s + cell_s * 0.49)
        if found is not None:
            assert cell in drawn
        elif cell in drawn:
            edge_s = 0.02 * cell_s
            span = drawn[cell]
            assert span.end_s > start_s + cell * cell_s - edge_s
            assert span.start_s < start_s + (cell + 1) * cell_s + edge_s


def test_a_span_that_goes_on_is_drawn_up_to_now() -> None:
    spans = Spans()
    spans.begin(2.0, 7, "turn 1")
    (run,) = spans.runs(0.0, 1.0, 10, 5.0)
    assert (run.first, run.end, run.span.row) == (2, 5, 7)


@given(st.lists(TIMES, max_size=30), TIMES)
def test_points_are_in_order_however_they_come(times: list[float], at_s: float) -> None:
    points = Points()
    for number, time_s in enumerate(times):
        points.add(Point(time_s, number))
    assert [point.start_s for point in points.within(0, 1000)] == sorted(times)
    assert points.count(at_s) == sum(time_s <= at_s for time_s in times)
    last, following = points.last(at_s), points.neighbour(at_s, 1)
    assert (last.start_s if last else -1) == max((t for t in times if t <= at_s), default=-1)
    after_s = min((t for t in times if t > at_s), default=math.inf)
    assert (following.start_s if following else math.inf) == after_s


@given(st.lists(TIMES, max_size=30), TIMES, st.floats(0.01, 5), st.integers(1, 50))
def test_every_point_in_view_is_in_a_cell(
    times: list[float], start_s: float, cell_s: float, cells: int
) -> None:
    points = Points()
    for time_s in times:
        points.add(Point(time_s, 0))
    drawn = list(points.cells(start_s, cell_s, cells))
    assert [cell for cell, _ in drawn] == sorted({cell for cell, _ in drawn})
    assert all(0 <= cell < cells for cell, _ in drawn)
    margin_s = 1e-6
    inside = [t for t in times if start_s <= t < start_s + cells * cell_s - margin_s]
    shown = {point.start_s for _, there in drawn for point in there}
    assert shown >= set(inside)
