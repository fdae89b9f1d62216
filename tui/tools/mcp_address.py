"""Where an MCP server is, as a person writes it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from tui.core.tool import ToolsError

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_PLAIN = re.compile(r"[\w@./\\:][\w@./\\:+-]*")
_SECRET = re.compile(r"token|key|secret|pass|auth|credential", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """A URL, or a command that starts a server."""

    label: str
    """A short name that holds no credential."""
    where: Mapping[str, Any]
    """The first line for `tui.tools.mcp_client`."""
    secrets: tuple[str, ...] = ()
    """Credentials in it."""

    @classmethod
    def of(cls, text: str) -> Address:
        """Of ``http(s)://…``, or of a command as a shell takes it, ``NAME=VALUE`` before it.

        A value may name variables of our own environment, which a server does not get otherwise.

        Raises:
            ToolsError: It is neither.
        """
        if re.match(r"https?://", text, re.IGNORECASE):
            return _web(text)
        try:
            words = shlex.split(text, posix=os.name == "posix")
        except ValueError as error:
            raise ToolsError(f"the command of an MCP server cannot be read: {error}") from None
        env: dict[str, str] = {}
        while words and (assigned := _ASSIGNED.fullmatch(words[0])):
            env[assigned[1]] = os.path.expandvars(assigned[2])
            del words[0]
        if not words or "://" in words[0]:
            raise ToolsError("an MCP server is a command, or http(s)://HOST/PATH: this is neither")
        what = next((word for word in words[1:] if _PLAIN.fullmatch(word)), "")
        return cls(
            f"{PurePath(words[0]).name} {PurePath(what).name}".strip(),
            {"command": words[0], "args": words[1:], "env": env},
            tuple(value for name, value in env.items() if _SECRET.search(name)),
        )


def _web(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host = parts.hostname and f"{parts.hostname}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        host = None
    if not host:
        raise ToolsError("an MCP server's URL names no host: write http(s)://HOST/PATH")
    return Address(host, {"url": text}, (parts.password,) if parts.password else ())
