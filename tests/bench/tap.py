"""What the tap adds to a session, beside a direct connection and mitmdump in reverse mode."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import TEXT, Frame

from tests.bench.table import Aim, Row
from tests.bench.tap_upstream import FRAME_BYTES, PAYLOAD
from tests.bench.terminal import CHECKOUT

ROUND_TRIPS = 500
RUNS = 3
BURST = 10_000
SESSIONS = 50
MESSAGES_S = 35
"""What a real session has in a second, both ways together."""
CROWD_S = 5
START_S = 60.0

HEAD = (
    "GET /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent HTTP/1.1\r\n"
    "Host: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def rows() -> list[Row]:
    """Latency, rate, and many sessions; all with TLS on both legs, and the tap recording."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        os.environ["BIDISCOPE_DATA"] = name  # for the certificate authority, and the recordings
        port = stack.enter_context(_upstream())
        tap = stack.enter_context(_tap(port))
        mitm, why_not = stack.enter_context(_mitmdump(port, folder))
        ports = {"direct": port, "tap": tap} | ({"mitmdump": mitm} if mitm else {})
        trips = _medians(ports, _round_trip_ms)
        rates = _medians(ports, _burst_rate)
        crowds = {each: asyncio.run(_crowd(ports[each])) for each in ("direct", "tap")}
        recorded = _recorded(folder / "recordings")
    return [
        _latency(trips, why_not),
        _rate(rates, why_not),
        _many(crowds, recorded),
    ]


def _latency(trips: dict[str, float], why_not: str) -> Row:
    added = {each: trips[each] - trips["direct"] for each in trips}
    return Row(
        "tap: added to a round trip, p50",
        added["tap"],
        "ms",
        f"direct {trips['direct']:.2f} ms, TLS, {len(PAYLOAD)} bytes each way, medians of "
        f"{RUNS} x {ROUND_TRIPS}; peer: mitmdump{why_not}",
        added.get("mitmdump"),
        Aim(0.2),
    )


def _rate(rates: dict[str, float], why_not: str) -> Row:
    return Row(
        "tap: messages/s of one session, a burst",
        rates["tap"],
        "messages/s",
        f"{BURST:,} of {len(PAYLOAD)} bytes to the client's socket, recorded behind it; direct "
        f"{rates['direct']:,.0f}; peer: mitmdump{why_not}",
        rates.get("mitmdump"),
        Aim(8, of_ratio=True, at_least=True) if "mitmdump" in rates else None,
    )


def _many(crowds: dict[str, float], recorded: int) -> Row:
    sent = SESSIONS * 2 * (MESSAGES_S * CROWD_S // 2)
    complete = "all recorded" if recorded >= sent else f"only {recorded:,} recorded"
    return Row(
        f"tap: {SESSIONS} sessions at once, round trip p99",
        crowds["tap"],
        "ms",
        f"{MESSAGES_S} messages/s each, echoed, {CROWD_S} s, {complete}; peer: direct",
        crowds["direct"],
    )


def _medians(ports: dict[str, int], measure: Callable[[int], float]) -> dict[str, float]:
    """In turns, so that what else the machine does meets all of them."""
    runs = [{name: measure(port) for name, port in ports.items()} for _ in range(RUNS)]
    return {name: statistics.median(run[name] for run in runs) for name in ports}


def _round_trip_ms(port: int) -> float:
    frame = Frame(TEXT, PAYLOAD).serialize(mask=True)
    times = []
    with _websocket(port) as client:
        for _ in range(ROUND_TRIPS):
            start_s = time.perf_counter()
            client.sendall(frame)
            _read(client, FRAME_BYTES)
            times.append(time.perf_counter() - start_s)
    return statistics.median(times) * 1e3


def _burst_rate(port: int) -> float:
    with _websocket(port) as client:
        start_s = time.perf_counter()
        client.sendall(Frame(TEXT, b"burst %d" % BURST).serialize(mask=True))
        _read(client, BURST * FRAME_BYTES)
        return BURST / (time.perf_counter() - start_s)


@contextlib.contextmanager
def _websocket(port: int) -> Iterator[ssl.SSLSocket]:
    """A bare socket after the handshake: what is measured is not a client."""
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        _trusting().wrap_socket(raw, server_hostname="localhost") as client,
    ):
        client.sendall(HEAD.format(port=port).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(1)
        assert b" 101 " in answer, answer
        yield client


def _read(client: ssl.SSLSocket, size: int) -> None:
    while size > 0:
        got = len(client.recv(1 << 18))
        assert got, "the end came early"
        size -= got


async def _crowd(port: int) -> float:
    """The p99 of all round trips, in ms."""
    async with contextlib.AsyncExitStack() as stack:
        url, tls = f"wss://localhost:{port}/ws", _trusting()
        opening = [connect(url, ssl=tls, compression=None) for _ in range(SESSIONS)]
        clients = [await stack.enter_async_context(each) for each in opening]
        times = await asyncio.gather(*(_talk(each, at) for at, each in enumerate(clients)))
    return statistics.quantiles([ms for each in times for ms in each], n=100)[98]


async def _talk(client: ClientConnection, at: int) -> list[float]:
    loop, times = asyncio.get_running_loop(), []
    period_s = 2 / MESSAGES_S
    start_s = loop.time() + period_s * at / SESSIONS
    for number in range(MESSAGES_S * CROWD_S // 2):
        await asyncio.sleep(start_s + number * period_s - loop.time())
        sent_s = time.perf_counter()
        await client.send(PAYLOAD)
        await client.recv()
        times.append((time.perf_counter() - sent_s) * 1e3)
    return times


def _trusting() -> ssl.SSLContext:
    """Anybody: mitmdump has an authority of its own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _recorded(folder: Path) -> int:
    """How many messages of the crowd are in the files."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[-SESSIONS:]
    return sum(path.read_bytes().count(b'"opcode":') for path in files)


@contextlib.contextmanager
def _upstream() -> Iterator[int]:
    with _process([sys.executable, "-m", "tests.bench.tap_upstream"]) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"]


@contextlib.contextmanager
def _tap(port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "tui", "tap", "--quiet"]
    with _process([*command, "--upstream", f"wss://localhost:{port}"]) as process:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["wss"].rpartition(":")[2])


@contextlib.contextmanager
def _mitmdump(port: int, folder: Path) -> Iterator[tuple[int, str]]:
    """Its port, 0 where it cannot be had, and why not."""
    if shutil.which("uvx") is None:
        yield 0, ", which needs uvx"
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        ours = free.getsockname()[1]
    mode = f"reverse:https://localhost:{port}@127.0.0.1:{ours}"
    options = [f"confdir={folder}", "ssl_insecure=true", "flow_detail=0"]
    settings = [word for option in options for word in ("--set", option)]
    command = ["uvx", "--from", "mitmproxy", "mitmdump", "--quiet", "--mode", mode, *settings]
    with _process(command) as process:
        end_s = time.monotonic() + START_S
        while time.monotonic() < end_s and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", ours)):
                yield ours, ""
                return
            time.sleep(0.1)
        yield 0, ", which does not start here"


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()
