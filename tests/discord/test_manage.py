"""`/manage`: status, pause, block, cancel, by whoever may."""

from collections.abc import Sequence

import pytest
import simcord

from bot.domain.job import Status
from tests.discord.conftest import Server, said, until
from tests.storage_views import budget_rows, lane_rows


@pytest.fixture
def mo(server: Server) -> simcord.MemberActor:
    return server.member("Mo", manage_messages=True)


async def manage(
    actor: simcord.MemberActor, server: Server, command: str, **options: object
) -> str:
    return said(await actor.slash(server.art, f"manage {command}", **options))


async def waiting(server: Server, count: int = 2) -> None:
    """Have Ana's requests wait behind two that run long."""
    server.session.segmind.behaviour.run_seconds = 30
    for number in range(2 + count):
        await server.imagine(f"fox {number}")
    await until(lambda: two_run(server))


async def two_run(server: Server) -> bool:
    return sum(job.status is Status.SUBMITTED for job in await server.jobs()) == 2


async def statuses(server: Server) -> Sequence[Status]:
    return [job.status for job in await server.jobs()]


async def test_a_pause_holds_what_waits_and_refuses_what_is_new_with_its_reason(
    server: Server, mo: simcord.MemberActor
) -> None:
    await waiting(server)
    told = await manage(mo, server, "pause", reason="raid, back at nine")
    assert told.startswith("Pictures are paused in this server. 2 requests keep their places")
    refused = await server.imagine("another fox")
    assert refused.startswith(
        "Pictures are paused here by a moderator: `raid, back at nine`. "
        "Try again when they are on again. Nothing was charged."
    )
    await until(lambda: card_says(server, "a moderator paused them (`raid, back at nine`)", 2))
    assert await manage(mo, server, "resume") == (
        "Pictures are on again in this server; 2 waiting requests go on."
    )
    await until(lambda: card_says(server, "Pictures are paused", 0))
    assert (await lane_rows(server.session.parts.database))[0].queued == 2
    assert (await server.imagine("another fox")).startswith("In line")


async def card_says(server: Server, text: str, count: int) -> bool:
    return sum(text in card.content for card in server.cards) == count


async def test_held_requests_start_after_the_pause_and_nobody_else_waits_behind_them(
    server: Server, mo: simcord.MemberActor
) -> None:
    other = server.session.env.create_guild(name="Elsewhere")
    eve = other.add_member(server.session.env.create_user("Eve"))
    channel = other.create_text_channel("there")
    server.session.segmind.behaviour.run_seconds = 0.6
    for number in range(4):
        await server.imagine(f"fox {number}")
    await manage(mo, server, "pause", reason="wait")
    said(await eve.slash(channel, "imagine", prompt="a cat"))
    await until(lambda: is_delivered(server, "a cat"))
    held = [job for job in await server.jobs() if job.held]
    assert held
    assert all(job.status is Status.QUEUED for job in held)
    await manage(mo, server, "resume")
    await server.settled(5)
    assert set(await statuses(server)) == {Status.DELIVERED}


async def is_delivered(server: Server, prompt: str) -> bool:
    return any(
        job.request.prompt == prompt and job.status is Status.DELIVERED
        for job in await server.jobs()
    )


async def test_a_held_request_can_be_cancelled_and_counts_stay_right(
    server: Server, mo: simcord.MemberActor
) -> None:
    await waiting(server)
    await manage(mo, server, "pause", reason="wait")
    assert await manage(mo, server, "cancel") == (
        "2 waiting requests are cancelled; the money is back. What is being made already goes on."
    )
    await manage(mo, server, "resume")
    assert (await lane_rows(server.session.parts.database))[0].queued == 0
    await server.session.parts.store.reconcile()
    assert (await lane_rows(server.session.parts.database))[0].queued == 0


async def test_a_blocked_member_makes_nothing_and_counts_for_nothing_until_it_ends(
    server: Server, mo: simcord.MemberActor
) -> None:
    await server.imagine("a fox")
    (job,) = await server.settled()
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, threshold=1)
    told = await manage(mo, server, "block", member=server.bob, hours=2, reason="spam")
    assert told.startswith(f"<@{server.bob.id}> cannot use me here until it ends <t:")
    assert "No request was waiting." in told
    refused = said(await server.bob.slash(server.art, "imagine", prompt="a cat"))
    assert refused.startswith("A moderator has blocked you from using me here. That ends <t:")
    assert said(await server.bob.click(server.results[0], label="Reroll")).startswith("A moderator")
    assert said(await server.bob.click(server.results[0], label="Edit")).startswith("A moderator")
    assert said(await server.bob.slash(server.art, "compose")).startswith("A moderator")
    await server.bob.react(server.results[0], "🔁")
    await server.bob.react(server.results[0], "⭐")
    assert [one.id for one in await server.jobs()] == [job.id]
    assert server.board.history() == []
    server.session.parts.database.shift = 2 * 3600 + 1
    assert said(await server.bob.slash(server.art, "imagine", prompt="a cat")).startswith("In line")


async def test_blocking_cancels_what_waits_and_unblocking_lets_in_again(
    server: Server, mo: simcord.MemberActor
) -> None:
    await waiting(server)
    told = await manage(mo, server, "block", member=server.ana)
    assert told.endswith("2 waiting requests are cancelled; the money is back.")
    assert (await statuses(server)).count(Status.CANCELLED) == 2
    reserved = {row.reserved for row in await budget_rows(server.session.parts.database)}
    assert reserved == {2 * 35_000}
    assert await manage(mo, server, "unblock", member=server.ana) == (
        f"<@{server.ana.id}> may use me here again."
    )
    assert await manage(mo, server, "unblock", member=server.ana) == "They are not blocked here."


async def test_what_moderators_do_here_touches_no_other_server(
    server: Server, mo: simcord.MemberActor
) -> None:
    other = server.session.env.create_guild(name="Elsewhere")
    bob = other.add_member(server.bob.user)
    channel = other.create_text_channel("there")
    await manage(mo, server, "pause", reason="wait")
    await manage(mo, server, "block", member=server.bob)
    said_there = said(await bob.slash(channel, "imagine", prompt="a cat"))
    assert said_there.startswith("In line")
    await manage(mo, server, "cancel")
    await server.settled()
    assert await statuses(server) == [Status.DELIVERED]


async def test_status_says_what_is_spent_by_whom_with_a_chart(
    server: Server, mo: simcord.MemberActor
) -> None:
    await server.imagine("a fox", max_images=2)
    await server.settled()
    await manage(mo, server, "pause", reason="tea")
    answer = await mo.slash(server.art, "manage status")
    told = said(answer)
    assert "**Today** $0.07 of $5.00, **this month** $0.07 of $50.00." in told
    assert "**Requests** 0 being made, 0 waiting." in told
    assert "**Segmind** takes requests; credit $" in told
    assert "**Paused**: `tea`" in told
    assert f"1. <@{server.ana.id}> $0.07" in told
    assert f"<@{mo.id}> paused pictures" in told
    assert answer.response is not None
    (chart,) = answer.response.attachments
    assert (await chart.read()).startswith(b"\x89PNG")
    assert chart.description is not None
    assert "most on" in chart.description


async def test_only_moderators_may_and_everywhere_only_the_owner(
    server: Server, mo: simcord.MemberActor
) -> None:
    assert "manage status" not in server.bob.available_commands(server.art)
    with pytest.raises(simcord.SetupError):
        await server.bob.slash(server.art, "manage status")
    told = await manage(mo, server, "pause", reason="x", everywhere=True)
    assert told == "You need **to own the bot** for that."
    assert (await server.imagine("a fox")).startswith("In line")


async def test_a_servers_own_command_permissions_make_nobody_a_moderator(server: Server) -> None:
    known = await server.session.bot.tree.fetch_commands()
    (command,) = [one for one in known if one.name == "manage"]
    server.guild.set_command_permissions(command, {server.bob: True})
    for name, options in (("status", {}), ("cancel", {}), ("pause", {"reason": "x"})):
        told = await manage(server.bob, server, name, **options)
        assert told == "You need **Manage Messages** for that."


async def test_the_owner_pauses_all_servers(server: Server) -> None:
    owner = server.member("Olga", manage_messages=True)
    server.session.bot.owner_id = owner.id
    told = await manage(owner, server, "pause", reason="moving house", everywhere=True)
    assert told.startswith("Pictures are paused in all servers.")
    other = server.session.env.create_guild(name="Elsewhere")
    eve = other.add_member(server.session.env.create_user("Eve"))
    channel = other.create_text_channel("there")
    assert "moving house" in said(await eve.slash(channel, "imagine", prompt="a cat"))
    await manage(owner, server, "resume", everywhere=True)
    assert said(await eve.slash(channel, "imagine", prompt="a cat")).startswith("In line")
