"""Which Live service a session talks to, and the SDK client for it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.core.secrets import of_environment

if TYPE_CHECKING:
    from google.genai import Client

GEMINI_HOST = "generativelanguage.googleapis.com"
MAX_MESSAGE_BYTES = 64 << 20
"""websockets' own limit of 1 MiB would end sessions with a local 1009."""
PING_INTERVAL_S = 20
PING_TIMEOUT_S = 60
"""Google's pongs come up to 30 s late; the default of 20 s ends such sessions (sip-to-ai#14)."""
CLOSE_TIMEOUT_S = 2
"""How long the other side may take to answer a close frame."""

_YES = frozenset({"true", "1"})


class EndpointError(Exception):
    """No service can be reached with this environment; the message is for the user."""


@dataclass(frozen=True)
class Endpoint:
    """A service: "gemini", "vertex" or "emulator"."""

    origin: str
    host: str
    secrets: tuple[str, ...] = ()
    """Credentials that must never be stored or shown."""
    base_url: str | None = None
    ca: Path | None = None

    def client(self, connection: type) -> Client:
        """The SDK's client; its sockets are of class ``connection``. Imports the SDK.

        Raises:
            EndpointError: The SDK refuses the environment's settings.
        """
        from google import genai
        from google.genai import types

        sockets: dict[str, Any] = {
            "create_connection": connection,
            "max_size": MAX_MESSAGE_BYTES,
            "max_queue": None,  # the wire is not read at the pace of the SDK's parser
            "ping_interval": PING_INTERVAL_S,
            "ping_timeout": PING_TIMEOUT_S,
            "close_timeout": CLOSE_TIMEOUT_S,
        }
        if self.origin != "emulator":
            try:
                return genai.Client(http_options=types.HttpOptions(async_client_args=sockets))
            except Exception as error:
                raise EndpointError(f"The SDK refuses these settings: {error}") from error
        sockets |= {"ssl": ssl.create_default_context(cafile=self.ca), "proxy": None}
        options = types.HttpOptions(base_url=self.base_url, async_client_args=sockets)
        return genai.Client(api_key="emulator", vertexai=False, http_options=options)


def from_environment(environ: Mapping[str, str]) -> Endpoint | None:
    """Google's service as the SDK's own variables name it; None when no credential is there."""
    if {environ.get(name, "").lower() for name in _VERTEX_SWITCHES} & _YES:
        location = environ.get("GOOGLE_CLOUD_LOCATION", "global")
        prefix = "" if location == "global" else f"{location}-"
        host = _host(environ, "GOOGLE_VERTEX_BASE_URL", f"{prefix}aiplatform.googleapis.com")
        return Endpoint("vertex", host, of_environment(environ))
    if keys := of_environment(environ):
        return Endpoint("gemini", _host(environ, "GOOGLE_GEMINI_BASE_URL", GEMINI_HOST), keys)
    return None


_VERTEX_SWITCHES = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")


def _host(environ: Mapping[str, str], variable: str, default: str) -> str:
    url = environ.get(variable, "")
    try:
        place = urlsplit(url).netloc
    except ValueError:
        place = url  # the SDK will say what is wrong with it
    return place.rpartition("@")[2] or default
