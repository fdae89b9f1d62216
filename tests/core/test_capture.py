from __future__ import annotations

import pytest

from tui.core.capture import Capture


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture(off=True, muted=True), "off"),
        (Capture(problem="It is lost.", device="usb", muted=True), "none"),
        (Capture(muted=True, device="usb", speech=False), "muted"),
        (Capture(), "opening"),
        (Capture(device="a.wav", over=True, silent_s=3), "file over"),
        (Capture(device="usb", silent_s=2.0), "no signal"),
        (Capture(device="usb", silent_s=1.9, speech=False), "silence"),
        (Capture(device="usb", speech=True), "speech"),
    ],
)
def test_the_state_is_a_word_or_two_and_the_worst_fact_wins(capture: Capture, words: str) -> None:
    assert capture.state == words
