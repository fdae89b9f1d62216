"""Makes the pictures of README: the workbench in a real session with the emulator, in each theme.

    uv run python -m tests.previews

needs a sound device, real or virtual, and writes themes/previews/NAME.svg for every theme of ours.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from tui import theming
from tui.app import Bidiscope
from tui.hardware import devices
from tui.options import Options
from tui.rig import Rig
from tui.widgets.composer import Composer
from tui.widgets.strip import StatusStrip

FOLDER = Path(__file__).parents[1] / "themes" / "previews"
SIZE = (132, 38)


async def main() -> None:
    """Hold one conversation, then photograph it in every theme."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BIDISCOPE_DATA"] = folder
        options = Options(emulator=True, mic="off")
        rig = Rig(options, lambda: devices(options))
        app = Bidiscope(rig, options)
        async with app.run_test(size=SIZE, notifications=False) as pilot:
            await _until(pilot, "Ready")
            await _ask(pilot, "My number is 4711. What can you do?")
            await _until(pilot, "Speaking")
            await _until(pilot, "Ready")
            await _ask(pilot, "What number did I tell you?")
            await _until(pilot, "Speaking")
            await _until(pilot, "Ready")
            await _ask(pilot, "Tell me a very long story.")
            await _until(pilot, "Speaking")
            await pilot.pause(4)
            for name in theming.descriptions(app):
                app.theme = name
                await pilot.pause(0.3)
                (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="bidiscope"))
                print(f"themes/previews/{name}.svg")
        await asyncio.to_thread(rig.stop)


async def _ask(pilot: Pilot[None], question: str) -> None:
    pilot.app.screen.query_one(Composer).put(question)
    await pilot.press("enter")


async def _until(pilot: Pilot[None], state: str) -> None:
    strip = pilot.app.screen.query_one(StatusStrip)
    async with asyncio.timeout(60):
        while strip.readout.state != state:
            await pilot.pause(0.05)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(main())
