"""The unmodified bot, on a simulated Discord (simcord) and a local Segmind over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import simcord
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.client import StudioBot
from bot.oversight import work
from bot.parts import Parts, open_parts
from bot.roles import make_bot
from bot.sandbox.segmind import LocalSegmind
from bot.settings import Settings

SETTLE_SECONDS = 14.0  # below aiohttp's keep-alive, which simcord would wait for as well


class SandboxSettings(Settings):
    """Settings that the environment has no part in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is passed in and nothing else."""
        return (init_settings,)


def sandbox_settings(folder: Path, segmind: LocalSegmind, **changes: Any) -> Settings:
    """Make settings for a local Segmind, keeping database and pictures in a folder."""
    values: dict[str, Any] = {
        "discord_token": "simulated",
        "segmind_api_key": segmind.key,
        "segmind_api_url": segmind.api_url,
        "segmind_upload_url": segmind.upload_url,
        "segmind_history_url": segmind.history_url,
        "segmind_result_hosts": segmind.result_hosts,
        "segmind_requests_per_minute": 6000,
        "segmind_polls_per_minute": 60_000,
        "database_url": f"sqlite:///{folder}/bot.db",
        "image_store_url": f"file:{folder}/images",
    }
    return SandboxSettings(**values | changes)


class Session:
    """A running bot: act through `env`, look at `parts` and `segmind`."""

    def __init__(
        self, env: simcord.Env, bot: StudioBot, parts: Parts, segmind: LocalSegmind
    ) -> None:
        self.env = env
        self.bot = bot
        self.parts = parts
        self.segmind = segmind
        self._worker: asyncio.Task[None] | None = None

    async def start_worker(self) -> None:
        """Take up what is there and work on it.

        The worker is started here and not by the bot: simcord lets such a task run in real time.
        """
        await self.parts.store.adopt_all()
        self._worker = asyncio.create_task(work(self.parts, self.bot), name="worker")

    async def stop_worker(self) -> None:
        """Stop as SIGTERM does."""
        if self._worker:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def restart(self) -> None:
        """Stop, and come back as a new bot with an empty memory on the same database."""
        await self.stop_worker()
        self.bot = make_bot(self.parts)
        await self.env.restart_bot(self.bot)
        await self.start_worker()


@asynccontextmanager
async def open_session(
    settings: Settings, segmind: LocalSegmind, *, run_seconds: float
) -> AsyncIterator[Session]:
    """Run gateway and worker as `bot.app.run` does, but for the login."""
    async with open_parts(settings, first_guess=run_seconds) as parts:
        bot = make_bot(parts)
        # refusals are errors of commands too; simcord would end the session over them
        env = simcord.Env(bot, settle_timeout=SETTLE_SECONDS, check_errors=False, shard_count=1)
        await env.start()
        session = Session(env, bot, parts, segmind)
        await session.start_worker()
        try:
            yield session
        finally:
            await session.stop_worker()
            await env.shutdown()
