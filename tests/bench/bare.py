"""The SDK's own receive loop and nothing else: ``python -m tests.bench.bare TURNS``.

Prints when it had read all turns, on `time.perf_counter`.
"""

from __future__ import annotations

import asyncio
import sys
import time

from google import genai
from google.genai import types


async def main(turns: int) -> None:
    """Ask, and read as many turns as were promised; `receive` ends with each."""
    config = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])
    async with genai.Client().aio.live.connect(model="gemini-3.8-live", config=config) as session:
        await session.send_realtime_input(text="go")
        for _ in range(turns):
            async for _ in session.receive():
                pass
        print(time.perf_counter())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
