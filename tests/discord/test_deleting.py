"""Deleting a result: asked once, gone everywhere, no refund."""

import pytest
import simcord

from bot.domain.job import Actor, Deleter, Job
from bot.domain.refusals import OnlyRequesterOrModerator
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import entry_rows, job_rows, ledger_rows

ONLY = "Only Ana or a moderator can do that. Nothing was charged."


async def made(server: Server, **options: object) -> Job:
    await server.imagine("a fox", **options)
    return (await server.settled())[-1]


async def gone(server: Server) -> bool:
    return server.results == []


async def card_says(server: Server, words: str) -> bool:
    return words in server.cards[0].content


async def nothing_is_stored(server: Server, job: Job) -> bool:
    for stored in (*job.results, *job.request.images):
        try:
            await server.session.parts.images.get(stored.key)
        except KeyError:
            continue
        return False
    return True


async def test_it_is_asked_once_then_everything_goes_and_the_card_says_so(server: Server) -> None:
    job = await made(server, image1=("a.jpg", jpeg(300, 200)), max_images=12, size="2K")
    question = await server.ana.click(server.results[-1], label="Delete")
    assert said(question) == (
        f"Delete #{job.id} and all its 12 pictures for good, here and in storage? "
        "The money is spent and does not come back."
    )
    assert len(server.results) == 2
    assert question.response is not None
    told = await server.ana.click(question.response.message, label="Delete for good")
    assert said(told) == f"#{job.id} is deleted. Its messages go within a minute."
    await until(lambda: card_says(server, "Deleted by its requester."))
    assert server.results == []
    assert server.cards[0].attachments == []
    assert server.cards[0].components == []
    assert await nothing_is_stored(server, job)
    events = [row.event for row in await ledger_rows(server.session.parts.database)]
    assert events == ["reserve", "settle"]


async def test_a_thread_nobody_else_wrote_in_is_renamed_and_archived(server: Server) -> None:
    await made(server)
    await server.ana.react(server.results[0], "❌")
    await until(lambda: card_says(server, "Deleted by its requester."))
    (thread,) = server.art.threads
    assert (thread.name, archived(server, thread)) == ("deleted", True)


async def test_a_thread_somebody_wrote_in_stays(server: Server) -> None:
    await made(server)
    (thread,) = server.art.threads
    await server.bob.send(thread, "lovely")
    await server.ana.react(server.results[0], "❌")
    await until(lambda: card_says(server, "Deleted by its requester."))
    assert (thread.name, archived(server, thread)) == ("a fox", False)


def archived(server: Server, thread: simcord.ChannelHandle) -> bool:
    meta = server.session.env.backend.get_channel(thread.id).thread_metadata
    return meta is not None and meta.archived


async def test_only_the_requester_uploader_or_a_moderator_may(server: Server) -> None:
    await made(server, image1=("a.jpg", jpeg(300, 200)))
    assert said(await server.bob.click(server.results[0], label="Delete")) == ONLY
    await server.bob.react(server.results[0], "❌")
    await server.bob.click(server.results[0], label="Reroll")
    await until(lambda: two_results(server))
    question = await server.ana.click(server.results[1], label="Delete")
    assert said(question).startswith("Delete #")
    moderator = server.member("Mo", manage_messages=True)
    question = await moderator.click(server.results[0], label="Delete")
    assert question.response is not None
    await moderator.click(question.response.message, label="Delete for good")
    await until(lambda: card_says(server, "Deleted by a moderator."))
    assert len(server.results) == 1


async def two_results(server: Server) -> bool:
    return len(server.results) == 2 and bool(server.results[1].components)


async def test_who_moderates_elsewhere_deletes_nothing(server: Server) -> None:
    job = await made(server)
    with pytest.raises(OnlyRequesterOrModerator):
        await server.session.bot.services.removal.delete(job.id, Actor(id=1, moderates=1))
    assert len(server.results) == 1


async def test_a_message_deleted_in_discord_takes_the_rest_along(server: Server) -> None:
    job = await made(server, max_images=12, size="2K")
    await server.results[0].delete()
    await until(lambda: card_says(server, "Deleted by a moderator."))
    assert server.results == []
    assert await nothing_is_stored(server, job)


async def test_an_entry_on_the_board_goes_too(server: Server) -> None:
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, threshold=1)
    await made(server)
    await server.bob.react(server.results[0], "⭐")
    await until(lambda: entry_is_noted(server))
    await server.ana.react(server.results[0], "❌")
    await until(lambda: card_says(server, "Deleted by its requester."))
    assert await on_board(server, 0)


async def entry_is_noted(server: Server) -> bool:
    (entry,) = await entry_rows(server.session.parts.database)
    return entry.message_id is not None


async def on_board(server: Server, count: int) -> bool:
    return len(server.board.history()) == count


async def test_discord_away_meanwhile_only_delays_it(server: Server) -> None:
    job = await made(server)
    server.session.env.inject_error("DELETE", "/channels/*/messages/*", status=503, times=1)
    await server.ana.react(server.results[0], "❌")
    await until(lambda: nothing_is_stored(server, job))
    server.session.parts.database.shift += 10
    await until(lambda: gone(server))
    await until(lambda: card_says(server, "Deleted by its requester."))


async def test_what_may_not_be_deleted_is_tried_again_later(server: Server) -> None:
    await made(server)
    server.session.env.inject_error(
        "DELETE", "/channels/*/messages/*", status=403, code=50013, times=1
    )
    await server.ana.react(server.results[0], "❌")
    await until(lambda: card_says(server, "Deleted by its requester."))
    assert len(server.results) == 1
    await until(lambda: waits(server))
    server.session.parts.database.shift += 3601
    await until(lambda: gone(server))


async def waits(server: Server) -> bool:
    (row,) = await job_rows(server.session.parts.database)
    return row.delivery_tries == 1 and row.delivery_worker is None


@pytest.mark.parametrize("label", ["Reroll", "Details"])
async def test_what_is_deleted_answers_no_press_any_more(server: Server, label: str) -> None:
    job = await made(server)
    message = server.results[0]
    await server.session.stop_worker()  # Discord does not know yet
    await server.session.parts.store.remove(job.id, Deleter.REQUESTER)
    told = said(await server.ana.click(message, label=label))
    assert told.startswith(f"The stored pictures of #{job.id} are gone")
