"""Results that stand elsewhere than asked for, and what members do with them then."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.domain.errors import Failure, TransientError
from bot.domain.job import Requester, Status, StoredPicture
from bot.domain.refusals import TooManyAsked
from bot.segmind.client import SegmindClient
from bot.services.submission import Ask
from tests.discord.conftest import Server, said, until
from tests.discord.test_ladder import MESSAGES, THREADS, card_stands, full_size_places
from tests.discord.test_results import all_told, browse, delivered, finished, press, says
from tests.discord.trouble import PAID, RESERVED, behave, booked, hurry
from tests.makers import place
from tests.pictures import jpeg
from tests.storage_views import job_rows, ledger_rows


async def in_direct_message(server: Server) -> None:
    """Have Ana's result refused by thread and channel."""
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: card_stands(server))
    for path in (THREADS, MESSAGES):
        server.session.env.inject_error("POST", path, status=403, code=50013, times=1)
    await until(lambda: delivered(server))
    await until(lambda: all_told(server))
    server.session.env.backend.faults.clear()


async def test_a_reroll_of_what_came_by_direct_message_comes_where_it_was_asked_for(
    server: Server,
) -> None:
    await in_direct_message(server)
    assert server.cards[0].content.endswith("1 picture, sent by direct message")
    assert "https://discord.com/channels/@me/" in said(await browse(server))
    await server.bob.react(server.cards[0], "🔁")
    _, second = await server.settled(2)
    await until(lambda: all_told(server))
    assert len(server.ana.user.dm_channel.history()) == 1
    assert second.delivery.channel_id in {thread.id for thread in server.art.threads}


async def test_a_result_posted_elsewhere_is_rerolled_where_it_was_made(server: Server) -> None:
    await finished(server, "a fox")
    shown = await server.ana.user.slash("results")
    assert shown.response is not None
    await server.ana.user.click(shown.response.message, label="Post here")
    await until(lambda: sent_to_ana(server, 1))
    await until(lambda: all_told(server))
    assert said(await server.bob.click(server.results[0], label="Reroll")).startswith("Rerolling")
    _, second = await server.settled(2)
    assert second.place.channel_id == server.art.id


async def sent_to_ana(server: Server, count: int) -> bool:
    sent = [one for one in server.ana.user.dm_channel.history() if one.components]
    return len(sent) >= count


async def test_a_private_result_is_sent_again_from_a_direct_message_too(server: Server) -> None:
    await server.imagine("a secret", private=True)
    await until(lambda: delivered(server))
    await until(lambda: all_told(server))
    shown = await server.ana.user.slash("results")
    assert shown.response is not None
    await server.ana.user.click(shown.response.message, label="Send to me")
    await until(lambda: results_by_message(server, 2))
    await until(lambda: delivered(server))


async def results_by_message(server: Server, count: int) -> bool:
    history = server.ana.user.dm_channel.history()
    return sum("your picture is ready" in one.content for one in history) == count


async def test_a_result_that_moved_and_was_tried_again_keeps_its_messages(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: card_stands(server))
    env, art = server.session.env, server.art.id
    card = server.cards[0].id
    env.inject_error("POST", f"/channels/{card}/messages", status=403, code=160005, times=None)
    reactions = f"/channels/{art}/messages/*/reactions/*/@me"
    env.inject_error("PUT", reactions, status=503, times=1)
    await until(lambda: told_in_the_end(server))
    (job,) = await server.jobs()
    assert len(job.delivery.message_ids) == 1
    (result,) = [one for one in server.cards if one.components]
    assert said(await server.bob.click(result, label="Reroll")).startswith("Rerolling for you")


async def told_in_the_end(server: Server) -> bool:
    (row,) = await job_rows(server.session.parts.database)
    if row.delivery_tries and row.delivery_worker is None:
        server.session.parts.database.shift += 10
    return row.status == Status.DELIVERED and await all_told(server)


async def test_what_is_still_being_tried_is_not_posted_beside_it(server: Server) -> None:
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: card_stands(server))
    server.session.env.inject_error("POST", THREADS, status=503, times=None)
    await until(lambda: waits_for_discord(server))
    told = said(await press(server, await browse(server), "Post here"))
    assert "is being posted at this moment" in told
    server.session.env.backend.faults.clear()
    server.session.parts.database.shift += 10
    await until(lambda: says(server, "Done in "))
    assert len(await full_size_places(server)) == 1


async def waits_for_discord(server: Server) -> bool:
    (row,) = await job_rows(server.session.parts.database)
    return row.status == "generated" and row.delivery_tries > 0 and row.delivery_worker is None


async def test_a_job_called_off_before_it_is_sent_says_in_the_end_that_nothing_was_charged(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, passed = SegmindClient.upload, asyncio.Event()

    async def slow(self: SegmindClient, data: bytes, content_type: str) -> str:
        await passed.wait()
        return await upload(self, data, content_type)

    monkeypatch.setattr(SegmindClient, "upload", slow)
    await server.imagine("a fox", image1=("a.jpg", jpeg(300, 200)))
    await until(lambda: says(server, "Being made"))
    (job,) = await server.jobs()
    await press(server, await server.ana.slash(server.art, "queue"), f"Cancel #{job.id}")
    await until(lambda: says(server, "If it was sent already, it is paid for"))
    passed.set()
    await until(lambda: says(server, "Cancelled. Nothing was charged."))
    events = [row.event for row in await ledger_rows(server.session.parts.database)]
    assert events == ["reserve", "release"]


async def test_a_job_called_off_that_fails_says_why_it_failed(server: Server) -> None:
    server.session.segmind.behaviour.run_seconds = 60
    await server.imagine("a fox")
    await until(lambda: submitted(server))
    store = server.session.parts.store
    await store.cancel((await server.jobs())[0].id)
    await server.session.stop_worker()
    claim = await store.claim()
    assert claim is not None
    await store.mark_failed(claim, Failure.CONTENT_REFUSED)
    await server.session.start_worker()
    await until(lambda: says(server, "refused by the content rules"))


async def submitted(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.SUBMITTED]


@pytest.mark.parametrize("number", [0, -5, 16])
async def test_a_number_no_form_can_send_is_refused(server: Server, number: int) -> None:
    ask = Ask(
        prompt="x", files=[], aspect_ratio=None, size="2K", max_images=number,
        optimize_prompt="fast", watermark=False,
    )  # fmt: skip
    with pytest.raises(TooManyAsked):
        await server.session.bot.services.submission.submit(
            ask, key="k", requester=Requester(id=1, name="x"), place=place()
        )
    assert await server.jobs() == []


async def test_an_image_store_away_for_a_moment_loses_no_picture_of_v1(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    images = server.session.parts.images
    failed: list[str] = []
    put = images.put_result

    async def once(key: str, chunks: AsyncIterator[bytes]) -> StoredPicture:
        if not failed:
            failed.append(key)
            raise TransientError("the image store failed: 503")
        return await put(key, chunks)

    monkeypatch.setattr(images, "put_result", once)
    behave(server, offered_on_v2=False)
    await server.imagine("a fox", size="2K")
    await until(lambda: delivered(server))
    assert await booked(server) == [RESERVED, PAID]
