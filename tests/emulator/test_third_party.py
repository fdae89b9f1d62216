"""Programs of unchanged SDKs against the emulator: several releases, in TEXT and in AUDIO.

``BIDISCOPE_TEST_PYTHONS`` names the pythons of environments that have other releases of
google-genai, ``BIDISCOPE_TEST_NODE_MODULES`` a ``node_modules`` with @google/genai.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tui.authority import Authority
from tui.emulator.edge.server import serving
from tui.emulator.perception import detector, recognizer

WAIT_S = 110
CLIENTS = Path(__file__).with_name("clients")
SPOKEN = Path(__file__).parents[1] / "data/voices/sum.wav"
NODE, MODULES = shutil.which("node"), os.environ.get("BIDISCOPE_TEST_NODE_MODULES", "")
OTHERS = os.environ.get("BIDISCOPE_TEST_PYTHONS", "").split(os.pathsep)
SIDE_BY_SIDE = 5


@dataclass(frozen=True)
class Program:
    """One that holds the conversation, and where it finds the emulator."""

    command: tuple[str, ...]
    road: str = "secure"
    ends: tuple[str, str, str] = ("generation_complete", "interrupted", "turn_complete")
    missing: str = ""
    """Why it cannot run here."""


def programs() -> dict[str, Program]:
    session = str(CLIENTS / "session.py")
    found = {"this release": Program((sys.executable, session))}
    for number in range(2):
        python = OTHERS[number] if number < len(OTHERS) else ""
        missing = "" if python else "BIDISCOPE_TEST_PYTHONS names no such release of google-genai"
        found[f"other release {number + 1}"] = Program((python, session), missing=missing)
    missing = "" if MODULES else "BIDISCOPE_TEST_NODE_MODULES names no @google/genai"
    missing = missing if NODE else "there is no node"
    ends = ("generationComplete", "interrupted", "turnComplete")
    for road in ("plain", "secure"):
        command = (NODE or "", str(CLIENTS / "session.cjs"))
        found[f"node, {road}"] = Program(
            command, road, ends, missing if NODE else "there is no node"
        )
    return found


PROGRAMS = programs()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def conversations(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[tuple[str, str], Awaitable[dict[Any, Any]]]]:
    """What each program of the chosen tests tells, by program and modality.

    They run side by side, for they listen most of the time.
    """
    authority = Authority.of_user(tmp_path_factory.mktemp("authority"))
    trust = dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(authority.path))
    async with serving(0, 0, authority.server_context(), log) as ports:
        roads = {
            "plain": {"GOOGLE_GEMINI_BASE_URL": f"http://127.0.0.1:{ports.ws}"},
            "secure": {"GOOGLE_GEMINI_BASE_URL": f"https://localhost:{ports.wss}", **trust},
        }
        at_once = asyncio.Semaphore(SIDE_BY_SIDE)

        async def held(name: str, modality: str) -> dict[Any, Any]:
            program = PROGRAMS[name]
            async with at_once:
                environ = roads[program.road] | {"NODE_PATH": MODULES}
                return await told(environ, *program.command, *arguments(modality))

        tasks = {case: asyncio.create_task(held(*case)) for case in chosen(request)}
        yield tasks
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


def chosen(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Name and modality of the programs that shall run and can."""
    for item in request.session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        program = PROGRAMS.get(params.get("name", ""))
        if item.path == request.path and program is not None and not program.missing:
            yield params["name"], params["modality"]


def log(line: str) -> None:
    assert "Traceback" not in line, line


async def told(environ: dict[str, str], *command: str | Path) -> dict[Any, Any]:
    """What the program has printed, by the names it gave."""
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environ, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(WAIT_S):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return dict(map(json.loads, out.splitlines()))


def arguments(modality: str) -> list[str]:
    """The modality and, where words can be recognized, a recorded question."""
    understands = recognizer.installed() and detector.installed()
    return [modality, *([str(SPOKEN)] if modality == "AUDIO" and understands else [])]


def check(session: dict[Any, Any], modality: str, ends: tuple[str, str, str]) -> None:
    """The conversation that both programs hold."""
    generated, interrupted, complete = ends
    speaks = modality == "AUDIO"
    assert session["first"] == [[generated, complete], True]
    assert session["memory"] == "You told me the number 42."
    assert session["interrupted"] == [[interrupted, complete], True]
    mime_types = ["audio/pcm;rate=24000"] if speaks else []
    assert session["realtime"] == ["That is 42.", speaks, mime_types]
    assert session["called"] == [["get_weather", {"city": "Paris"}]]
    assert session["history"] == "Your name is Ada."
    if len(arguments(modality)) > 1:
        assert session["spoken"] == ["What is six times seven?", "That is 42."]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("modality", ["AUDIO", "TEXT"])
@pytest.mark.parametrize("name", PROGRAMS)
async def test_the_conversation(
    conversations: Mapping[tuple[str, str], Awaitable[dict[Any, Any]]], name: str, modality: str
) -> None:
    program = PROGRAMS[name]
    if program.missing:
        pytest.skip(program.missing)
    check(await conversations[name, modality], modality, program.ends)


VERSION = "import importlib.metadata as m, json; print(json.dumps([0, m.version('google-genai')]))"


@pytest.mark.skipif(not any(OTHERS), reason="BIDISCOPE_TEST_PYTHONS names no other release")
async def test_the_other_releases_are_of_the_generations_before() -> None:
    versions = [(await told({}, python, "-c", VERSION))[0] for python in OTHERS]
    assert {version.partition(".")[0] for version in versions} == {"1", "2"}
