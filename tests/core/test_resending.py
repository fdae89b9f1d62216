from __future__ import annotations

import pytest

from tests.core.script import Script, conversation
from tui.core import comparison, cost, trial, trial_text
from tui.core.hearing import server_speech
from tui.core.trial import Anchor, Cell, Column, Input

SPOKEN = [Input(1.0, 2.4, "What is six times seven?"), Input(9.0, 9.2)]
"""What `conversation` says, as the same machine would hear it: source time 0 is its clock's."""


def column(script: Script, label: str = "x", *anchors: Anchor) -> Column:
    side = comparison.side(script.log, label, cost.shipped())
    return Column(label, side, server_speech(script.log), anchors or (Anchor(0, 0.0, 0.0),))


def cells(inputs: list[Input], script: Script) -> list[Cell]:
    return [*trial.cells(inputs, column(script), cost.shipped())]


def spoken(answered_s: float, *, begun_s: float = 1.0, ended_s: float = 2.0) -> Script:
    """One answer to speech that the server heard from and to then."""
    script = Script()
    script.connect()
    script.mic(0.0, 4.0)
    start, end = (f"{each:.3f}s" for each in (begun_s, ended_s))
    script.receive(ended_s, voiceActivity={"type": "ACTIVITY_START", "audioOffset": start})
    script.receive(ended_s + 0.5, voiceActivity={"type": "ACTIVITY_END", "audioOffset": end})
    script.content(answered_s, inputTranscription={"text": "what is six times eleven"})
    script.words(answered_s, "It is sixty-six.")
    script.complete(answered_s + 1, {"totalTokenCount": 70, "promptTokenCount": 70})
    return script


def test_a_cell_measures_from_what_was_said() -> None:
    [cell] = cells([Input(1.1, 1.9, "What is six times seven?")], spoken(3.0))
    assert cell.begin_s == pytest.approx(-0.08, abs=0.011)
    assert cell.end_s == pytest.approx(0.1, abs=0.011)
    assert cell.decided_s == pytest.approx(0.6)
    assert cell.first_byte_s == pytest.approx(1.1)
    assert (cell.heard, cell.answer) == ("what is six times eleven", "It is sixty-six.")
    assert cell.errors is not None and cell.errors.rate == 0.2
    assert (cell.tokens, cell.pieces, cell.early) == (70, 1, False)


def test_an_answer_that_began_too_early_says_so() -> None:
    [cell] = cells([Input(1.1, 3.9)], spoken(3.0))
    assert cell.early and cell.first_byte_s == pytest.approx(-0.9)
    assert trial.total([cell], column(spoken(3.0)).side).early == 1


def test_a_turn_belongs_to_the_input_that_it_was_measured_from() -> None:
    """The next input has begun when the answer comes: it is not the answer to that."""
    first, second = cells([Input(1.1, 1.9), Input(2.8, 3.5)], spoken(3.0))
    assert first.first_byte_s == pytest.approx(1.1)
    assert second.answers == () and second.sent


def test_what_was_not_sent_has_nothing() -> None:
    [_, cell] = cells([Input(1.1, 1.9), Input(0.1, 0.5, source=1)], spoken(3.0))
    assert cell == Cell()


def test_a_pause_that_was_not_answered_ends_no_input() -> None:
    inputs = [Input(0.6, 1.0), Input(1.4, 1.9), Input(30.0, 31.0)]
    merged = trial.merged(inputs, column(spoken(3.0)), cost.shipped())
    assert merged == [Input(0.6, 1.9), Input(30.0, 31.0)]


def test_calls_of_functions_split_no_answer() -> None:
    script = Script()
    script.connect()
    script.ask(1.0, "And the weather?")
    script.receive(1.5, toolCall={"functionCalls": [{"id": "1", "name": "w", "args": {}}]})
    script.complete(1.6)
    script.words(2.0, "Foggy.")
    script.complete(2.1)
    [cell] = cells([Input(1.0, 1.0, "And the weather?", typed=True)], script)
    assert len(cell.answers) == 1 and cell.first_byte_s == pytest.approx(0.5)
    assert cell.errors is None


def test_a_later_connection_has_its_own_anchor() -> None:
    of = column(Script(), "x", Anchor(0, 0.0, 5.0), Anchor(0, 10.0, 100.0), Anchor(1, 0.0, 200.0))
    assert [of.clock_s(0, 9.0), of.clock_s(0, 11.0), of.clock_s(1, 1.0)] == [14.0, 101.0, 201.0]
    assert of.clock_s(2, 0.0) is None


def test_the_report_names_each_session_and_marks_the_words() -> None:
    columns = [column(conversation(), "as recorded"), column(spoken(3.0), "model=x")]
    of = trial_text.Trial(["a.jsonl"], SPOKEN, columns, cost.shipped(), ["it was late"])
    text = "\n".join(trial_text.lines(of))
    assert "A  as recorded: gemini-3.8-live, key" in text
    assert "1  0:01.0 – 0:02.4  spoken  What is six times seven?" in text
    assert "B [-What-] {+what+} is six times [-seven?-] {+eleven+}" in text
    assert "word errors                  0%        20%" in text
    assert "note: it was late" in text


def test_the_document_has_a_column_a_session_and_a_row_an_input() -> None:
    columns = [column(conversation(), "as recorded"), column(spoken(3.0), "model=x")]
    of = trial_text.Trial(["a.jsonl"], SPOKEN, columns, cost.shipped(), [])
    document = trial_text.document(of)
    assert [each["label"] for each in document["columns"]] == ["as recorded", "model=x"]
    assert [len(each["columns"]) for each in document["inputs"]] == [2, 2]
    assert document["columns"][1]["total"]["answered"] == 1
