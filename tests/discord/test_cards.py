"""The card: what it says, how often it changes, how it ends."""

import discord
import pytest

from bot.domain.job import Stage, Status
from tests.discord.conftest import Server, said, until
from tests.discord.trouble import became, hurry

MOST_EDITS = 6


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def edits(server: Server) -> int:
    """Count the card's edits that reached Discord."""
    (card,) = [one for one in server.cards if not one.reference]
    path = f"/channels/{server.art.id}/messages/{card.id}"
    calls = server.session.env.http_requests
    return sum(one.method == "PATCH" and one.path.endswith(path) for one in calls)


async def test_a_job_that_goes_well_takes_few_edits(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    assert edits(server) <= 3


async def test_a_service_that_comes_and_goes_does_not_wear_the_card_out(server: Server) -> None:
    store = server.session.parts.store
    server.session.segmind.behaviour.run_seconds = 0.1
    await server.session.stop_worker()
    await server.imagine("a fox")
    for _ in range(8):
        claim = await store.claim()
        assert claim is not None
        await store.put_back(claim, "credits", 3600)
        await server.session.start_worker()
        await until(lambda: paused_or_worn(server))
        await server.session.stop_worker()
        await store.open_gate()
    await server.session.start_worker()
    await until(lambda: became(server, [Status.DELIVERED], "Done in "))
    assert edits(server) <= MOST_EDITS


async def paused_or_worn(server: Server) -> bool:
    (job,) = await server.jobs()
    worn = job.delivery.edits >= MOST_EDITS - 1
    return worn or job.delivery.stage is Stage.PAUSED


class TestPrivate:
    async def test_it_says_where_it_comes(self, server: Server) -> None:
        answer = await server.imagine("a secret", private=True)
        assert answer.endswith(
            "Only you will see it: it comes by direct message, else it waits in /results."
        )


async def test_a_locked_thread_is_refused_before_money(server: Server) -> None:
    room = server.guild.create_text_channel(
        "room",
        overwrites={server.guild.default_role: discord.PermissionOverwrite(manage_threads=False)},
    )
    await server.ana.slash(room, "imagine", prompt="a fox")
    await server.settled()
    (thread,) = room.threads
    known = server.session.bot.get_channel(thread.id)
    assert isinstance(known, discord.Thread)
    await known.edit(locked=True)
    answer = said(await server.ana.slash(thread, "imagine", prompt="again"))
    assert answer.startswith(
        "This thread is locked. A moderator can unlock it, or use me elsewhere. Nothing"
    )
    assert len(await server.jobs()) == 1
