"""Whoever is not in a server spends none of its money, wherever its results may have got to."""

import discord
import simcord

from bot.domain.job import Status
from tests.discord.conftest import Server, said, until
from tests.discord.test_elsewhere import in_direct_message
from tests.discord.test_results import finished


async def posted_elsewhere(
    server: Server,
) -> tuple[simcord.MemberActor, simcord.GuildHandle, discord.Message]:
    """Have Ana post her result in another server too; return a member of that, and the copy."""
    guild = server.session.env.create_guild(name="Elsewhere")
    channel = guild.create_text_channel("there")
    eve = guild.add_member(server.session.env.create_user("Eve"))
    ana = guild.add_member(server.ana.user)
    await finished(server, "a fox")
    answer = await ana.slash(channel, "results")
    assert answer.response is not None
    await ana.click(answer.response.message, label="Post here")

    async def stands() -> bool:
        (job,) = await server.jobs()
        return bool(channel.history()) and job.status is Status.DELIVERED

    await until(stands)
    return eve, guild, channel.history()[-1]


def direct(server: Server) -> discord.Message:
    return [one for one in server.ana.user.dm_channel.history() if one.components][-1]


async def test_a_result_posted_in_another_server_is_not_made_again_from_there(
    server: Server,
) -> None:
    eve, _, copy = await posted_elsewhere(server)
    (job,) = await server.jobs()
    refused = f"#{job.id} can be made again in the server it was made in, by its members."
    for label in ("Reroll", "Edit"):
        assert refused in said(await eve.click(copy, label=label))
    await eve.react(copy, "🔁")
    assert len(await server.jobs()) == 1


async def test_moderators_elsewhere_delete_only_the_copy(server: Server) -> None:
    _, guild, copy = await posted_elsewhere(server)
    await server.session.bot.services.removal.message_gone(guild.id, copy.id)
    (job,) = await server.jobs()
    assert job.deleted_by is None


async def test_who_left_does_not_spend_from_direct_messages(server: Server) -> None:
    await in_direct_message(server)
    count = len(await server.jobs())
    assert said(await server.ana.user.click(direct(server), label="Reroll")).startswith("Rerolling")
    await server.settled(count + 1)
    server.guild.remove_member(server.ana.user)
    refused = said(await server.ana.user.click(direct(server), label="Reroll"))
    assert "can be made again in the server it was made in" in refused
    assert len(await server.jobs()) == count + 1


async def test_a_reroll_by_reaction_in_a_direct_message_keeps_the_members_name(
    server: Server,
) -> None:
    await in_direct_message(server)
    count = len(await server.jobs())
    result = direct(server)
    server.session.env.backend.add_reaction(result.channel.id, result.id, "🔁", server.ana.id)
    jobs = await server.settled(count + 1)
    assert {job.requester.name for job in jobs} == {"Ana"}
