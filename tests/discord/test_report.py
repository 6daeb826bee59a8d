"""Reports of abuse: they reach somebody who may act, and nobody else."""

import sys
from typing import Any

import discord
import pytest
import simcord

from bot.domain.job import Job
from bot.ui.buttons import Action, custom_id
from bot.ui.reports import report_form
from bot.ui.texts.report import REASON_LIMIT
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import report_rows

THANKS = (
    "Thank you. Your report of #{} is with the moderators; nobody else sees that it came from you."
)
MODERATOR = "You need **Manage Messages** for that."


@pytest.fixture
def mo(server: Server) -> simcord.MemberActor:
    return server.member("Mo", manage_messages=True)


@pytest.fixture
async def room(server: Server) -> simcord.ChannelHandle:
    """A channel that the server's moderators chose."""
    channel = server.guild.create_text_channel("moderators")
    await choose(server, channel)
    return channel


async def choose(server: Server, channel: simcord.ChannelHandle) -> None:
    changed: dict[str, object] = {"moderators_channel_id": channel.id}
    await server.session.parts.store.change(server.guild.id, 1, changed)


async def made(server: Server, prompt: str = "a fox", **options: Any) -> Job:
    await server.imagine(prompt, **options)
    return (await server.settled())[-1]


async def opened(
    server: Server, member: simcord.MemberActor, message: discord.Message
) -> simcord.InteractionResult:
    places = [server.art, server.board, *server.art.threads]
    (place,) = [one for one in places if one.id == message.channel.id]
    return await member.context_menu(place, "Report", message)


async def report(
    server: Server,
    member: simcord.MemberActor,
    reason: str = "not for here",
    message: discord.Message | None = None,
) -> str:
    form = await opened(server, member, message or server.results[0])
    return said(await member.submit_modal(form, {"reason": reason}))


def only(channel: simcord.ChannelHandle) -> discord.Message:
    (message,) = channel.history()
    return message


async def test_a_report_tells_the_moderators_what_who_and_why(
    server: Server, room: simcord.ChannelHandle
) -> None:
    job = await made(server)
    result = server.results[0]
    assert await report(server, server.bob, "it is cruel\nreally") == THANKS.format(job.id)
    posted = only(room)
    assert posted.content == (
        f"**Report** of #{job.id}: {result.jump_url}\n"
        f"Asked for by <@{server.ana.id}> (Ana): `a fox`\n"
        "Reported by Bob:\n```\nit is cruel\nreally\n```"
    )
    assert pings_nobody(server, room)
    (row,) = posted.components
    assert isinstance(row, discord.ActionRow)
    labels = [one.label for one in row.children if isinstance(one, discord.Button)]
    assert labels == ["Delete", "Block for 24 hours"]
    assert server.cards[0].content.count("Report") == 0


def pings_nobody(server: Server, channel: simcord.ChannelHandle) -> bool:
    path = f"/channels/{channel.id}/messages"
    sent = [one.json for one in server.session.env.http_requests if one.path.endswith(path)]
    allowed = [one["allowed_mentions"] for one in sent if one]
    return bool(allowed) and all(one == {"parse": []} for one in allowed)


async def test_card_result_and_showcase_entry_can_be_reported(
    server: Server, room: simcord.ChannelHandle
) -> None:
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, threshold=1)
    job = await made(server)
    await server.bob.react(server.results[0], "⭐")
    await until(lambda: shown(server))
    entry = only(server.board)
    for member, message in (
        (server.bob, server.cards[0]),
        (server.carl, server.results[0]),
        (server.dora, entry),
    ):
        assert await report(server, member, message=message) == THANKS.format(job.id)
    links = [one.content.split("\n")[0] for one in room.history()]
    assert links == [
        f"**Report** of #{job.id}: {one.jump_url}"
        for one in (server.cards[0], server.results[0], entry)
    ]


async def shown(server: Server) -> bool:
    return len(server.board.history()) == 1


async def test_what_is_no_jobs_message_is_refused_in_words(
    server: Server, room: simcord.ChannelHandle
) -> None:
    await made(server)
    theirs = await server.ana.send(server.art, "hello")
    own = await server.session.bot.get_partial_messageable(server.art.id).send("hello too")
    for message in (theirs, own):
        told = said(await opened(server, server.bob, message))
        assert told.startswith("Only my cards, results and showcase entries can be reported")
    await report(server, server.bob)
    about_reports = await server.dora.context_menu(room, "Report", only(room))
    assert said(about_reports).startswith("Only my cards, results and showcase entries")


async def test_nothing_in_a_report_renders_or_pings(
    server: Server, room: simcord.ChannelHandle
) -> None:
    nasty = f"```\n@everyone <@{server.dora.id}> **x** || [a](https://b.example) ` "
    job = await made(server, nasty, image1=("SPOILER_a.jpg", jpeg(300, 200)))
    eve = server.guild.add_member(server.session.env.create_user("**@here** <@1> `"))
    assert await report(server, eve, nasty) == THANKS.format(job.id)
    posted = only(room)
    _, prompt, by, *quoted = posted.content.split("\n")
    assert pings_nobody(server, room)
    assert prompt.startswith(f"Asked for by <@{server.ana.id}> (Ana): ||`ˋˋˋ @everyone")
    assert prompt.endswith("`||")
    assert prompt.count("`") == 2
    assert prompt.count("||") == 2
    assert r"\*\*@" in by
    assert "@here" not in by
    assert quoted[0] == quoted[-1] == "```"
    assert "`" not in "".join(quoted[1:-1])


async def test_the_longest_report_fits_a_message(
    server: Server, room: simcord.ChannelHandle
) -> None:
    await made(server, "狐" * 4000)
    eve = server.guild.add_member(server.session.env.create_user("*" * 32))
    told = await report(server, eve, "`" * REASON_LIMIT)
    assert told.startswith("Thank you.")
    assert only(room).content.endswith("ˋ\n```")


async def test_a_form_opened_before_a_restart_still_counts(
    server: Server, room: simcord.ChannelHandle
) -> None:
    job = await made(server)
    form = await opened(server, server.bob, server.results[0])
    await server.session.restart()
    told = said(await server.bob.submit_modal(form, {"reason": "no"}))
    assert told == THANKS.format(job.id)
    await server.session.restart()
    mo = server.member("Mo", manage_messages=True)
    told = said(await mo.click(only(room), label="Delete"))
    assert told.startswith(f"Delete #{job.id} and its picture for good")


class TestRights:
    async def test_a_moderator_deletes_from_the_report_after_being_asked(
        self, server: Server, room: simcord.ChannelHandle, mo: simcord.MemberActor
    ) -> None:
        await made(server)
        await report(server, server.bob)
        question = await mo.click(only(room), label="Delete")
        assert question.response is not None
        await mo.click(question.response.message, label="Delete for good")
        await until(lambda: nothing_left(server))
        assert "Deleted by a moderator." in server.cards[0].content

    async def test_a_moderator_blocks_the_requester_for_a_day(
        self, server: Server, room: simcord.ChannelHandle, mo: simcord.MemberActor
    ) -> None:
        job = await made(server)
        await report(server, server.bob)
        told = said(await mo.click(only(room), label="Block for 24 hours"))
        assert told.startswith(f"Ana is blocked in the server of #{job.id}. That ends <t:")
        assert (await server.imagine()).startswith("A moderator has blocked you")
        state = await server.session.parts.store.state(server.guild.id)
        (change,) = [one for one in state.changes if one.what["action"] == "block"]
        assert change.user_id == mo.id
        assert change.what["reason"] == f"report of #{job.id}"
        server.session.parts.database.shift = 24 * 3600 + 1
        assert (await server.imagine()).startswith("In line")

    async def test_what_is_not_made_yet_is_cancelled_on_its_card(
        self, server: Server, room: simcord.ChannelHandle, mo: simcord.MemberActor
    ) -> None:
        server.session.segmind.behaviour.run_seconds = 30
        for number in range(3):
            await server.imagine(f"fox {number}")
        await until(lambda: all_have_cards(server))
        job = (await server.jobs())[-1]
        (card,) = [one for one in server.cards if job.request.prompt in one.content]
        assert await report(server, server.bob, message=card) == THANKS.format(job.id)
        told = said(await mo.click(only(room), label="Delete"))
        assert told.startswith(f"#{job.id} is not made yet: cancel it on its card")
        told = said(await mo.click(card, label="Cancel"))
        assert told.startswith(f"#{job.id} is cancelled.")

    async def test_a_longer_block_is_not_made_shorter(
        self, server: Server, room: simcord.ChannelHandle, mo: simcord.MemberActor
    ) -> None:
        await made(server)
        await report(server, server.bob)
        store = server.session.parts.store
        until_then = await store.block(server.guild.id, server.ana.id, mo.id, hours=99, reason="")
        told = said(await mo.click(only(room), label="Block for 24 hours"))
        assert f"<t:{int(until_then) + 1}:R>" in told
        standing = await store.standing_of(server.guild.id, server.ana.id)
        assert standing.blocked_until == until_then

    @pytest.mark.parametrize("manages", [False, True])
    async def test_neither_members_nor_managers_without_the_right_may(
        self, server: Server, room: simcord.ChannelHandle, manages: bool
    ) -> None:
        await made(server)
        await report(server, server.bob)
        member = server.member("Max", manage_guild=manages)
        assert said(await member.click(only(room), label="Block for 24 hours")) == MODERATOR
        told = said(await member.click(only(room), label="Delete"))
        assert told.startswith("Only Ana or a moderator can do that.")
        assert (await server.imagine()).startswith("In line")

    @pytest.mark.parametrize("action", [Action.DELETE, Action.DELETE_SURE, Action.BLOCK])
    async def test_buttons_made_up_in_another_server_do_nothing(
        self, server: Server, action: Action
    ) -> None:
        """Whoever moderates there has forged a job's id into a press."""
        job = await made(server)
        eve, place = elsewhere(server)
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="x", custom_id=custom_id(action, job.id)))
        view.stop()
        message = await server.session.bot.get_partial_messageable(place.id).send("x", view=view)
        told = said(await eve.click(message, label="x"))
        assert told.startswith(("Only Ana or a moderator can do that.", MODERATOR))
        assert len(server.results) == 1
        assert (await server.imagine()).startswith("In line")

    @pytest.mark.usefixtures("room")
    async def test_who_is_blocked_may_report(self, server: Server) -> None:
        await made(server)
        await server.session.parts.store.block(
            server.guild.id, server.bob.id, 1, hours=5, reason="spam"
        )
        assert (await report(server, server.bob)).startswith("Thank you.")


async def all_have_cards(server: Server) -> bool:
    return len(server.cards) == len(await server.jobs())


async def nothing_left(server: Server) -> bool:
    return server.results == [] and "Deleted" in server.cards[0].content


def elsewhere(server: Server) -> tuple[simcord.MemberActor, simcord.ChannelHandle]:
    """Make another server and somebody with all rights there."""
    other = server.session.env.create_guild(name="Else_where_")
    role = other.create_role("all", permissions=discord.Permissions.all())
    eve = other.add_member(server.session.env.create_user("Eve"), roles=[role])
    return eve, other.create_text_channel("office")


async def test_another_server_cannot_report_or_read_what_is_ours(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id of a message of ours was forged into a form that was opened there."""
    job = await made(server)
    eve, place = elsewhere(server)
    await eve.slash(place, "imagine", prompt="a cat")
    await server.settled(2)
    (card,) = [one for one in place.history() if not one.is_system()]
    changed: dict[str, object] = {"moderators_channel_id": place.id}
    await server.session.parts.store.change(place_guild(place), eve.id, changed)
    ours = server.results[0].id
    cog = sys.modules["cogs.report"]
    monkeypatch.setattr(cog, "report_form", lambda _, job: report_form(ours, job))
    form = await eve.context_menu(place, "Report", card)
    told = said(await eve.submit_modal(form, {"reason": "show me"}))
    assert told.startswith("Only my cards, results and showcase entries")
    assert "Your words:\n```\nshow me\n```" in told
    assert all(job.id not in one.content for one in place.history())


def place_guild(place: simcord.ChannelHandle) -> int:
    guild_id = place.history()[0].guild
    assert guild_id is not None
    return guild_id.id


class TestLimit:
    async def test_one_of_a_member_and_job(
        self, server: Server, room: simcord.ChannelHandle
    ) -> None:
        job = await made(server)
        form = await opened(server, server.bob, server.results[0])
        await report(server, server.bob)
        told = said(await server.bob.submit_modal(form, {"reason": "again"}))
        assert told.startswith(f"You have reported #{job.id} already; the moderators know.")
        told = said(await opened(server, server.bob, server.cards[0]))
        assert told == f"You have reported #{job.id} already; the moderators know."
        assert len(room.history()) == 1
        assert (await report(server, server.carl)).startswith("Thank you.")

    @pytest.mark.usefixtures("room")
    async def test_five_of_a_member_and_hour(self, server: Server) -> None:
        for number in range(6):
            await server.imagine(f"fox {number}")
        await server.settled(6)
        *first, last = server.cards
        for card in first:
            assert (await report(server, server.bob, message=card)).startswith("Thank you.")
        told = said(await opened(server, server.bob, last))
        assert told.startswith(
            "You have sent 5 reports within an hour, the most I take. The next one <t:"
        )
        server.session.parts.database.shift = 3601
        assert (await report(server, server.bob, message=last)).startswith("Thank you.")


async def test_without_an_alert_channel_the_owner_reads_and_acts_by_direct_message(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await made(server)
    bot = server.session.bot
    application = await bot.application_info()
    application.owner = discord.Object(server.dora.id)  # type: ignore[assignment]  # has an id

    async def asked() -> discord.AppInfo:
        return application

    monkeypatch.setattr(bot, "application_info", asked)
    monkeypatch.setattr(bot, "_application", application)
    assert await report(server, server.bob) == THANKS.format(job.id)
    dora = server.dora.user
    assert only(dora.dm_channel).content.startswith(f"**Report** of #{job.id} in Studio: https://")
    told = said(await dora.click(only(dora.dm_channel), label="Block for 24 hours"))
    assert told.startswith(f"Ana is blocked in the server of #{job.id}.")
    assert (await server.imagine()).startswith("A moderator has blocked you")


class TestWhere:
    """Without a moderators' channel that takes it, a report goes where the owner is told."""

    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"alert_channel_id": 777}

    @pytest.fixture
    def there(self, server: Server) -> tuple[simcord.MemberActor, simcord.ChannelHandle]:
        return elsewhere(server)

    @pytest.fixture
    def owner(
        self, server: Server, there: tuple[simcord.MemberActor, simcord.ChannelHandle]
    ) -> simcord.MemberActor:
        eve, _ = there
        application = server.session.bot.application
        assert application is not None
        application.owner = discord.Object(eve.id)  # type: ignore[assignment]  # has an id
        return eve

    @pytest.fixture
    def office(
        self, server: Server, there: tuple[simcord.MemberActor, simcord.ChannelHandle]
    ) -> simcord.ChannelHandle:
        """The channel where the owner is told, in a server of theirs."""
        _, channel = there
        reports = server.session.bot.services.reports
        reports._room._owner._channel_id = channel.id  # type: ignore[attr-defined]  # noqa: SLF001 - its id is known only now
        return channel

    async def test_none_chosen(self, server: Server, office: simcord.ChannelHandle) -> None:
        job = await made(server)
        await report(server, server.bob)
        assert only(office).content.startswith(f"**Report** of #{job.id} in Studio: https://")

    async def test_the_chosen_one_is_gone(
        self, server: Server, room: simcord.ChannelHandle, office: simcord.ChannelHandle
    ) -> None:
        job = await made(server)
        server.session.env.backend.delete_channel(room.id)
        assert await report(server, server.bob) == THANKS.format(job.id)
        assert "#" + job.id in only(office).content

    async def test_the_bot_may_not_post_there(
        self, server: Server, office: simcord.ChannelHandle
    ) -> None:
        closed = discord.PermissionOverwrite(send_messages=False)
        room = server.guild.create_text_channel(
            "closed", overwrites={server.guild.default_role: closed}
        )
        await choose(server, room)
        job = await made(server)
        assert await report(server, server.bob) == THANKS.format(job.id)
        assert "#" + job.id in only(office).content
        assert room.history() == []

    async def test_a_channel_of_another_server_is_not_told(
        self, server: Server, office: simcord.ChannelHandle
    ) -> None:
        _, foreign = elsewhere(server)
        await choose(server, foreign)
        await made(server)
        await report(server, server.bob)
        assert foreign.history() == []
        assert len(office.history()) == 1

    async def test_the_owner_may_act_from_there_and_nobody_else(
        self, server: Server, office: simcord.ChannelHandle, owner: simcord.MemberActor
    ) -> None:
        job = await made(server)
        await report(server, server.bob)
        role = owner.guild.create_role("all", permissions=discord.Permissions.all())
        other = owner.guild.add_member(server.session.env.create_user("Olaf"), roles=[role])
        assert said(await other.click(only(office), label="Block for 24 hours")) == MODERATOR
        assert said(await other.click(only(office), label="Delete")).startswith("Only Ana or a mod")
        told = said(await owner.click(only(office), label="Block for 24 hours"))
        assert told.startswith(f"Ana is blocked in the server of #{job.id}.")
        assert (await server.imagine()).startswith("A moderator has blocked you")
        question = await owner.click(only(office), label="Delete")
        assert question.response is not None
        await owner.click(question.response.message, label="Delete for good")
        await until(lambda: nothing_left(server))

    async def test_nobody_can_be_told_and_the_reporter_knows_it(
        self, server: Server, room: simcord.ChannelHandle, office: simcord.ChannelHandle
    ) -> None:
        job = await made(server)
        for channel, status in ((room, 403), (office, 503)):
            path = f"/channels/{channel.id}/messages"
            server.session.env.inject_error("POST", path, status=status, times=None)
        told = await report(server, server.bob, "look at this")
        assert told == (
            "I could not pass your report on: please tell a moderator of this server yourself. "
            "You can also try again later.\nYour words:\n```\nlook at this\n```"
        )
        assert await report_rows(server.session.parts.database) == []
        server.session.env.backend.faults.clear()
        assert await report(server, server.bob) == THANKS.format(job.id)
