"""How a fault is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core import fault_guide
from tui.core.fault import Fault, FaultError, kinds, of_file


@pytest.mark.parametrize(
    ("spec", "said", "values"),
    [
        ("drop", "drop", {}),
        ("  drop  ", "drop", {}),
        ("stall", "stall", {"for": 10}),
        ("stall:for=5", "stall:for=5", {"for": 5.0}),
        ("stall for=300ms", "stall:for=0.3", {"for": 0.3}),
        ("stall: for=2s , turn=3", "stall:for=2,turn=3", {"for": 2.0}),
        ("stall:for=2s,turn=each,chance=.5", "stall:for=2,turn=each,chance=0.5", {"for": 2.0}),
        ("close", "close", {"code": 1011, "reason": "Internal error encountered."}),
        (
            "close:code=1008,reason=so, and = so",
            "close:code=1008,reason=so, and = so",
            {"code": 1008, "reason": "so, and = so"},
        ),
        ("close:reason=", "close:reason=", {"code": 1011, "reason": ""}),
        ("noise:chance=1", "noise:chance=1", {}),
        ("oversize:size=2", "oversize:size=2", {"size": 2.0}),
    ],
)
def test_a_line_is_read(spec: str, said: str, values: dict[str, object]) -> None:
    fault = Fault.read(spec)
    assert (str(fault), dict(fault.values)) == (said, values)
    assert str(Fault.read(str(fault))) == str(fault)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("", "There is no fault ''; bidiscope emulate --faults lists them."),
        ("stal", "There is no fault 'stal' (stall?); bidiscope emulate --faults lists them."),
        ("stall:fore=5", "stall has no 'fore' (for?); it has for, at, frame, turn, chance."),
        ("off:at=1", "off has no parameters, so no 'at'."),
        ("stall:for", "'for' is no parameter: write key=value, as in stall:for=5."),
        ("stall:for=long", "for=long does not fit: it must be 0 to 3600 s."),
        ("stall:for=-1", "for=-1 does not fit: it must be 0 to 3600 s."),
        ("stall:for=nan", "for=nan does not fit: it must be 0 to 3600 s."),
        ("stall:chance=2", "chance=2 does not fit: it must be 0 to 1."),
        ("stall:turn=0", "turn=0 does not fit: it must be 1 or more."),
        ("stall:turn=1.5", "turn=1.5 does not fit: it must be 1 or more."),
        ("stall:turn=1,frame=2", "stall happens at one moment: give one of frame, turn."),
        ("close:code=99999", "code=99999 does not fit: it must be a close code."),
        (
            "close:code=1006",
            "No close frame may hold 1006: the codes are 1000 to 1003, 1007 to 1014 and 3000 to "
            "4999.",
        ),
        ("close:reason=\udc80", "What is to be said is not UTF-8."),
    ],
)
def test_what_is_no_fault_is_one_sentence(spec: str, why: str) -> None:
    with pytest.raises(FaultError) as told:
        Fault.read(spec)
    assert str(told.value) == why


@given(st.text())
def test_any_text_is_a_fault_or_a_sentence(text: str) -> None:
    for spec in (text, f"stall:{text}", f"close:code={text}", f"close:reason={text}"):
        try:
            assert Fault.read(spec).name in kinds()
        except FaultError as error:
            assert str(error).endswith(".")


def test_a_long_one_is_quoted_in_short() -> None:
    for spec in (
        "x" * 10**6,
        f"a{' ' * 10**6}b",
        f"stall:{'x' * 10**6}",
        f"stall:for={'9' * 10**6}x",
    ):
        with pytest.raises(FaultError) as told:
            Fault.read(spec)
        assert len(str(told.value)) < 200


def test_a_row_is_read_as_a_line_is() -> None:
    row = {"name": "stall", "for": 5, "turn": "each", "chance": 0.5}
    assert Fault.of_row(row) == Fault.read("stall:for=5,turn=each,chance=0.5")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, "A fault needs a name: "),
        ({"name": 5}, "A fault needs a name: "),
        ({"name": "stall", "for": True}, "for=True does not fit"),
        ({"name": "stall", "for": [1]}, "for=[1] does not fit"),
        ({"name": "stall", "for": float("inf")}, "for=inf does not fit"),
        ({"name": "stall", "frame": float("inf")}, "frame=inf does not fit"),
        ({"name": "close", "reason": 5}, "reason=5 does not fit: it must be words."),
    ],
)
def test_a_row_that_is_none_is_refused(row: dict[str, object], why: str) -> None:
    with pytest.raises(FaultError) as told:
        Fault.of_row(row)
    assert str(told.value).startswith(why)


def test_a_file_holds_several() -> None:
    text = '[[fault]]\nname = "stall"\nfor = 2.5\n\n[[fault]]\nname = "close"\nat = 9\n'
    assert [str(fault) for fault in of_file(text)] == ["stall:for=2.5", "close:at=9"]


@pytest.mark.parametrize(
    "text", ["", "fault = 5", "[[fault", "[fault]\nname = 'drop'", "fault=[5]"]
)
def test_a_file_without_faults_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        of_file(text)


def test_the_page_names_each_fault_key_and_source() -> None:
    page = fault_guide.page()
    for kind in kinds().values():
        assert f"\n{kind.name}\n    {kind.does}\n" in f"{page}\n"
        for each in kind.parameters:
            assert each.means in page
        assert ", ".join(kind.source) in page
        assert str(Fault.read(kind.example)) == kind.example
