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
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tui.authority import Authority
from tui.emulator.edge.server import serving
from tui.emulator.perception import detector, recognizer

WAIT_S = 110
CLIENTS = Path(__file__).with_name("clients")
SPOKEN = Path(__file__).parents[1] / "data/voices/sum.wav"
NODE, MODULES = shutil.which("node"), os.environ.get("BIDISCOPE_TEST_NODE_MODULES", "")
OTHERS = os.environ.get("BIDISCOPE_TEST_PYTHONS", "").split(os.pathsep)
MODALITIES = ("TEXT", "AUDIO")

needs_node = [
    pytest.mark.skipif(NODE is None, reason="there is no node"),
    pytest.mark.skipif(not MODULES, reason="BIDISCOPE_TEST_NODE_MODULES names no @google/genai"),
]
needs_others = pytest.mark.skipif(
    not any(OTHERS), reason="BIDISCOPE_TEST_PYTHONS names no other release of google-genai"
)


@dataclass(frozen=True)
class Emulator:
    """Where it is, as a program is told."""

    plain: dict[str, str]
    secure: dict[str, str]


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[Emulator]:
    authority = Authority.of_user(tmp_path)
    trust = dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(authority.path))
    async with serving(0, 0, authority.server_context(), log) as ports:
        yield Emulator(
            {"GOOGLE_GEMINI_BASE_URL": f"http://127.0.0.1:{ports.ws}"},
            {"GOOGLE_GEMINI_BASE_URL": f"https://localhost:{ports.wss}", **trust},
        )


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


PYTHON_ENDS = ("generation_complete", "interrupted", "turn_complete")
JAVASCRIPT_ENDS = ("generationComplete", "interrupted", "turnComplete")


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize(
    "python", [sys.executable, *(pytest.param(other, marks=needs_others) for other in OTHERS)]
)
async def test_google_genai(emulator: Emulator, python: str, modality: str) -> None:
    session = await told(emulator.secure, python, CLIENTS / "session.py", *arguments(modality))
    check(session, modality, PYTHON_ENDS)


VERSION = "import importlib.metadata as m, json; print(json.dumps([0, m.version('google-genai')]))"


@needs_others
async def test_the_other_releases_are_of_the_generations_before() -> None:
    versions = [(await told({}, python, "-c", VERSION))[0] for python in OTHERS]
    assert {version.partition(".")[0] for version in versions} == {"1", "2"}


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("road", ["plain", "secure"])
@pytest.mark.parametrize("program", [pytest.param("session.cjs", marks=needs_node)])
async def test_google_genai_on_node(
    emulator: Emulator, program: str, road: str, modality: str
) -> None:
    assert NODE is not None
    environ = getattr(emulator, road) | {"NODE_PATH": MODULES}
    session = await told(environ, NODE, CLIENTS / program, *arguments(modality))
    check(session, modality, JAVASCRIPT_ENDS)
