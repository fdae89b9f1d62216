"""The unchanged @google/genai on Node: it lists models, mints a token and converses with that.

``BIDISCOPE_TEST_NODE_MODULES`` names a ``node_modules`` that has it.
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.emulator.conftest import WAIT_S, Emulator
from tests.emulator.test_rest import served
from tests.tap.test_javascript import MODULES, NODE, pytestmark

__all__ = ["pytestmark"]


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_a_token_is_minted_and_good(emulator: Emulator, scheme: str) -> None:
    assert NODE is not None
    port = emulator.ports.wss if scheme == "https" else emulator.ports.ws
    environ = os.environ | {
        "GOOGLE_GEMINI_BASE_URL": f"{scheme}://localhost:{port}",
        "NODE_EXTRA_CA_CERTS": str(emulator.authority.path),
        "NODE_PATH": MODULES,
    }
    path = Path(__file__).with_name("token.cjs")
    process = await asyncio.create_subprocess_exec(NODE, path, env=environ, stdout=PIPE)
    async with asyncio.timeout(WAIT_S):
        out, _ = await process.communicate()
    assert [json.loads(line) for line in out.splitlines()] == [
        ["models", [f"models/{name}" for name in served("gemini")]],
        ["token", True],
        ["close", [1005, ""]],
        ["words", "That is 42."],
    ]
