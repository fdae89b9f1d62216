"""Ephemeral tokens: minted for clients that shall not know a key, and what they lock.

Fields, defaults and limits are those of google-genai 3.4.0 (`CreateAuthTokenConfig`).
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tui.core import wire
from tui.emulator import refusal
from tui.emulator.fields import Fields

PREFIX = "auth_tokens/"
USES = 1
NEW_SESSIONS, LIFETIME = timedelta(seconds=60), timedelta(minutes=30)
LONGEST = timedelta(hours=20)
TOKENS = 4096
"""The newest are kept."""

_FIELDS = ("uses", "expireTime", "newSessionExpireTime", "bidiGenerateContentSetup", "fieldMask")


@dataclass(slots=True)
class Token:
    """A token and what is left of it."""

    uses: int | None
    """So many sessions may begin; None for any number."""
    begins_until: datetime
    """No new session begins after that."""
    expires: datetime
    """No session goes on after that."""
    setup: Mapping[str, Any] | None
    """The setup that it locks, in the protocol's spelling; None locks nothing."""
    mask: tuple[str, ...]
    """The fields that are locked; none for the setup as a whole."""

    def lock(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The setup that a client gets who asks for another.

        Resuming stays in the client's hands: its handle cannot be known when the token is minted.
        """
        if self.setup is None:
            return dict(asked)
        if self.mask:
            locked = orjson.loads(orjson.dumps(asked))
            for path in self.mask:
                _put(locked, path.split("."), _at(self.setup, path.split(".")))
        else:
            locked = {"model": asked.get("model")} | dict(self.setup)
        if handle := _at(asked, ["sessionResumption", "handle"]):
            _put(locked, ["sessionResumption", "handle"], handle)
        return {name: value for name, value in locked.items() if value is not None}


class Tokens:
    """The tokens of a server, in memory."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Token] = OrderedDict()

    def mint(self, body: Mapping[str, Any], now: datetime) -> str:
        """The name of a new token; raises `Refusal` when it cannot be had."""
        given = {_camel(name): value for name, value in body.items()}
        if unknown := next((name for name in given if name not in _FIELDS), None):
            raise refusal.unknown_field(f"auth_token.{unknown}")
        fields = Fields(given, "auth_token")
        uses = fields.whole("uses")
        if uses is not None and uses < 0:
            raise refusal.invalid_argument()
        setup = fields.object("bidiGenerateContentSetup")
        token = Token(
            uses=USES if uses is None else uses or None,
            begins_until=_time(fields, "newSessionExpireTime", NEW_SESSIONS, now),
            expires=_time(fields, "expireTime", LIFETIME, now),
            setup=_setup(setup.raw) if setup.given else None,
            mask=tuple(filter(None, map(_camel, fields.text("fieldMask").split(",")))),
        )
        name = PREFIX + secrets.token_hex(32)
        self._kept[name] = token
        while len(self._kept) > TOKENS:
            self._kept.popitem(last=False)
        return name

    def admit(self, name: str, first: bytes, now: datetime) -> tuple[bytes, float]:
        """The first message as the token locks it, and the seconds that the session may last.

        Raises:
            Refusal: The token is good for no session.
        """
        try:
            setup = Fields(wire.canonical(wire.parse(first)), "").object("setup")
        except wire.Undecodable:
            setup = Fields(None, "")
        token = self._begin(name, setup.raw, now)
        if setup.given and token.setup is not None:
            first = orjson.dumps({"setup": token.lock(setup.raw)})
        return first, (token.expires - now).total_seconds()

    def _begin(self, name: str, setup: Mapping[str, Any], now: datetime) -> Token:
        """The token, with which a session is begun; raises `Refusal` when it may not.

        A resumed session is none that begins.
        """
        token = self._kept.get(name)
        if token is None:
            raise refusal.token_unknown()
        if now >= token.expires:
            raise refusal.token_expired("mint another")
        if not _at(setup, ["sessionResumption", "handle"]):
            if token.uses == 0:
                raise refusal.token_spent()
            if now >= token.begins_until:
                raise refusal.token_expired("no new session may begin with it")
            token.uses = None if token.uses is None else token.uses - 1
        return token


def _setup(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The setup of a session, which raw clients nest once more."""
    message = {"setup": given["setup"] if set(given) == {"setup"} else given}
    for fact in wire.decode(orjson.dumps(message), "send"):
        if fact.unknown:
            raise refusal.unknown_field(fact.unknown[0])
    setup: Mapping[str, Any] = Fields(wire.canonical(message), "").object("setup").raw
    return setup


def _time(fields: Fields, name: str, default: timedelta, now: datetime) -> datetime:
    text = fields.text(name)
    if not text:
        return now + default
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise refusal.wrong_type(f"auth_token.{name}", text) from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if not now < time <= now + LONGEST:
        raise refusal.out_of_turn(f"{name} must be in the future, by no more than 20 hours.")
    return time


def _at(value: Any, path: list[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(value: dict[str, Any], path: list[str], new: Any) -> None:
    """Set the field, or take it away: None is not set."""
    *parents, name = path
    for parent in parents:
        inner = value.get(parent)
        if not isinstance(inner, dict):
            if new is None:
                return
            inner = value[parent] = {}
        value = inner
    if new is None:
        value.pop(name, None)
    else:
        value[name] = new


def _camel(name: str) -> str:
    first, *rest = name.strip().split("_")
    return first + "".join(word.capitalize() for word in rest)
