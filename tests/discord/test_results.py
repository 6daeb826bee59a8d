"""Finished pictures: looked through, posted anew, looked into."""

import simcord

from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from tests.discord.conftest import Server, said, until
from tests.discord.test_ladder import full_size_places
from tests.discord.trouble import behave
from tests.pictures import jpeg


async def finished(server: Server, *prompts: str, **options: object) -> None:
    for prompt in prompts:
        await server.imagine(prompt, **options)
        await server.settled(len(await server.jobs()))


async def browse(server: Server, **options: object) -> simcord.InteractionResult:
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
    assert shown.response is not None
    older = await server.ana.click(shown.response.message, label="Older")
    assert "`first`" in said(older)
    newer = await server.ana.click(older.response.message, label="Newer")
    assert "`second`" in said(newer)
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
    rest = await server.ana.click(shown.response.message, label="More pictures")
    assert [name.partition("-")[2] for name in files(rest)] == [f"{n}.jpg" for n in range(11, 16)]


async def test_what_no_place_took_is_posted_where_its_requester_is(server: Server) -> None:
    server.session.env.inject_error("POST", "*/threads", status=403, code=50013, times=9)
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    injected = server.session.env.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=99
    )
    await until(lambda: says(server, "I could not post it. Your pictures are safe in /results."))
    assert await full_size_places(server) == []
    del injected
    server.session.env.backend.injected_errors.clear()
    shown = await browse(server)
    assert "It has not been posted." in said(shown)
    told = await server.ana.click(shown.response.message, label="Post here")
    (job,) = await server.jobs()
    assert said(told) == f"#{job.id} comes here in a moment."
    await until(lambda: delivered(server))
    assert await full_size_places(server) == [server.art.id]


async def says(server: Server, words: str) -> bool:
    return any(words in card.content for card in server.cards)


async def delivered(server: Server) -> bool:
    return all(job.status is Status.DELIVERED for job in await server.jobs())


async def test_a_cancelled_run_is_there_and_can_be_posted(server: Server) -> None:
    server.session.segmind.behaviour.run_seconds = 1
    await server.imagine("a fox")
    await until(lambda: submitted(server))
    await server.ana.click(
        (await server.ana.slash(server.art, "queue")).response.message, label=None, index=0
    )


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
    text = await own.response.message.attachments[1].read()
    assert text.decode() == prompt.strip()
    others = await server.bob.click(server.results[-1], label="Details")
    assert files(others) == [f"prompt-{job.id}.txt"]
    moderator = server.member("Mo", manage_messages=True)
    assert len(files(await moderator.click(server.results[-1], label="Details"))) == 2


async def test_pictures_lost_from_the_store_are_said_to_be_gone(server: Server) -> None:
    behave(server, Fault(Route.STATUS, Mishap.STATUS, status=500, times=0))
    await server.session.stop_worker()
    await server.imagine("a fox")
