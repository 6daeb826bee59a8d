"""A paid picture is never lost because a message could not be sent."""

import pytest

from bot.domain.errors import TransientError
from bot.domain.job import Claim, Status
from tests.discord.conftest import Server, until
from tests.storage_views import ledger_rows

THREADS = "/channels/*/messages/*/threads"
MESSAGES = "/channels/*/messages"


async def full_size_places(server: Server) -> list[int]:
    """Find every channel where a picture of full size stands."""
    places = [server.art, *server.art.threads, server.ana.user.dm_channel]
    return [
        place.id
        for place in places
        for message in place.history()
        for one in message.attachments
        if not one.filename.removeprefix("SPOILER_").startswith("preview")
    ]


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        (160006, 400, "the server has reached its limit of threads"),
        (50013, 403, "I am not allowed to"),
        (50001, 403, "I cannot see it"),
    ],
)
async def test_without_a_thread_it_comes_as_a_reply_in_the_channel_and_says_why(
    server: Server, code: int, status: int, why: str
) -> None:
    server.session.env.inject_error("POST", THREADS, status=status, code=code, times=1)
    await server.imagine("a fox")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    assert server.art.threads == []
    result = server.cards[-1]
    assert result.content.startswith(
        f"<@{server.ana.id}> I could not open a thread here ({why}), so here is your picture."
    )
    assert await full_size_places(server) == [server.art.id]
    events = [row.event for row in await ledger_rows(server.session.parts.database)]
    assert events == ["reserve", "settle"]


@pytest.mark.parametrize(("code", "status"), [(160005, 400), (50013, 403), (10003, 404)])
async def test_a_thread_that_refuses_leads_to_a_direct_message(
    server: Server, code: int, status: int
) -> None:
    await server.imagine("first")
    await server.settled()
    thread = server.art.threads[0]
    server.session.env.inject_error(
        "POST", f"/channels/{thread.id}/messages", status=status, code=code, times=9
    )
    await server.ana.slash(thread, "imagine", prompt="second")
    await until(lambda: delivered(server, 2))
    direct = server.ana.user.dm_channel.history()
    assert "so here is your picture." in direct[-1].content
    assert len(direct[-1].attachments) == 1


async def test_when_every_place_refuses_the_pictures_are_kept(server: Server) -> None:
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: card_stands(server))
    env = server.session.env
    env.inject_error("POST", THREADS, status=403, code=50013, times=99)
    env.inject_error("POST", MESSAGES, status=403, code=50013, times=99)
    await until(lambda: generated(server))
    await until(lambda: says(server, "I could not post it. Your pictures are safe in /results."))
    (job,) = await server.jobs()
    assert len(job.results) == 1
    assert await server.session.parts.images.get(job.results[0].key)


async def test_discord_away_for_a_moment_is_tried_again_in_the_same_place(server: Server) -> None:
    server.session.env.inject_error("POST", THREADS, status=503, code=0, times=1)
    await server.imagine("a fox")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    assert await full_size_places(server) == [server.art.threads[0].id]


async def test_a_result_that_was_posted_but_not_noted_is_found_and_not_posted_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process loses its memory between Discord's answer and the database's note."""
    store = server.session.parts.store
    note = store.result_posted
    crashed: list[int] = []

    async def crash_once(claim: Claim, channel_id: int, message_id: int) -> None:
        if not crashed:
            crashed.append(message_id)
            raise TransientError("crashed here")
        await note(claim, channel_id, message_id)

    monkeypatch.setattr(store, "result_posted", crash_once)
    await server.imagine("a fox", max_images=12, size="2K")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    assert [len(message.attachments) for message in server.results] == [10, 2]
    assert len(job.delivery.message_ids) == 2


async def card_stands(server: Server) -> bool:
    return bool(server.cards)


async def delivered(server: Server, count: int) -> bool:
    return [job.status for job in await server.jobs()] == [Status.DELIVERED] * count


async def generated(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.GENERATED]


async def says(server: Server, words: str) -> bool:
    return words in server.cards[0].content
