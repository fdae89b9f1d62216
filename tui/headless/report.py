"""What became of a script: one line of JSON, or JUnit's XML for CI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from xml.etree import ElementTree as xml

from tui.core.text import safe
from tui.outcome import Outcome

_PLAIN = ("script", "problem", "seconds", "recording", "notes")


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was begun."""

    step: str
    seconds: float
    problem: str = ""
    at_s: float = 0.0
    """When it was begun, on the recording's clock."""


@dataclass
class Report:
    """One script that was run."""

    script: str
    outcome: Outcome = Outcome.OK
    problem: str = ""
    seconds: float = 0.0
    recording: str = ""
    steps: list[Done] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What else is worth knowing, in sentences."""

    def failed(self, outcome: Outcome, problem: str) -> None:
        """Something went wrong; the first thing decides."""
        if self.outcome is Outcome.OK:
            self.outcome, self.problem = outcome, problem

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "outcome": self.outcome.name.lower(), "exit": int(self.outcome)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Report:
        """The same again."""
        facts = {key: row[key] for key in _PLAIN}
        steps = [Done(**each) for each in row["steps"]]
        return cls(outcome=Outcome[row["outcome"].upper()], steps=steps, **facts)


def junit(reports: Iterable[Report]) -> bytes:
    """The XML that CI systems read: a suite a script, a case a step."""
    root = xml.Element("testsuites")
    for report in reports:
        failures = [done for done in report.steps if done.problem]
        unnamed = report.outcome is not Outcome.OK and not failures
        suite = xml.SubElement(
            root,
            "testsuite",
            name=safe(report.script),
            tests=str(len(report.steps) + unnamed),
            failures=str(len(failures)),
            errors=str(int(unnamed)),
            time=f"{report.seconds:.3f}",
        )
        for done in report.steps:
            _case(suite, report.script, done.step, done.seconds, "failure", done.problem)
        if unnamed:
            _case(suite, report.script, "session", report.seconds, "error", report.problem)
    xml.indent(root)
    return bytes(xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _case(
    suite: xml.Element, script: str, name: str, seconds: float, kind: str, problem: str
) -> None:
    case = xml.SubElement(
        suite, "testcase", classname=safe(script), name=safe(name), time=f"{seconds:.3f}"
    )
    if problem:
        xml.SubElement(case, kind, message=safe(problem))
