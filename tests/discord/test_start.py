"""What the owner reads at the start, and a worker that breaks."""

import pytest

from bot.app import introduce
from bot.domain.errors import TransientError
from bot.roles import make_worker
from bot.sandbox.segmind import Fault, Mishap, Route
from bot.sandbox.session import Session
from tests.discord.conftest import Server
from tests.discord.trouble import behave
from tests.storage_views import job_rows


async def lines(session: Session, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level("INFO", "bot.app"):
        await introduce(session.parts, session.bot, 2)
    return [record.getMessage() for record in caplog.records if record.name == "bot.app"]


async def test_the_start_says_who_on_what_with_how_much_money_and_which_limits(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    who, where, credit, limits, *more = await lines(server.session, caplog)
    assert who.endswith("; servers: 1; jobs taken up again: 2")
    assert where.startswith("database sqlite:///")
    assert credit == "credit $12.30, about 351 pictures"
    assert limits == (
        "limits: 20 pictures an hour and 40 a day each; $5.00 a day a server, $10.00 in all"
    )
    assert len(more) <= 1


async def test_a_credit_that_cannot_be_read_is_no_reason_to_stay_away(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    behave(server, Fault(Route.CREDITS, Mishap.STATUS, status=503, times=9))
    assert any(line.startswith("credit unknown: ") for line in await lines(server.session, caplog))


async def test_a_discord_that_fails_at_the_start_is_an_error_in_our_words(server: Server) -> None:
    server.session.env.inject_error("GET", "/users/@me/guilds", status=503, times=9)
    with pytest.raises(TransientError, match="Discord answered 503"):
        await introduce(server.session.parts, server.session.bot, 0)


async def test_a_worker_that_breaks_ends_and_hands_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = server.session
    await session.stop_worker()
    await server.imagine("a fox")
    assert await session.parts.store.claim()

    async def broken() -> int:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(session.parts.store, "renew", broken)
    with pytest.raises(ExceptionGroup):
        await make_worker(session.parts, session.bot).run()
    (row,) = await job_rows(session.parts.database)
    assert (row.worker, row.lease_until) == ("", 0)
