"""What leads a program to the tap and lets it trust the tap: variables of its environment."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import certifi

_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def variables(
    base_url: str, ca: Path, folder: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables; files that they name are written to ``folder``.

    The SDKs for Python and JavaScript read them. What the program trusted before it still trusts:
    its REST calls to other hosts go there directly.
    """
    roots = environ.get("SSL_CERT_FILE", "")
    extra = environ.get("NODE_EXTRA_CA_CERTS", "")
    bundle, node = folder / "bundle.pem", folder / "node.pem"
    bundle.write_bytes(_read(roots) or Path(certifi.where()).read_bytes())
    node.write_bytes(_read(extra))
    for path in (bundle, node):
        with path.open("ab") as file:
            file.write(b"\n" + ca.read_bytes())
    found = {
        "GOOGLE_GEMINI_BASE_URL": base_url,
        "GOOGLE_VERTEX_BASE_URL": base_url,
        "SSL_CERT_FILE": str(bundle),
        "NODE_EXTRA_CA_CERTS": str(node),
    }
    if any(environ.get(name) for name in _PROXIES):
        direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
        direct = ",".join(filter(None, (direct, "localhost")))
        found |= {"NO_PROXY": direct, "no_proxy": direct}
    return found


def exports(found: Mapping[str, str]) -> list[str]:
    """Lines for a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in found.items()]


def _read(path: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(path).read_bytes() if path else b""
    return b""
