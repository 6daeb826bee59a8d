"""A local Segmind in a process of its own, so that its work and memory are not counted."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.sandbox.segmind import Behaviour, LocalSegmind


@asynccontextmanager
async def segmind_apart(run_seconds: float) -> AsyncIterator[dict[str, Any]]:
    """Serve a Segmind; its addresses, key and result hosts by name."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.apart", str(run_seconds), stdin=PIPE, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        yield json.loads(await process.stdout.readline())
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _serve(run_seconds: float) -> None:
    async with LocalSegmind(behaviour=Behaviour(run_seconds=run_seconds)) as segmind:
        names = ("api_url", "upload_url", "history_url", "files_url", "result_hosts", "key")
        print(json.dumps({name: getattr(segmind, name) for name in names}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
