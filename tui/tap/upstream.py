"""The Live services that the tap may lead to, and which of them a request is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui.loopback import LOOPBACK_NAMES

GEMINI_URL = "https://generativelanguage.googleapis.com"

_GOOGLE = re.compile(
    r"generativelanguage\.googleapis\.com|(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com"
    r"|aiplatform\.(?:us|eu)\.rep\.googleapis\.com"
)
_VERTEX_TARGET = re.compile(r"/ws/google\.cloud\.aiplatform\.|/projects/|/publishers/")
_TLS = {"https": True, "wss": True, "http": False, "ws": False}


class UpstreamError(Exception):
    """The tap does not lead there; the message is one sentence for the user."""


@dataclass(frozen=True)
class Upstream:
    """A server that requests are passed on to."""

    host: str
    port: int
    tls: bool

    @classmethod
    def at(cls, url: str) -> Upstream:
        """The server of a URL.

        Raises:
            UpstreamError: It is neither Google's Live service nor on this machine.
        """
        try:
            parts = urlsplit(url)
            tls, host, port = _TLS[parts.scheme], parts.hostname or "", parts.port
        except (ValueError, KeyError):
            raise UpstreamError(f"{url} is no URL with https, wss, http or ws.") from None
        local = host in LOOPBACK_NAMES
        if not (local or (tls and _GOOGLE.fullmatch(host))):
            raise UpstreamError(
                f"The tap does not lead to {url}: it may go to generativelanguage.googleapis.com, "
                "*-aiplatform.googleapis.com (with TLS) and localhost."
            )
        if parts.username or parts.path.strip("/") or parts.query:
            raise UpstreamError(f"{url}: give scheme, host and port alone.")
        return cls(host, port or (443 if tls else 80), tls)

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return self.host in LOOPBACK_NAMES

    @property
    def origin(self) -> str:
        """What answers there, in the journal's words: "gemini", "vertex" or "local"."""
        return "local" if self.local else "vertex" if "aiplatform" in self.host else "gemini"

    @property
    def place(self) -> str:
        """Host and port, as the field ``Host`` says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@dataclass(frozen=True)
class Upstreams:
    """Where the requests of the two dialects go."""

    gemini: Upstream
    vertex: Upstream

    @classmethod
    def choose(cls, url: str, environ: Mapping[str, str]) -> Upstreams:
        """All to ``url``; where that is empty, as the SDK's own variables say, else to Google.

        Raises:
            UpstreamError: One of them is not allowed.
        """
        location = environ.get("GOOGLE_CLOUD_LOCATION", "global")
        region = "" if location == "global" else f"{location}-"
        vertex = f"https://{region}aiplatform.googleapis.com"
        if location in ("us", "eu"):
            vertex = f"https://aiplatform.{location}.rep.googleapis.com"
        return cls(
            Upstream.at(url or environ.get("GOOGLE_GEMINI_BASE_URL") or GEMINI_URL),
            Upstream.at(url or environ.get("GOOGLE_VERTEX_BASE_URL") or vertex),
        )

    def of(self, target: str) -> Upstream:
        """The server for a request's path."""
        return self.vertex if _VERTEX_TARGET.search(target.partition("?")[0]) else self.gemini
