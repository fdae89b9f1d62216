from __future__ import annotations

import pytest

from tui.core.barge_in import Overlap


@pytest.mark.parametrize(
    ("by", "overlap"),
    [
        ("person", Overlap(heard=0.1, sent=0.05, speech=True)),
        ("person", Overlap(heard=0.6, sent=0.1, speech=True)),
        ("speaker", Overlap(heard=0.9, sent=0.5, speech=True)),
        ("speaker", Overlap(heard=0.9, sent=0.1, speech=False)),
        ("unknown", Overlap(heard=0.1, sent=0.1, speech=False)),
        ("unknown", Overlap()),
    ],
)
def test_who_interrupted_is_told_from_what_was_heard_sent_and_played(
    by: str, overlap: Overlap
) -> None:
    assert overlap.by == by
