"""Who may pass: programs on this machine that know the address, and no web page."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from tui.loopback import names_us
from tui.tap.head import Head, head_bytes


class Refusal(Exception):
    """An answer in place of the service's; ``words`` are for a human."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words

    def encoded(self) -> bytes:
        """The whole response."""
        body = f"bidiscope tap: {self.words}\n".encode()
        fields = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        line = f"HTTP/1.1 {self.status.value} {self.status.phrase}"
        return head_bytes(line, fields.items()) + body


@dataclass(frozen=True)
class Gate:
    """The rules; ``token`` is the first part that every path must have, if it is not empty."""

    origins: Collection[str] = ()
    """Origins of web pages that may pass."""
    token: str = ""

    def target(self, head: Head) -> str:
        """The target of an admitted request, the token taken off.

        Raises:
            Refusal: The request may not pass.
        """
        hosts = head.all("host")
        if len(hosts) != 1 or not head.target.startswith("/"):
            raise Refusal(HTTPStatus.BAD_REQUEST, "Give one Host, and a path: this is no proxy.")
        if not names_us(hosts[0]):
            raise Refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                "The tap answers to localhost, 127.0.0.1 and ::1 alone.",
            )
        if any(origin not in self.origins for origin in head.all("origin")):
            raise Refusal(
                HTTPStatus.FORBIDDEN,
                "Web pages may not connect; --allow-origin ORIGIN lets those of one origin pass.",
            )
        if not self.token:
            return head.target
        prefix = f"/{self.token}"
        begin, rest = head.target[: len(prefix)], head.target[len(prefix) :]
        if not hmac.compare_digest(begin, prefix) or not rest.startswith("/"):
            raise Refusal(HTTPStatus.NOT_FOUND, "The path must begin with the tap's token.")
        return rest
