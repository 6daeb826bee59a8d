"""The form: the same request as /imagine, easier on a phone."""

import discord
import simcord

from bot.domain.job import Status
from tests.discord.conftest import Server, said
from tests.pictures import jpeg

FILES = [("sea.jpg", jpeg(300, 200)), ("hat.jpg", jpeg(200, 200)), ("cat.jpg", jpeg(200, 300))]


async def opened(server: Server) -> simcord.InteractionResult:
    return await server.ana.slash(server.art, "compose")


async def test_a_form_becomes_a_job_with_the_files_in_the_order_they_were_chosen(
    server: Server,
) -> None:
    form = await opened(server)
    told = await server.ana.submit_modal(
        form,
        {
            "prompt": "a cat with a hat by the sea",
            "pictures": FILES,
            "aspect_ratio": ["21:9"],
            "size": ["2K"],
            "max_images": ["2"],
        },
    )
    assert said(told).startswith("In line as #")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    request = job.request
    assert [image.name for image in request.images] == ["sea.jpg", "hat.jpg", "cat.jpg"]
    assert (request.prompt, request.aspect_ratio) == ("a cat with a hat by the sea", "21:9")
    assert (request.size, request.max_images) == ("2K", 2)


async def test_what_is_left_open_is_the_models_default(server: Server) -> None:
    await server.ana.submit_modal(await opened(server), {"prompt": "a fox", "pictures": FILES[:1]})
    (job,) = await server.settled()
    assert (job.request.aspect_ratio, job.request.size, job.request.max_images) == ("3:2", "3K", 1)


async def test_a_form_opened_before_a_restart_still_counts(server: Server) -> None:
    form = await opened(server)
    await server.session.restart()
    assert said(await server.ana.submit_modal(form, {"prompt": "a fox"})).startswith("In line as #")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED


async def test_a_refusal_gives_the_words_back(server: Server) -> None:
    form = await opened(server)
    told = said(
        await server.ana.submit_modal(form, {"prompt": "a fox", "pictures": [("a.txt", b"text")]})
    )
    assert told == (
        "`a.txt` (picture 1) cannot be used: it is not a picture. Nothing was charged.\n"
        "Your prompt:\n```\na fox\n```"
    )


async def test_where_the_bot_may_not_post_no_form_is_shown(server: Server) -> None:
    closed = server.guild.create_text_channel(
        "quiet",
        overwrites={server.guild.default_role: discord.PermissionOverwrite(attach_files=False)},
    )
    shown = await server.ana.slash(closed, "compose")
    assert "**Attach Files** is missing" in said(shown)
