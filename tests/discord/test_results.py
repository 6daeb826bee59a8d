"""Finished pictures: looked through, posted anew, looked into."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import simcord

from bot.domain.job import Actor, Job, Status, StoredPicture
from bot.domain.refusals import OnlyRequester
from tests.discord.conftest import Server, said, until
from tests.discord.test_ladder import card_stands, full_size_places
from tests.pictures import jpeg
from tests.storage_views import job_rows, ledger_rows


async def finished(server: Server, *prompts: str, **options: Any) -> None:
    for prompt in prompts:
        await server.imagine(prompt, **options)
        await server.settled(len(await server.jobs()))
    await until(lambda: all_told(server))


async def all_told(server: Server) -> bool:
    rows = await job_rows(server.session.parts.database)
    return all(row.delivery_worker is None and row.delivery_due_at is None for row in rows)


async def browse(server: Server, **options: Any) -> simcord.InteractionResult:
    return await server.ana.slash(server.art, "results", **options)


def files(answer: simcord.InteractionResult) -> list[str]:
    assert answer.response is not None
    return [one.filename for one in answer.response.message.attachments]


async def test_with_nothing_finished_it_says_where_to_begin(server: Server) -> None:
    assert said(await browse(server)) == "You have no finished pictures yet. Start with /imagine."


async def test_the_newest_comes_first_with_its_picture_and_where_it_stands(server: Server) -> None:
    await finished(server, "first", "second")
    _, job = await server.jobs()
    shown = await browse(server)
    first, prompt, where, *_ = said(shown).splitlines()
    assert first.startswith(f"**#{job.id}**, one of your 2 results. <t:")
    assert prompt == "`second`"
    link = f"{server.guild.id}/{job.delivery.channel_id}/{job.delivery.message_ids[0]}"
    assert where == f"It is posted: <https://discord.com/channels/{link}>"
    assert files(shown) == [f"{job.id}-1.jpg"]


async def test_pages_are_turned_in_place(server: Server) -> None:
    await finished(server, "first", "second")
    shown = await browse(server)
    older = await press(server, shown, "Older")
    assert "`first`" in said(older)
    newer = await press(server, older, "Newer")
    assert "`second`" in said(newer)
    assert newer.response is not None
    assert shown.response is not None
    assert newer.response.message.id == shown.response.message.id


async def test_one_is_found_by_its_id_and_only_ones_own(server: Server) -> None:
    await finished(server, "first", "second")
    first, _ = await server.jobs()
    assert "`first`" in said(await browse(server, id=f"#{first.id.upper()}"))
    missing = said(await server.bob.slash(server.art, "results", id=first.id))
    assert missing == f"You have no finished result `#{first.id}`."


async def test_fifteen_pictures_are_shown_in_two_steps(server: Server) -> None:
    await finished(server, "many", max_images=15, size="2K")
    shown = await browse(server)
    assert len(files(shown)) == 10
    rest = await press(server, shown, "More pictures")
    assert [name.partition("-")[2] for name in files(rest)] == [f"{n}.jpg" for n in range(11, 16)]


async def test_what_no_place_took_is_posted_where_its_requester_is(server: Server) -> None:
    job = await kept(server)
    shown = await browse(server)
    assert "It has not been posted." in said(shown)
    told = await press(server, shown, "Post here")
    assert said(told) == f"#{job.id} comes here in a moment."
    await until(lambda: delivered(server))
    assert await full_size_places(server) == [server.art.id]
    assert [row.event for row in await ledger_rows(server.session.parts.database)] == [
        "reserve",
        "settle",
    ]


async def kept(server: Server) -> Job:
    """Make a job whose result no place takes; from then on every place would."""
    env = server.session.env
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: card_stands(server))
    env.inject_error("POST", "/channels/*/messages/*/threads", status=403, code=50013, times=None)
    env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=None)
    await until(lambda: says(server, "I could not post it. Your pictures are safe in /results."))
    assert await full_size_places(server) == []
    await until(lambda: all_told(server))
    env.backend.faults.clear()
    return (await server.jobs())[0]


async def press(
    server: Server, answer: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert answer.response is not None
    return await server.ana.click(answer.response.message, label=label)


async def says(server: Server, words: str) -> bool:
    return any(words in card.content for card in server.cards)


async def delivered(server: Server) -> bool:
    return all(job.status is Status.DELIVERED for job in await server.jobs())


async def test_a_cancelled_run_is_there_and_can_be_posted(server: Server) -> None:
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: submitted(server))
    (job,) = await server.jobs()
    await press(server, await server.ana.slash(server.art, "queue"), f"Cancel #{job.id}")
    await until(lambda: says(server, "will not be posted. It is in /results."))
    await until(lambda: generated(server))
    await until(lambda: all_told(server))
    await press(server, await browse(server), "Post here")
    await until(lambda: delivered(server))
    assert await full_size_places(server) == [server.art.id]


async def submitted(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.SUBMITTED]


async def test_details_have_the_whole_prompt_and_the_inputs_for_those_who_may(
    server: Server,
) -> None:
    prompt = "a cat with a hat " * 120
    pictures = {f"image{n}": (f"{n}.jpg", jpeg(300, 200)) for n in (1, 2)}
    await finished(server, prompt, size="2K", **pictures)
    (job,) = await server.jobs()
    own = await server.ana.click(server.results[-1], label="Details")
    head, options, *_ = said(own).splitlines()
    assert head == f"**#{job.id}** by Ana"
    assert options == "-# 3:2 · 2K · prompt optimizer fast · no watermark · 1 of 1 made, $0.035"
    assert files(own) == [f"inputs-{job.id}.jpg", f"prompt-{job.id}.txt"]
    assert own.response is not None
    text = await own.response.message.attachments[1].read()
    assert text.decode() == prompt.strip()
    others = await server.bob.click(server.results[-1], label="Details")
    assert files(others) == [f"prompt-{job.id}.txt"]
    moderator = server.member("Mo", manage_messages=True)
    assert len(files(await moderator.click(server.results[-1], label="Details"))) == 2


async def test_details_of_another_server_are_not_told(server: Server) -> None:
    await finished(server, "a fox")
    (job,) = await server.jobs()
    stranger = Actor(id=1, moderates=2, guild_id=2)
    with pytest.raises(OnlyRequester):
        await server.session.bot.services.finished.details(job.id, stranger)


async def test_pictures_lost_from_the_store_are_said_to_be_gone(server: Server) -> None:
    await server.session.stop_worker()
    await server.imagine("a fox")
    images = server.session.parts.images
    put = images.put_result

    async def lost(key: str, chunks: AsyncIterator[bytes]) -> StoredPicture:
        stored = await put(key, chunks)
        await images.delete([stored.key])
        return stored

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "put_result", lost)
        await server.session.start_worker()
        await until(lambda: says(server, "but I could not post it. Its stored pictures are gone."))
    assert files(await browse(server)) == []


async def test_a_private_result_stays_private(server: Server) -> None:
    await server.imagine("a secret", private=True)
    await until(lambda: delivered(server))
    await until(lambda: all_told(server))
    (job,) = await server.jobs()
    shown = await browse(server)
    assert "https://discord.com/channels/@me/" in said(shown)
    await press(server, shown, "Send to me")
    await until(lambda: delivered(server))
    await until(lambda: sent_twice(server))
    direct = server.ana.user.dm_channel.history()
    assert said(await server.ana.user.click(direct[-1], label="Details")).startswith(
        f"**#{job.id}**"
    )
    assert server.cards == []


async def test_what_was_made_among_adults_stays_there(server: Server) -> None:
    adults = server.guild.create_text_channel("adults")
    channel = server.session.bot.get_channel(adults.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True  # simcord has no such channels
    await server.ana.slash(adults, "imagine", prompt="a fox")
    (job,) = await server.settled()
    await until(lambda: all_told(server))
    told = await press(server, await browse(server), "Post here")
    assert said(told) == (
        f"#{job.id} was made in an age-restricted channel and is posted only in such ones. "
        "Nothing was charged."
    )


async def test_what_was_posted_twice_is_deleted_twice_and_its_first_card_says_so(
    server: Server,
) -> None:
    await finished(server, "a fox")
    await press(server, await browse(server), "Post here")
    await until(lambda: both_stand(server))
    (direct,) = [one for one in server.cards if one.components]
    await server.ana.react(direct, "❌")
    await until(lambda: says(server, "Deleted by its requester."))
    assert await full_size_places(server) == []


async def both_stand(server: Server) -> bool:
    return len(await full_size_places(server)) == 2 and await delivered(server)


async def sent_twice(server: Server) -> bool:
    return len(server.ana.user.dm_channel.history()) == 2


async def generated(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.GENERATED]
