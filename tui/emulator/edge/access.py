"""Who may use the emulator: any key will do, but the service's refusals can be had.

The rule: a key or an OAuth 2 token is good unless it is the word ``invalid`` or ``expired``. On the
paths of the service one must be there; the bare address asks for none. Ephemeral tokens are taken
in earnest (`tui.emulator.edge.tokens`), and only by the method for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from tui.emulator import refusal
from tui.emulator.edge.endpoint import Endpoint
from tui.emulator.edge.tokens import PREFIX
from tui.emulator.refusal import Refusal

WRONG: Mapping[str, Callable[[], Refusal]] = {
    "invalid": refusal.key_invalid,
    "expired": refusal.key_expired,
}
"""Keys that are refused, and how."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request carries; empty where there is none."""

    key: str = ""
    """An API key, from the header or the query."""
    token: str = ""
    """An ephemeral token's name."""
    bearer: str = ""
    """An OAuth 2 token."""

    @classmethod
    def of(cls, target: str, headers: Mapping[str, str]) -> Credential:
        """That of a request; the names of ``headers`` are in lower case."""
        query = dict(parse_qsl(urlsplit(target).query))
        kind, _, value = headers.get("authorization", "").partition(" ")
        key = headers.get("x-goog-api-key") or query.get("key", "")
        token = value.strip() if kind.lower() == "token" else query.get("access_token", "")
        if key.startswith(PREFIX):  # google-genai 3.4.0 sends its token there, too
            key, token = "", token or key
        return cls(key, token, value.strip() if kind.lower() == "bearer" else "")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be stored."""
        return tuple(filter(None, (self.key, self.token, self.bearer)))

    def check(self, *, vertex: bool) -> None:
        """Raises `Refusal` when a service would not take it; ephemeral tokens are none here."""
        if wrong := WRONG.get(self.key.lower()):
            raise wrong()
        if vertex and self.bearer.lower() in WRONG:
            raise refusal.unauthenticated(given=True)
        if vertex and not (self.key or self.bearer):
            raise refusal.unauthenticated(given=False)
        if not vertex and not self.key:
            raise refusal.unregistered()

    def check_live(self, endpoint: Endpoint) -> None:
        """The same for a Live session, whose method may take an ephemeral token."""
        nothing = not (self.key or self.token or self.bearer)
        if not ((endpoint.bare and nothing) or (endpoint.constrained and self.token)):
            self.check(vertex=endpoint.vertex)
