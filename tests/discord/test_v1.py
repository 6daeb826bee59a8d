"""The synchronous API: one answer, taken once, with everything in it."""

import pytest

from bot.domain.errors import TransientError
from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from bot.services import processing
from tests.discord.conftest import Server, until
from tests.discord.trouble import DONE, PAID, RESERVED, became, behave, booked, hurry
from tests.storage_views import gate_row


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


async def test_a_gate_that_was_closed_opens_again(server: Server) -> None:
    behave(
        server,
        Fault(Route.SUBMIT, Mishap.STATUS, status=404),
        Fault(Route.SUBMIT, Mishap.STATUS, status=429, headers={"Retry-After": "1"}),
    )
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    gate = await gate_row(server.session.parts.database)
    assert (gate.reason, gate.failures, gate.closed_until) == (None, 0, 0)


async def test_an_alert_that_cannot_be_noted_costs_no_picture(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(key: str) -> bool:
        raise TransientError(key)

    monkeypatch.setattr(server.session.parts.store, "set_once", away)
    behave(server, offered_on_v2=False, balance=70_000)
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, PAID]
    assert len(server.session.segmind.accepted) == 1


async def test_half_a_picture_is_not_stored_again_and_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    put = server.session.parts.images.put_result

    async def counted(key: str, chunks: object) -> object:
        tries.append(key)
        return await put(key, chunks)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(server.session.parts.images, "put_result", counted)
    monkeypatch.setattr(processing, "DOWNLOAD_TRIES", 5)
    behave(
        server,
        Fault(Route.SUBMIT, Mishap.STATUS, status=404),
        Fault(Route.SUBMIT, Mishap.CUT_SHORT),
    )
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.FAILED], "no usable picture"))
    assert len(tries) == 1
