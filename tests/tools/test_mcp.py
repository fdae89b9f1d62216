"""MCP servers as a source of tools: good ones by the official library, and wild ones."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tui.core.tool import Tool, ToolsError, distinct
from tui.tools import mcp_server
from tui.tools.mcp_address import Address
from tui.tools.mcp_result import response
from tui.tools.mcp_server import McpServer
from tui.tools.toolkit import Toolkit

GOOD = Path(__file__).with_name("good_server.py")
WILD = Path(__file__).with_name("wild_server.py")
PATIENCE_S = 30.0


def command(path: Path, *words: str) -> str:
    return " ".join(["PYTHONPATH=$PYTHONPATH", sys.executable, str(path), *words])


@contextlib.asynccontextmanager
async def opened(where: str) -> AsyncIterator[tuple[McpServer, list[str]]]:
    told: list[str] = []
    server = McpServer(Address.of(where), told.append)
    try:
        yield server, told
    finally:
        await server.close()


async def refusal(server: McpServer, name: str, **args: object) -> str:
    with pytest.raises(ToolsError) as refused:
        await server.call(name, args)
    return str(refused.value)


async def until(told: list[str], words: str) -> None:
    for _ in range(int(PATIENCE_S / 0.02)):
        if any(words in each for each in told):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(told)


async def test_the_functions_of_a_server_are_declared_and_called() -> None:
    async with opened(command(GOOD)) as (server, told):
        tools = {tool.name: tool for tool in await server.tools()}
        declared = tools["add"].declaration
        assert declared["description"] == "Add two numbers."
        assert declared["parametersJsonSchema"]["required"] == ["a"]
        assert "parametersJsonSchema" not in tools["fail"].declaration
        assert tools["fail"].hints == ("may destroy",)
        assert await server.call("add", {"a": 3}) == ({"result": 4}, "adding 3 1\n")
        assert (await server.call("look", {}))[0] == {
            "result": "here it is\n[image, image/png, 402 bytes: not passed on]"
        }
        assert "fail failed" in await refusal(server, "fail")
        assert "add failed: Error executing tool add" in await refusal(server, "add", a="x")
        assert "flood failed: more than 1 MiB were returned" in await refusal(
            server, "flood", size=5_000_000
        )
        await server.call("learn", {})
        await until(told, "has changed its functions (+three)")
        assert server.changed
        assert "three" in [tool.name for tool in await server.tools()]
        assert (await server.call("three", {}))[0] == {"result": "3"}
        assert "the server has ended: exit code 3: out of memory" in await refusal(server, "die")
        await until(told, "has ended (exit code 3: out of memory); the next call starts it again")
        assert (await server.call("add", {"a": 1}))[0] == {"result": 2}
        assert "has no function three any more" in await refusal(server, "three")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serving(port: int) -> Iterator[None]:
    command, quiet = [sys.executable, str(GOOD), "http", str(port)], subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            end_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < end_s:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield
        finally:
            process.kill()


async def test_a_server_on_the_web_is_called_until_it_is_gone(port: int) -> None:
    async with opened(f"http://127.0.0.1:{port}/mcp") as (server, told):
        with serving(port):
            assert "add" in [tool.name for tool in await server.tools()]
            assert (await server.call("add", {"a": 3}))[0] == {"result": 4}
        assert "All connection attempts failed" in await refusal(server, "add", a=3)
        await until(told, "has ended (All connection attempts failed); the next call")


async def test_a_wild_server_is_borne(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(command(WILD, "talks")) as (server, told):
        assert [tool.name for tool in await server.tools()][-1] == "odd_name"
        await until(told, "sends what is no message")
        assert (await server.call("odd_name", {"x": 1}))[0] == {"result": "{'x': 1}"}
        await server.call("grow", {})
        await until(told, "has changed its functions (+more)")
        assert "it sent more than 16 MiB at once" in await refusal(server, "endless")
        assert (await server.call("echo", {}))[0] == {"result": "{}"}
        monkeypatch.setattr(mcp_server, "CALL_S", 0.2)
        for _ in range(mcp_server.LATE):
            assert await refusal(server, "quiet") == "quiet did not answer in 0.2 s"
        await until(told, "does not answer: it is ended, and the next call starts it")
        monkeypatch.undo()
        assert (await server.call("echo", {}))[0] == {"result": "{}"}


BAD = {
    "no-such-command": "no-such-command cannot be used: No such file or directory.",
    "http://127.0.0.1:9/mcp": "127.0.0.1:9 cannot be used: All connection attempts failed.",
    f"{sys.executable} -c 'import sys; sys.exit(repr(1))'": "cannot be used: exit code 1: 1.",
}


async def test_servers_that_cannot_be_used_are_sentences_and_the_other_tools_stay(
    tmp_path: Path,
) -> None:
    file = tmp_path / "tools.json"
    file.write_text('[{"name": "f", "reply": {}}]')
    kit = Toolkit([file], [Address.of(where) for where in BAD])
    with pytest.raises(ToolsError) as refused:
        await kit.load(print)
    await kit.close()
    assert [words for words in BAD.values() if words not in str(refused.value)] == []
    assert [tool.name for tool in refused.value.usable] == ["f"]


async def test_a_server_that_does_not_start_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_server, "OPEN_S", 0.5)
    async with opened(command(WILD, "deaf")) as (server, _):
        with pytest.raises(ToolsError, match=r"wild_server\.py did not start in 0\.5 s"):
            await server.tools()


def test_a_name_of_two_sources_names_both() -> None:
    tools = [Tool({"name": "f"}, module="/a/own.py"), Tool({"name": "f"}, server="npx x")]
    with pytest.raises(
        ToolsError, match=r"f is declared twice, by own\.py and the MCP server npx x:"
    ):
        distinct(tools)


async def test_without_the_library_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ToolsError, match=r"pip install 'bidiscope\[mcp\]'"):
        await McpServer(Address.of("npx x"), print).tools()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_no_server_outlives_a_client_that_is_killed(tmp_path: Path) -> None:
    import fcntl

    lock = tmp_path / "lock"
    program = (
        "import asyncio\nfrom tests.tools.test_mcp import *\n"
        f"server = McpServer(Address.of({command(WILD, 'stubborn', str(lock))!r}), print)\n"
        "async def main():\n    await server.tools()\n    print('up', flush=True)\n"
        "    await asyncio.sleep(300)\nasyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"up\n":
            assert process.poll() is None
        with lock.open("w") as held, pytest.raises(OSError, match="temporarily unavailable"):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.send_signal(signal.SIGKILL)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({}, {"result": ""}),
        ({"structuredContent": {"a": 1}, "content": [{"type": "text", "text": "{}"}]}, {"a": 1}),
        ({"structuredContent": [1], "content": []}, {"result": [1]}),
        (
            {
                "structuredContent": {"a": 1},
                "content": [{"type": "audio", "mimeType": "audio/wav", "data": "AAAA"}],
            },
            {"a": 1, "besides": ["[audio, audio/wav, 3 bytes: not passed on]"]},
        ),
        ({"content": [{"type": "resource", "resource": {"text": "b"}}]}, {"result": "b"}),
        (
            {"content": [{"type": "resource", "resource": {"blob": "AAAA"}}]},
            {"result": "[a file, of no type, 3 bytes: not passed on]"},
        ),
        (
            {"content": [{"type": "resource_link", "name": "n", "uri": "file:///n"}]},
            {"result": "n: file:///n"},
        ),
    ],
)
def test_what_a_server_returns_is_a_response(result: dict[str, Any], said: dict[str, Any]) -> None:
    assert response(result) == said


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("https://user:hunter2secret@mcp.example.com:8443/a?key=b", "mcp.example.com:8443"),
        ("API_TOKEN=$HOME/x /opt/bin/npx -y @scope/server --token abc", "npx server"),
        ("python -c 'print(1)'", "python"),
    ],
)
def test_a_label_holds_no_credential(text: str, label: str) -> None:
    address = Address.of(text)
    assert address.label == label
    assert not any(secret in address.label for secret in address.secrets)


@pytest.mark.parametrize("text", ["", "A=b", "https://", "http://[/x", "say 'hello"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(ToolsError, match="MCP server"):
        Address.of(text)
