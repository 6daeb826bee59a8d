"""Changing a request: by the Edit button, and with the pictures of a message."""

from typing import Any

import discord
import pytest
import simcord

from bot.domain.job import GenerationRequest, Job, Status
from bot.ui.forms import edit_form
from bot.ui.texts import forms
from tests.discord.conftest import Server, said
from tests.makers import request
from tests.pictures import jpeg
from tests.unit.test_texts import job as some_job

SEA, HAT = ("sea.jpg", jpeg(300, 200)), ("hat.jpg", jpeg(200, 200))


async def made(server: Server, **options: object) -> Job:
    await server.imagine("a fox", **options)
    return (await server.settled())[-1]


async def edited(
    server: Server, values: dict[str, Any], *, by: simcord.MemberActor | None = None
) -> str:
    member = by or server.ana
    form = await member.click(server.results[0], label="Edit")
    return said(await member.submit_modal(form, values))


async def test_what_is_not_changed_stays(server: Server) -> None:
    first = await made(
        server, image1=SEA, size="2K", optimize_prompt="standard", aspect_ratio="1:1"
    )
    selects = [part.component for part in form_of(first.request)]
    chosen = {
        one.custom_id: [option.value for option in one.options if option.default]
        for one in selects
        if isinstance(one, discord.ui.Select)
    }
    assert chosen == {"size": ["2K"], "aspect_ratio": ["1:1"], "max_images": ["1"]}
    shown = {"prompt": "a fox by the sea", **chosen}
    assert (await edited(server, shown)).startswith("In line as #")
    _, second = await server.settled(2)
    changed = (second.request.prompt, second.request.images, second.request.optimize_prompt)
    assert changed == ("a fox by the sea", first.request.images, "standard")
    assert (second.request.size, second.request.aspect_ratio) == ("2K", "1:1")
    assert second.parent_id == first.id
    assert server.results[-1].reference is not None


async def test_new_files_replace_all_of_the_old(server: Server) -> None:
    await made(server, image1=SEA)
    await edited(server, {"prompt": "a hat", "pictures": [HAT], "max_images": ["2"]})
    _, second = await server.settled(2)
    assert [image.name for image in second.request.images] == ["hat.jpg"]
    assert len(second.results) == 2


async def test_anybody_may_edit_and_pays_for_it(server: Server) -> None:
    await made(server, image1=SEA)
    await edited(server, {"prompt": "a fox at night"}, by=server.bob)
    _, second = await server.settled(2)
    assert second.requester.name == "Bob"
    assert "Reroll of Ana's" in server.results[-1].content


async def test_the_form_survives_a_restart(server: Server) -> None:
    await made(server)
    form = await server.ana.click(server.results[0], label="Edit")
    await server.session.restart()
    told = await server.ana.submit_modal(form, {"prompt": "a fox again"})
    assert said(told).startswith("In line as #")


async def test_an_edit_stays_when_an_old_reroll_reaction_is_taken_off(server: Server) -> None:
    await made(server)
    await server.ana.react(server.results[0], "🔁")
    await server.settled(2)
    await server.session.stop_worker()
    await edited(server, {"prompt": "a fox by night"})
    await server.ana.unreact(server.results[0], "🔁")
    assert (await server.jobs())[-1].status is Status.QUEUED


async def test_a_result_whose_pictures_are_gone_shows_no_form(server: Server) -> None:
    job = await made(server)
    message = server.results[0]
    await server.session.parts.store.let_go(-1)
    told = said(await server.ana.click(message, label="Edit"))
    assert told.startswith(f"The stored pictures of #{job.id} are gone")


def form_of(asked: GenerationRequest) -> list[discord.ui.Label[discord.ui.Modal]]:
    parts = edit_form(some_job(request=asked)).children
    return [part for part in parts if isinstance(part, discord.ui.Label)]


@pytest.mark.parametrize(
    ("prompt", "shown", "hint"),
    [("a fox", "a fox", forms.PROMPT_HINT), ("狐" * 3500, None, forms.PROMPT_KEPT)],
)
def test_a_prompt_too_long_for_a_form_is_kept_by_leaving_it_empty(
    prompt: str, shown: str | None, hint: str
) -> None:
    words = form_of(request(prompt=prompt))[0]
    assert isinstance(words.component, discord.ui.TextInput)
    assert (words.component.default, words.description) == (shown, hint)
    assert words.component.required is (shown is not None)


async def restyle(
    server: Server, member: simcord.MemberActor, message: discord.Message
) -> simcord.InteractionResult:
    places = [server.art, *server.art.threads]
    (place,) = [one for one in places if one.id == message.channel.id]
    return await member.context_menu(place, "Restyle", message)


async def test_pictures_of_a_message_come_first_and_more_may_be_added(server: Server) -> None:
    message = await server.ana.send(server.art, "look", attachments=[SEA, ("notes.txt", b"no")])
    form = await restyle(server, server.ana, message)
    told = await server.ana.submit_modal(form, {"prompt": "with the hat", "pictures": [HAT]})
    assert said(told).endswith("Left out, being no pictures: `notes.txt`.")
    (job,) = await server.settled()
    assert [image.name for image in job.request.images] == ["sea.jpg", "hat.jpg"]


async def test_the_form_takes_as_many_more_as_make_ten_together(server: Server) -> None:
    many = [(f"{n}.jpg", jpeg(100, 100)) for n in range(8)]
    message = await server.ana.send(server.art, "look", attachments=many)
    form = await restyle(server, server.ana, message)
    more = [(f"more{n}.jpg", jpeg(100, 100)) for n in range(2)]
    told = said(await server.ana.submit_modal(form, {"prompt": "all of it", "pictures": more}))
    assert told.startswith("In line as #")
    (job,) = await server.settled()
    assert len(job.request.images) == 10


async def test_the_bots_own_results_can_be_restyled_by_anybody(server: Server) -> None:
    await made(server)
    form = await restyle(server, server.bob, server.results[0])
    await server.bob.submit_modal(form, {"prompt": "as a woodcut"})
    _, second = await server.settled(2)
    assert (second.requester.name, len(second.request.images)) == ("Bob", 1)


async def test_other_members_pictures_are_theirs(server: Server) -> None:
    message = await server.ana.send(server.art, "look", attachments=[SEA])
    told = said(await restyle(server, server.bob, message))
    assert told.startswith("I restyle pictures of your own messages and of mine")


async def test_a_message_without_pictures_is_said_to_have_none(server: Server) -> None:
    message = await server.ana.send(server.art, "look")
    assert said(await restyle(server, server.ana, message)).startswith("That message has no pic")
