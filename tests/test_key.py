"""A key in the system's keyring, on request; and what is said when there is none."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from tests.rehearsal import Rehearsal
from tests.stage import API_KEY
from tui import cli, credentials, profiles
from tui.core.configuration.message import Configuration
from tui.core.text import safe
from tui.launch import greet
from tui.options import Options
from tui.outcome import Outcome
from tui.screens.key_entry import KeyEntry
from tui.screens.sessions import Sessions


class Vault(KeyringBackend):
    """A keyring in memory that counts how often it is opened."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.opened = 0
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self.opened += 1
        if self.locked:
            raise KeyringLocked("the vault\nis locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def vault() -> Iterator[Vault]:
    before = keyring.get_keyring()
    vault = Vault()
    keyring.set_keyring(vault)
    yield vault
    keyring.set_keyring(before)


def key(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    typed: str = "",
) -> tuple[int, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code = cli.main(["key", what])
    return code, "".join(capsys.readouterr())


def test_stored_shown_used_and_forgotten(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    assert credentials.of_keyring() is None and vault.opened == 0, "nobody asked for it"
    assert key(capsys, monkeypatch, "show") == (Outcome.OK, "No key.\n")
    assert key(capsys, monkeypatch, "store", f" {API_KEY} \n")[0] == Outcome.OK
    assert credentials.of_keyring() == API_KEY
    code, said = key(capsys, monkeypatch, "show")
    assert code == Outcome.OK and "from the keyring" in said and API_KEY not in said
    assert credentials.of_keyring({"GEMINI_API_KEY": "other-key-1"}) is None
    files = [path for path in Path(os.environ["BIDISCOPE_CONFIG"]).rglob("*") if path.is_file()]
    assert files and all(API_KEY not in path.read_text() for path in files)
    assert key(capsys, monkeypatch, "forget")[0] == Outcome.OK
    assert vault.held == {} and credentials.of_keyring() is None


def test_what_is_no_key_is_said_without_quoting_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    code, said = key(capsys, monkeypatch, "store", "two words-of-a-key\n")
    assert code == Outcome.FAILED and "That is no key" in said and "words" not in said
    assert vault.held == {}


def test_a_keyring_that_refuses_is_a_sentence_and_the_session_goes_on(vault: Vault) -> None:
    credentials.store(API_KEY)
    vault.locked = True
    found, why = credentials.stored_key()
    assert found is None and safe(why) == why and "refuses: the vault is locked." in why
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    assert "no keyring: set GEMINI_API_KEY" in credentials.stored_key()[1]


def test_the_greeting_comes_once_and_only_to_who_did_not_ask_for_the_emulator() -> None:
    assert greet("gemini", Options()) == ""
    assert greet("emulator", Options(emulator=True)) == ""
    assert greet("emulator", Options(configuration=Configuration({"service": "emulator"}))) == ""
    assert "No key was found" in greet("emulator", Options())
    assert greet("emulator", Options()) == ""
    assert profiles.remembered() == {"greeted": True}


async def test_a_pasted_key_changes_who_answers() -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(100, 30)) as pilot:
        await pilot.press("tab", "K")
        await pilot.pause()
        assert isinstance(pilot.app.screen, KeyEntry)
        await pilot.press("enter", *"a b", "enter")
        assert isinstance(pilot.app.screen, KeyEntry), "that is no key"
        await pilot.press("ctrl+u", *"AIza1234567890", "enter")
        await pilot.pause()
        (command,) = [each for each in play.engine.commands if each[0] == "configure"]
        asked = command[1]
        assert isinstance(asked, Configuration)
        assert asked.values["service"] == "gemini" and asked.values["model"] == "gemini-3.8-live"
        assert command[2] == "AIza1234567890"


async def test_a_recording_or_the_emulator_instead() -> None:
    play = Rehearsal()
    async with play.app().run_test(size=(100, 30)) as pilot:
        await pilot.press("tab", "K", "down", "enter")
        await pilot.pause()
        assert play.engine.commands[-1][0] == "configure"
        await pilot.press("K", "down", "down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Sessions)
