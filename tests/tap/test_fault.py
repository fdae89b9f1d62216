"""Faults on demand: what the program and the server see, and what the journal says of it."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Sequence
from dataclasses import asdict

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import BINARY, Frame

from tests.tap.conftest import WAIT_S, Tap, end, frames, live_server
from tui.authority import Authority
from tui.core.frame import Event
from tui.tap.fault import Fault, FrameEnds, Kind

CLOSE = Fault(Kind.CLOSE, 1011, "Deadline expired before operation could complete.")


def test_the_ends_of_frames_are_found_in_any_pieces() -> None:
    chance = random.Random(5)
    sizes = (0, 1, 125, 126, 300, 65_535, 65_536, 90_000)
    stream, ends = b"", {0}
    for size in sizes:
        stream += Frame(BINARY, chance.randbytes(size)).serialize(mask=False)
        ends.add(len(stream))
    for _ in range(30):
        follow, at = FrameEnds(), 0
        while at < len(stream):
            piece = stream[at : at + chance.choice((1, 2, 3, 1_000, 70_000))]
            if not follow.between:
                last = at + copy.deepcopy(follow).first(piece)
                assert last in ends or last == at + len(piece)
                assert not any(at < each < last for each in ends)
            follow.passed(piece)
            at += len(piece)
            assert follow.between == (at in ends)


async def stream(connection: ServerConnection) -> None:
    """As much as is read, in frames of all sizes."""
    try:
        for number in range(10**9):
            await connection.send(b"%09d" % number + bytes(number % 3_000))
            await asyncio.sleep(0)  # sending alone never lets the loop hear of a closed socket
    except ConnectionClosed:
        pass


async def talk(client: ClientConnection) -> None:
    """A microphone that never rests."""
    try:
        while True:
            await client.send(bytes(2_000))
            await asyncio.sleep(0.001)
    except ConnectionClosed:
        pass


async def test_a_close_comes_between_two_frames_of_a_busy_session(
    tap: Tap, authority: Authority
) -> None:
    seen: asyncio.Queue[int | None] = asyncio.Queue()

    async def session(connection: ServerConnection) -> None:
        await stream(connection)
        seen.put_nowait(connection.close_code)

    async with live_server(authority, session) as url:
        tapped = await tap(url, faults=True)
        async with connect(tapped.ready.wss, ssl=tapped.tls, compression=None) as client:
            talking = asyncio.create_task(talk(client))
            numbers = [int((await client.recv())[:9]) for _ in range(200)]
            tapped.house.bring_about(1, CLOSE)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    numbers.append(int((await client.recv())[:9]))
            await talking
        async with asyncio.timeout(WAIT_S):
            assert await seen.get() == 1006
    assert numbers == list(range(len(numbers))), "no frame is broken or missing before it"
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (CLOSE.code, CLOSE.reason)
    records = await tapped.recording()
    assert end(records) == (CLOSE.code, CLOSE.reason, "tap")
    assert faults(records) == [{"kind": "close", "code": 1011, "reason": CLOSE.reason}]


async def test_a_drop_is_no_close(tap: Tap, authority: Authority) -> None:
    async with live_server(authority, stream) as url:
        tapped = await tap(url, faults=True)
        async with connect(tapped.ready.wss, ssl=tapped.tls) as client:
            await client.recv()
            tapped.house.bring_about(1, Fault(Kind.DROP))
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    await client.recv()
    assert closed.value.rcvd is None
    records = await tapped.recording()
    assert end(records) == (1006, "dropped by a fault", "tap")


async def test_a_stall_holds_everything_up_and_loses_nothing(
    tap: Tap, authority: Authority
) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with live_server(authority, echo) as url:
        tapped = await tap(url, faults=True)
        async with connect(tapped.ready.wss, ssl=tapped.tls) as client:
            await client.send("before")
            assert await client.recv() == "before"
            tapped.house.bring_about(1, Fault(Kind.STALL))
            await client.send("during")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await client.recv()
            tapped.house.bring_about(1, Fault(Kind.GO_ON))
            assert await client.recv() == "during"
    records = await tapped.recording()
    assert faults(records) == [{"kind": "stall"}, {"kind": "go on"}]
    assert len(frames(records)) == 4
    assert end(records) == (1000, "", "client")


@pytest.mark.parametrize(("allowed", "session"), [(False, 1), (True, 2)])
async def test_nothing_happens_to_others_and_where_it_is_not_allowed(
    tap: Tap, authority: Authority, allowed: bool, session: int
) -> None:
    async with live_server(authority, stream) as url:
        tapped = await tap(url, faults=allowed)
        async with connect(tapped.ready.wss, ssl=tapped.tls) as client:
            tapped.house.bring_about(session, Fault(Kind.DROP))
            for _ in range(100):
                await client.recv()
    assert faults(await tapped.recording()) == []


def test_a_fault_crosses_as_json() -> None:
    assert Fault.read(asdict(CLOSE)) == CLOSE
    with pytest.raises(ValueError, match="nonsense"):
        Fault.read({"kind": "nonsense", "code": 0, "reason": ""})


def faults(records: Sequence[object]) -> list[dict[str, object]]:
    found = (each for each in records if isinstance(each, Event) and each.name == "fault")
    return [dict(event.detail) for event in found]
