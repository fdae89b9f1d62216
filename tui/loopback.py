"""Listening on this machine alone: its names, and sockets that nobody else can reach."""

from __future__ import annotations

import contextlib
import errno
import socket
from urllib.parse import urlsplit

HOSTS = ("127.0.0.1", "::1")
LOOPBACK_NAMES = {"localhost", *HOSTS}
PORT_TRIES = 20


def names_us(host: str) -> bool:
    """Whether the value of a field ``Host`` is a name of this machine alone.

    What a browser sends for any other name was led here by DNS rebinding.
    """
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK_NAMES
    except ValueError:
        return False


class PortTaken(Exception):
    """The port cannot be had; the message is one sentence for the user."""


def listeners(stack: contextlib.AsyncExitStack, port: int) -> list[socket.socket]:
    """Sockets that listen at one port of 127.0.0.1 and, where the machine has it, ::1.

    Port 0 takes any that is free on both. ``stack`` closes them. Raises `PortTaken`.
    """
    for _ in range(1 if port else PORT_TRIES):
        with contextlib.ExitStack() as attempt:
            try:
                first = attempt.enter_context(_listener(HOSTS[0], port, socket.AF_INET))
                both = [first, *_twin(attempt, first.getsockname()[1])]
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise PortTaken(f"Port {port} cannot be opened: {error.strerror}.") from error
                continue
            stack.push(attempt.pop_all())
            return both
    raise PortTaken(f"Port {port} is in use by another program; choose another, or 0 for any.")


def _twin(stack: contextlib.ExitStack, port: int) -> list[socket.socket]:
    """The same port of ::1, which localhost often means first; none without IPv6."""
    try:
        return [stack.enter_context(_listener(HOSTS[1], port, socket.AF_INET6))]
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise
        return []


def _listener(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    made = socket.create_server((host, port), family=family)
    # asyncio turns Nagle's algorithm off only where the socket names its protocol; with it a
    # message waits up to 40 ms for the acknowledgement of the last one.
    return socket.socket(family, made.type, socket.IPPROTO_TCP, made.detach())
