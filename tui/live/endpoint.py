"""Which Live service a session talks to, and the SDK client for it."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.core.configuration.field import Values
from tui.core.secrets import of_environment

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import HttpOptions

GEMINI_HOST = "generativelanguage.googleapis.com"
MAX_MESSAGE_BYTES = 64 << 20
"""websockets' own limit of 1 MiB would end sessions with a local 1009."""
TOKEN_VERSION = "v1alpha"
"""The API version that the SDK says ephemeral tokens need."""
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
    key: str | None = None
    """A key or an ephemeral token that the environment does not hold."""
    api_version: str | None = None
    project: str | None = None
    location: str | None = None

    def client(self, connection: type) -> Client:
        """The SDK's client; its sockets are of class ``connection``. Imports the SDK.

        Raises:
            EndpointError: The SDK refuses the environment's settings.
        """
        from google import genai

        sockets: dict[str, Any] = {
            "create_connection": connection,
            "max_size": MAX_MESSAGE_BYTES,
            "max_queue": None,  # the wire is not read at the pace of the SDK's parser
            "ping_interval": None,  # `tui.live.pulse` pings
            "close_timeout": CLOSE_TIMEOUT_S,
        }
        if self.origin != "emulator":
            try:
                return genai.Client(**self._credentials(), http_options=self._options(sockets))
            except Exception as error:
                raise EndpointError(f"The SDK refuses these settings: {error}") from error
        sockets |= {"ssl": ssl.create_default_context(cafile=self.ca), "proxy": None}
        return genai.Client(api_key="emulator", vertexai=False, http_options=self._options(sockets))

    def _options(self, sockets: dict[str, Any]) -> HttpOptions:
        from google.genai import types

        return types.HttpOptions(
            base_url=self.base_url, api_version=self.api_version, async_client_args=sockets
        )

    def _credentials(self) -> dict[str, Any]:
        """What the SDK shall not take from the environment."""
        if self.origin == "vertex":
            given = {"api_key": self.key, "project": self.project, "location": self.location}
            return {"vertexai": True, **{name: each for name, each in given.items() if each}}
        if self.key is None:
            return {"vertexai": False}
        if self.key.startswith("auth_tokens/"):
            from google.genai.errors import ExperimentalWarning

            warnings.filterwarnings("ignore", category=ExperimentalWarning)
        return {"vertexai": False, "api_key": self.key}


def chosen(environ: Mapping[str, str], values: Values, key: str | None = None) -> Endpoint | None:
    """The service of a configuration; None is the emulator.

    Args:
        environ: the SDK's own variables, which hold where the configuration says nothing.
        values: `service`, `api_version`, `project`, `location`, `token`.
        key: one that a person has given for this run, or that the keyring holds.
    """
    service, key = values.get("service"), values.get("token") or key
    found = from_environment(environ)
    if service == "emulator":
        return None
    if service == "vertex" and (found is None or found.origin != "vertex"):
        found = _vertex(environ)
    elif (service == "gemini" or key) and (found is None or found.origin != "gemini"):
        host = _host(environ, "GOOGLE_GEMINI_BASE_URL", GEMINI_HOST)
        found = Endpoint("gemini", host, of_environment(environ))
    if found is None:
        return None
    if found.origin == "vertex":
        found = _vertex(environ, values.get("location"))
    return replace(
        found,
        key=key,
        secrets=(*found.secrets, *filter(None, [key])),
        api_version=values.get("api_version") or (TOKEN_VERSION if values.get("token") else None),
        project=values.get("project"),
        location=values.get("location"),
    )


def from_environment(environ: Mapping[str, str]) -> Endpoint | None:
    """Google's service as the SDK's own variables name it; None when no credential is there."""
    if {environ.get(name, "").lower() for name in _VERTEX_SWITCHES} & _YES:
        return _vertex(environ)
    if keys := of_environment(environ):
        return Endpoint("gemini", _host(environ, "GOOGLE_GEMINI_BASE_URL", GEMINI_HOST), keys)
    return None


def _vertex(environ: Mapping[str, str], location: str | None = None) -> Endpoint:
    location = location or environ.get("GOOGLE_CLOUD_LOCATION", "global")
    prefix = "" if location == "global" else f"{location}-"
    host = _host(environ, "GOOGLE_VERTEX_BASE_URL", f"{prefix}aiplatform.googleapis.com")
    return Endpoint("vertex", host, of_environment(environ))


_VERTEX_SWITCHES = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")


def _host(environ: Mapping[str, str], variable: str, default: str) -> str:
    url = environ.get(variable, "")
    try:
        place = urlsplit(url).netloc
    except ValueError:
        place = url  # the SDK will say what is wrong with it
    return place.rpartition("@")[2] or default
