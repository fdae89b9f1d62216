"""The key, Vertex AI, and whom TLS trusts. Nothing is sent anywhere."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from tui.authority import Authority, AuthorityError
from tui.core.secrets import Mask
from tui.doctor.answer import Answer, fail, ok, warn
from tui.live import endpoint

KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
"""The SDK takes the first that is set."""


def key() -> Answer:
    """A key is there, and looks like one."""
    named = [name for name in KEYS if os.environ.get(name)]
    if not named:
        return warn(
            "none: the local emulator answers",
            "export GEMINI_API_KEY=… (https://aistudio.google.com/apikey) to talk to Gemini",
        )
    value = os.environ[named[0]]
    words = f"{named[0]} is set: {_masked(value)}"
    if len(named) > 1:
        words += f", and {named[1]}, which the SDK ignores"
    if value != value.strip().strip("\"'") or not value.isascii():
        return fail(
            f"{words}; there are blanks, quotes or foreign letters in it",
            f"export {named[0]} again with the bare key",
        )
    return ok(words)


def _masked(value: str) -> str:
    return Mask([value]).text(value) if len(value) >= 6 else "***"


def vertex() -> Answer | None:
    """The variables of Vertex AI go together."""
    service = endpoint.from_environment(os.environ)
    if service is None or service.origin != "vertex":
        return None
    if service.secrets:
        return ok(f"{service.host}, by the key (express mode)")
    if not os.environ.get("GOOGLE_CLOUD_PROJECT"):
        return fail("GOOGLE_CLOUD_PROJECT is not set", "export GOOGLE_CLOUD_PROJECT=your-project")
    credentials = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    place = Path(credentials) if credentials else _application_default()
    if not place.is_file():
        return fail(
            f"{service.host}, but there are no credentials in {place}",
            "gcloud auth application-default login, or point GOOGLE_APPLICATION_CREDENTIALS to "
            "your file",
        )
    return ok(f"{service.host}, project {os.environ['GOOGLE_CLOUD_PROJECT']}, {place}")


def _application_default() -> Path:
    """Where gcloud leaves them (google-auth: CLOUDSDK_CONFIG, %APPDATA%, ~/.config)."""
    moved = os.environ.get("CLOUDSDK_CONFIG")
    roaming = os.environ.get("APPDATA", "~") if os.name == "nt" else "~/.config"
    folder = Path(moved) if moved else Path(roaming).expanduser() / "gcloud"
    return folder / "application_default_credentials.json"


def trust() -> Answer:
    """The certificate authorities that the SDK trusts can be loaded."""
    import certifi

    file, folder = (os.environ.get(f"SSL_CERT_{name}") or None for name in ("FILE", "DIR"))
    if file is not None and not Path(file).is_file():
        return fail(f"SSL_CERT_FILE names no file: {file}", "unset SSL_CERT_FILE, or correct it")
    if folder is not None and not Path(folder).is_dir():
        return fail(f"SSL_CERT_DIR names no folder: {folder}", "unset SSL_CERT_DIR, or correct it")
    try:
        # As google-genai makes it (3.4, _api_client.py).
        context = ssl.create_default_context(cafile=file or certifi.where(), capath=folder)
    except (ssl.SSLError, OSError) as error:
        return fail(
            f"the certificates in {file or certifi.where()} cannot be read ({error})",
            "unset SSL_CERT_FILE, or point it to a PEM file of certificate authorities",
        )
    count = context.cert_store_stats()["x509_ca"]
    if not count and folder is None:
        return fail(f"{file} holds no certificate authority", "unset SSL_CERT_FILE, or correct it")
    return ok(f"{count} certificate authorities from {file or 'certifi'}")


def authority() -> Answer:
    """The emulator's own authority can be made, and a client trusts its server."""
    try:
        own = Authority.of_user()
    except AuthorityError as error:
        return fail(str(error), "export BIDISCOPE_DATA=a folder that you may write to")
    client = ssl.create_default_context(cafile=own.path)
    try:
        version = _handshake(client, own.server_context())
    except ssl.SSLError as error:
        return fail(
            f"its certificate is not trusted ({error})",
            f"remove {own.path.parent}: it is made anew",
        )
    return ok(f"trusted by its clients over {version}: {own.path}")


def _handshake(client: ssl.SSLContext, server: ssl.SSLContext) -> str | None:
    """Both sides in memory, until both are content; the version of TLS."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = list(sides)
    while waiting:
        for side in [*waiting]:
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
    return sides[0].version()
