"""/help: one screen for members, a second one for moderators."""

import re

import discord
import pytest
import simcord

from bot.ui.help import MODERATORS as MODERATORS_ID
from bot.ui.texts.help import MODERATORS, Here, members
from tests.discord.conftest import Server, said
from tests.makers import ANA

PHONE_LINES = 20


def button(answer: simcord.InteractionResult) -> str | None:
    assert answer.response is not None
    rows = answer.response.message.components
    return rows[0].children[0].label if rows else None  # type: ignore[union-attr]  # ours


async def test_a_member_is_told_what_to_type_and_what_is_left(server: Server) -> None:
    await server.imagine("a fox", max_images=3)
    answer = await server.ana.slash(server.art, "help")
    told = said(answer)
    assert "**Left to you:** 17 of 20 pictures this hour, 37 of 40 pictures today" in told
    assert "**Report** press and hold the message" in told
    assert told.endswith("\n-# All pictures are made with AI")
    assert button(answer) is None
    assert all(name not in told for name in ("/manage", "showcase set"))


async def test_every_command_there_is_is_named_on_one_of_the_screens(server: Server) -> None:
    screens = said(await server.ana.slash(server.art, "help")) + MODERATORS
    mentioned = set(re.findall(r"`/([a-z ]+)`", screens)) | set(
        re.findall(r"\*\*(Restyle|Report)\*\*", screens)
    )
    tree = server.session.bot.tree
    existing = {one.qualified_name for one in tree.walk_commands()}
    existing |= {one.name for one in tree.get_commands(type=discord.AppCommandType.message)}
    leaves = existing - {"showcase", "manage", "privacy", "help"}
    assert {one for one in leaves if not one.startswith("privacy ")} <= mentioned
    assert mentioned - {"privacy"} <= existing


async def test_moderators_and_only_they_get_a_second_screen(server: Server) -> None:
    mo = server.member("Mo", manage_messages=True)
    answer = await mo.slash(server.art, "help")
    assert button(answer) == "For moderators"
    assert answer.response is not None
    await server.session.restart()
    second = said(await mo.click(answer.response.message, label="For moderators"))
    assert second == MODERATORS


async def test_a_press_made_up_by_a_member_is_refused(server: Server) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="x", custom_id=MODERATORS_ID))
    view.stop()
    channel = server.session.bot.get_partial_messageable(server.art.id)
    message = await channel.send("x", view=view)
    told = said(await server.bob.click(message, label="x"))
    assert told == "You need **Manage Messages** for that."


async def test_it_works_in_direct_messages_too(server: Server) -> None:
    answer = await server.ana.user.slash("help")
    assert "Ask the moderators of the server you know me from." in said(answer)
    assert button(answer) is None


async def test_limits_and_star_are_those_of_the_server(server: Server) -> None:
    store = server.session.parts.store
    await store.change(server.guild.id, 1, {"images_per_hour": 4, "images_per_day": 5})
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, emoji="🌟")
    await server.imagine("a fox")
    told = said(await server.ana.slash(server.art, "help"))
    assert "3 of 4 pictures this hour, 4 of 5 pictures today" in told
    assert "🌟 votes for the showcase" in told
    usage = said(await server.ana.slash(server.art, "usage"))
    assert usage.startswith("This hour: 1 of 4 pictures.")
    assert "19 of 20 pictures this hour" in said(await server.ana.user.slash("help"))


async def test_the_owners_documents_are_linked_when_the_portal_has_them(server: Server) -> None:
    application = server.session.bot.application
    assert application is not None
    application.privacy_policy_url = "https://example.org/privacy"
    application.terms_of_service_url = "https://example.org/terms"
    told = said(await server.ana.slash(server.art, "help"))
    assert told.endswith(
        "made with AI · [Privacy policy](<https://example.org/privacy>) · "
        "[Terms](<https://example.org/terms>)"
    )


@pytest.mark.parametrize("screen", [0, 1])
async def test_a_screen_fits_a_message_and_a_phone(server: Server, screen: int) -> None:
    used = await server.session.parts.store.usage(ANA, None)
    here = Here(
        reroll="<:again_and_again_and_again_and_ag:1234567890123456789>",
        star="<:again_and_again_and_again_and_ag:1234567890123456789>",
        in_server=True,
        privacy_policy="https://example.org/" + "p" * 200,
        terms="https://example.org/" + "t" * 200,
    )
    text = (members(used, here), MODERATORS)[screen]
    assert len(text) <= 2000
    assert len(text.splitlines()) <= PHONE_LINES
