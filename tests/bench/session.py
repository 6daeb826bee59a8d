"""The whole bot on a simulated Discord, for benchmarks in one process."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from simcord.interactions import base_payload

from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session, open_session, sandbox_settings

COMMAND, STRING, CHAT_INPUT = 2, 3, 1


@asynccontextmanager
async def whole_bot(run_seconds: float, **changes: Any) -> AsyncIterator[Session]:
    """Run it in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalSegmind(run_seconds=run_seconds) as segmind:
            settings = sandbox_settings(Path(folder), segmind, **changes)
            async with open_session(settings, segmind, run_seconds=run_seconds) as session:
                yield session


def press_imagine(session: Session, channel_id: int, guild_id: int, user_id: int) -> int:
    """Feed one raw /imagine to the gateway's parser; return the interaction's id."""
    backend = session.env.backend
    command = backend.commands[None]["imagine", CHAT_INPUT]
    options = [{"name": "prompt", "type": STRING, "value": f"a fox for {user_id}"}]
    record, payload = base_payload(
        backend,
        type=COMMAND,
        channel_id=channel_id,
        guild_id=guild_id,
        user_id=user_id,
        data={"id": command["id"], "name": "imagine", "type": CHAT_INPUT, "options": options},
    )
    backend.emit("INTERACTION_CREATE", payload)
    return int(record.id)
