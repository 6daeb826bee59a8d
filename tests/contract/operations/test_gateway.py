"""The gateway as /healthz sees it, through discord.py on a gateway of our own."""

import asyncio

import discord
import pytest
from aiohttp.test_utils import BaseTestServer
from prometheus_client import generate_latest

from bot.domain.operations import Pulse
from bot.operations import health
from bot.operations.health import Health, Heartbeat
from bot.operations.meter import PrometheusMeter
from tests.contract.operations.gateway import BEAT_SECONDS, Gateway, connected

SILENCE = 8 * BEAT_SECONDS


async def _here() -> None:
    """Answer as a database that is there."""


def watched(client: discord.AutoShardedClient) -> tuple[Heartbeat, Health]:
    heartbeat = Heartbeat(lambda: client.latencies)
    return heartbeat, Health(loop=Pulse(), worker=None, gateway=heartbeat, ping=_here)


async def look_until(heartbeat: Heartbeat, looked: Health, wanted: str) -> None:
    async with asyncio.timeout(10):
        while [fault[: len(wanted)] for fault in await looked.faults()] != [wanted] * bool(wanted):
            heartbeat.look()
            await asyncio.sleep(BEAT_SECONDS / 4)


@pytest.fixture
def client(discord_server: BaseTestServer) -> discord.AutoShardedClient:
    assert discord_server
    return discord.AutoShardedClient(intents=discord.Intents.none())


async def test_a_bot_that_is_not_connected_is_not_well(client: discord.AutoShardedClient) -> None:
    heartbeat, looked = watched(client)
    heartbeat.look()
    assert await looked.faults() == ["gateway: not connected yet"]


async def test_answered_heartbeats_are_seen_and_their_silence_too(
    client: discord.AutoShardedClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "GATEWAY_SECONDS", SILENCE)
    heartbeat, looked = watched(client)
    async with connected(client):
        await look_until(heartbeat, looked, "")
        begun = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() - begun < 2 * SILENCE:  # it stays well
            heartbeat.look()
            assert await looked.faults() == []
            await asyncio.sleep(BEAT_SECONDS / 4)
        gateway.answers = False
        await look_until(heartbeat, looked, "gateway: no heartbeat for ")
        gateway.answers = True
        await look_until(heartbeat, looked, "")


async def test_discords_429s_are_counted(gateway: Gateway, discord_server: BaseTestServer) -> None:
    assert discord_server
    gateway.limited = 2
    meter = PrometheusMeter()
    async with discord.Client(
        intents=discord.Intents.none(), http_trace=meter.trace("discord")
    ) as client:
        await client.login("x")
    assert b'seedream_rate_limited_total{side="discord"} 2.0' in generate_latest(meter.registry)
