"""What a second session asks for, from flags and from what the first one asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui.against import options_against
from tui.commands import workbench
from tui.core.configuration.message import Configuration
from tui.core.journal import JournalError
from tui.options import Options

FIRST = Configuration(
    {"model": "gemini-2.0-flash-exp", "voice": "Kore", "service": "emulator", "modality": "audio"}
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIDISCOPE_CONFIG", str(tmp_path))
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "quick.toml").write_text('silence_ms = 200\nvoice = "Puck"\n')
    return tmp_path


def second(view: str = "audio", **chosen: Any) -> Options:
    return options_against(Options(view=view, configuration=FIRST, budget=1.0), FIRST, **chosen)


def test_it_is_the_first_one_but_for_the_model() -> None:
    options = second(model="gemini-3.8-live")
    assert options.model == "gemini-3.8-live"
    assert options.configuration.get("voice") == "Kore"
    assert options.view == "text view", "one is heard at a time, and that is the first"
    assert options.budget == 1.0


def test_the_same_model_may_differ_in_a_profile_and_in_fields() -> None:
    options = second(profile="quick", values={"temperature": 0.2, "voice": "Zephyr"})
    asked = options.configuration
    assert options.model == "gemini-2.0-flash-exp"
    assert [asked.get(name) for name in ("silence_ms", "temperature", "voice")] == [
        200, 0.2, "Zephyr",
    ]  # fmt: skip


def test_who_writes_goes_on_writing_where_the_model_can() -> None:
    assert second("text").view == "text"
    assert second("text", model="gemini-3.8-live").view == "text view"


def test_a_profile_that_is_not_there_is_said() -> None:
    with pytest.raises(JournalError, match="no profile slow"):
        second(profile="slow")


def test_flags_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Options] = []

    def run(options: Options) -> int:
        seen.append(options)
        return 0

    monkeypatch.setattr("tui.terminal.trouble", lambda environ: "")
    monkeypatch.setattr("tui.launch.run", run)
    words = ["--emulator", "--voice", "Kore", "--against", "gemini-3.8-live"]
    assert workbench.run([*words, "--against-set", "voice=Puck"]) == 0
    assert workbench.run(["--emulator"]) == 0
    against = seen[0].against
    assert against is not None and against.model == "gemini-3.8-live"
    assert against.configuration.get("voice") == "Puck"
    assert seen[0].configuration.get("voice") == "Kore"
    assert seen[1].against is None
    with pytest.raises(SystemExit):
        workbench.run(["--against-set", "voix=Puck"])
