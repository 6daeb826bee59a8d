"""A gateway, and a client that finds it where it looks for Discord's."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer
from discord.http import Route

from tests.contract.operations.gateway import Gateway


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def discord_server(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BaseTestServer]:
    async with TestServer(gateway.application()) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("/api/v10")))
        yield server
