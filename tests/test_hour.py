"""The recording that benches read is a session such as there are."""

from __future__ import annotations

from pathlib import Path

from tests.bench import hour
from tui.core.frame import Frame
from tui.core.lint.linter import Linter, lint
from tui.core.lint.rule import Severity
from tui.importers.opening import open_log

MINUTE = 1 / 60


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    assert hour.write(one, MINUTE) == hour.write(other, MINUTE)
    assert one.read_bytes() == other.read_bytes()


def test_it_is_a_clean_session(tmp_path: Path) -> None:
    messages = hour.write(tmp_path / "a", 3 * MINUTE)
    log = open_log(tmp_path / "a")
    assert len([row for row in range(len(log)) if isinstance(log.glance(row), Frame)]) == messages
    assert len(log.session.turns) == 9
    assert hour.NEEDLE in log.session.turns[-1].answer
    linter = Linter.of(log)
    for _ in lint(log, linter):
        pass
    assert not [each for each in linter.findings if each.severity > Severity.CHAT]
    log.close()


def test_an_hour_has_its_messages() -> None:
    conversation = hour.Conversation(hour.TURNS_AN_HOUR, seed=1)
    turns = (conversation.turn(number) for number in range(1, 1 + hour.TURNS_AN_HOUR, 20))
    kinds = [sum(isinstance(each, hour.Message) for each in turn) for turn in turns]
    assert len(kinds) == 9 and all(740 < count < 750 for count in kinds)
