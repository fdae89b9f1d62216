"""`bidiscope models`: the table, the user's own rows, and the account's by ListModels over TLS."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.stage import API_KEY
from tui import cli
from tui.authority import Authority
from tui.core import models
from tui.core.models import ModelsError
from tui.core.places import config_folder
from tui.live.local import LocalEmulator
from tui.outcome import Outcome


@pytest.fixture(autouse=True)
def shipped_table() -> Iterator[None]:
    """No test leaves its rows to the next."""
    yield
    models.overlay("")


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = cli.main(["models", "--json", *words])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


def own_table(text: str) -> None:
    config_folder().mkdir(parents=True, exist_ok=True)
    (config_folder() / "models.toml").write_text(text)


def test_without_a_key_it_says_that_nobody_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == Outcome.OK
    out = capsys.readouterr().out
    assert "No key is there (GEMINI_API_KEY or GOOGLE_API_KEY)" in out
    row = next(line for line in out.splitlines() if line.startswith("gemini-3.8-live "))
    assert "0.75/3" in row and "always" in row and "58 min" in row
    assert "shut down 2025-12-09" in out
    code, found, _ = listed(capsys)
    assert code == Outcome.OK
    assert {each["name"] for each in found["models"]} == set(models.names())
    assert all(each["account"] is None for each in found["models"])


def test_a_model_that_nobody_knows_gets_cautious_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found, err = listed(capsys, "gemini-9-live")
    assert code == Outcome.OK and "these are the cautious defaults" in err
    assert found["models"][0]["listed"] is False
    assert found["models"][0]["price"] is None


def test_one_model_by_name_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "gemini-3.5-live-translate-preview"]) == Outcome.OK
    out = " ".join(capsys.readouterr().out.split())
    assert "task translation: there are no turns" in out
    assert "voices none to choose" in out and "as many to translate into" in out
    assert "kizuna-ai-lab/sokuji#399" in out and "dated 2026-" in out
    assert cli.main(["models", "gemini-2.0-flash-live-001"]) == Outcome.OK
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "voices Zephyr, Puck, Charon, Kore, Fenrir, Leda, Orus, Aoede their language ar-EG" in out
    )
    assert "context 32,768 tokens" in out


def test_an_unknown_model_is_told_with_what_is_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["models", "gemini-9-live"]) == Outcome.OK
    out = " ".join(capsys.readouterr().out.split())
    assert "understands n/a" in out and "source none: cautious defaults" in out


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_fits_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((width, 24)))
    assert cli.main(["models"]) == Outcome.OK
    table = capsys.readouterr().out.split("\n\n")[0].splitlines()
    assert max(map(len, table)) <= width
    assert table[0].startswith("MODEL") and table[0].endswith("REMARK")
    assert ("CONTEXT" in table[0]) == (width > 80)
    vertex = next(row for row in table if row.startswith("gemini-live-2.5-flash-native-audio"))
    assert vertex.endswith("only Vertex AI has it")


def test_own_rows_lie_over_the_shipped_ones(capsys: pytest.CaptureFixture[str]) -> None:
    own_table(
        'dated = "2026-11-26"\nvoices = ["Echo"]\n'
        '[models."gemini-9-live"]\nmodalities = ["TEXT"]\n'
        '[models."gemini-3.8-live"]\naffective = true\n'
    )
    code, found, _ = listed(capsys)
    rows = {each["name"]: each for each in found["models"]}
    assert code == Outcome.OK and found["own_dated"] == "2026-11-26"
    assert rows["gemini-9-live"]["listed"] and rows["gemini-9-live"]["modalities"] == ["TEXT"]
    assert rows["gemini-3.8-live"]["affective"] is True
    assert rows["gemini-3.8-live"]["proactive"] == "always"
    assert "Echo" in models.voices() and "Kore" in models.voices()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dated =", "it is no TOML"),
        ("models = 5", "`models` is no table"),
        ("[models.x]", "`dated` is missing"),
        ('dated = "d"\nvoices = [1]', "`voices` is no list of names"),
        ('dated = "d"\nprices = 1', "`prices` is no key of it"),
        ('dated = "d"\n[models.x]\nmodalitys = []', "`models.x.modalitys` is no capability"),
        ('dated = "d"\n[models.x]\naffective = "no"', "`models.x.affective` must be like true"),
        ('dated = "d"\n[models.x]\nmodalities = "TEXT"', 'must be like ["AUDIO"]'),
        ('dated = "d"\n[models.x]\ncontext_tokens = true', "must be like 131072"),
        ('dated = "d"\n[models]\nx = 1', "`models.x` is no table"),
    ],
)
def test_a_bad_table_is_said_in_words_and_changes_nothing(
    capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    own_table(text)
    assert cli.main(["models"]) == Outcome.FAILED
    err = capsys.readouterr().err
    assert said in err and "models.toml cannot be used" in err and "Traceback" not in err
    with pytest.raises(ModelsError):
        models.overlay(text)
    assert not models.model("x").listed


class ListModels(BaseHTTPRequestHandler):
    """Answers as the service does (ai.google.dev: models.list)."""

    answer: tuple[int, dict[str, Any]] = (200, {})

    def do_GET(self) -> None:
        code, body = self.answer
        if self.headers["x-goog-api-key"] != API_KEY or not self.path.startswith("/v1beta/models"):
            code, body = 400, {"error": {"code": 400, "message": "wrong", "status": "INVALID"}}
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ListModels]]:
    """A server over TLS that the environment leads to."""
    authority = Authority.of_user(tmp_path / "authority")
    server = HTTPServer(("localhost", 0), ListModels)
    server.socket = authority.server_context().wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("GEMINI_API_KEY", API_KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"https://localhost:{server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield ListModels
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_accounts_live_models_are_those_that_can_be_talked_to(
    capsys: pytest.CaptureFixture[str], service: type[ListModels]
) -> None:
    live, other = ["bidiGenerateContent", "countTokens"], ["generateContent"]
    rows = [("gemini-3.8-live", live), ("gemini-3-pro", other), ("gemini-9-live", live)]
    service.answer = (
        200,
        {
            "models": [
                {"name": f"models/{name}", "supportedGenerationMethods": methods}
                for name, methods in rows
            ]
        },
    )
    code, found, err = listed(capsys)
    assert (code, err) == (Outcome.OK, "")
    mine = {each["name"] for each in found["models"] if each["account"]}
    assert mine == {"gemini-3.8-live", "gemini-9-live"}
    assert found["account"].startswith("localhost")
    assert cli.main(["models"]) == Outcome.OK
    assert "Your key may use 2 Live models, says localhost" in capsys.readouterr().out


def test_a_refusal_is_a_sentence_without_the_key(
    capsys: pytest.CaptureFixture[str], service: type[ListModels]
) -> None:
    service.answer = 403, {"error": {"code": 403, "message": f"no: {API_KEY}", "status": "DENIED"}}
    assert cli.main(["models"]) == Outcome.FAILED
    out, err = capsys.readouterr()
    assert "does not list the models of this key" in out and API_KEY not in out + err
    assert "gemini-3.8-live" in out, "the table is printed all the same"


def test_the_emulator_lists_its_models_like_the_service(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = LocalEmulator(lambda line: None)
    try:
        endpoint = emulator.endpoint()
        monkeypatch.setenv("GEMINI_API_KEY", API_KEY)
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", str(endpoint.base_url))
        monkeypatch.setenv("SSL_CERT_FILE", str(endpoint.ca))
        code, found, err = listed(capsys)
    finally:
        emulator.stop()
    assert (code, err) == (Outcome.OK, "")
    mine = {each["name"] for each in found["models"] if each["account"]}
    assert "gemini-3.8-live" in mine and found["account"] == endpoint.host


def test_offline_nobody_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", API_KEY)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "https://localhost:1")
    assert cli.main(["models", "--offline"]) == Outcome.OK
    assert cli.main(["models"]) == Outcome.FAILED
    assert "localhost:1 does not list" in capsys.readouterr().out
