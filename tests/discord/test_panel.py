"""The panel of settings: nothing holds before it is saved, and what is saved is honoured."""

from typing import Any

import pytest
import simcord

from bot.domain.servers import ResultsIn, RoleRule, ServerSettings, Who
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import audit_rows


@pytest.fixture
def mara(server: Server) -> simcord.MemberActor:
    return server.member("Mara", manage_guild=True, manage_messages=True)


class Panel:
    """A panel as a manager has it before them."""

    def __init__(self, manager: simcord.MemberActor, message: simcord.ResponseMessage) -> None:
        self.manager, self.message = manager, message

    @classmethod
    async def open(cls, server: Server, manager: simcord.MemberActor) -> "Panel":
        answer = await manager.slash(server.art, "manage settings")
        assert answer.response is not None
        assert answer.response.ephemeral
        return cls(manager, answer.response)

    async def choose(self, part: str, *values: Any) -> None:
        await self.manager.select(self.message, list(values), custom_id=f"set:{part}")

    async def press(self, part: str) -> simcord.InteractionResult:
        return await self.manager.click(self.message, custom_id=f"set:{part}")

    async def fill(self, **values: Any) -> simcord.InteractionResult:
        shown = await self.press("numbers")
        return await self.manager.submit_modal(shown, values)

    async def fill_role(self, role: object, **values: Any) -> simcord.InteractionResult:
        shown = await self.manager.select(self.message, [role], custom_id="set:role")
        return await self.manager.submit_modal(shown, values)

    @property
    def text(self) -> str:
        return str(self.message.components)


async def settings(server: Server) -> ServerSettings:
    return (await server.session.parts.store.standing_of(server.guild.id, 0)).settings


async def test_changes_are_shown_before_they_are_saved_and_noted_with_who(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    assert "Nothing is changed." in panel.text
    await panel.choose("results", "channel")
    await panel.choose("channels", server.art)
    assert "results: in a thread of the card → in the channel itself" in panel.text
    assert f"channels: all → <#{server.art.id}>" in panel.text
    assert (await settings(server)) == ServerSettings()
    await panel.press("save")
    assert "Saved." in panel.text
    found = await settings(server)
    assert (found.results, found.channels) == (ResultsIn.CHANNEL, (server.art.id,))
    (noted,) = await audit_rows(server.session.parts.database)
    assert (noted.user_id, noted.guild_id) == (mara.id, server.guild.id)
    assert noted.what["changed"] == {"results": "channel", "channels": [server.art.id]}


async def test_discard_and_a_new_panel_start_from_what_holds(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("restyle", "everyone")
    await panel.press("discard")
    assert "Nothing is changed." in panel.text
    await panel.choose("restyle", "everyone")
    assert "Nothing is changed." in (await Panel.open(server, mara)).text


async def test_saved_twice_changes_once_and_two_managers_do_not_undo_each_other(
    server: Server, mara: simcord.MemberActor
) -> None:
    max_ = server.member("Max", manage_guild=True, manage_messages=True)
    hers, his = await Panel.open(server, mara), await Panel.open(server, max_)
    await hers.choose("results", "channel")
    await his.choose("restyle", "everyone")
    await hers.press("save")
    await his.press("save")
    await server.session.bot.services.moderation.save(server.guild.id, mara.id)
    found = await settings(server)
    assert (found.results, found.restyle) == (ResultsIn.CHANNEL, Who.EVERYONE)
    assert len(await audit_rows(server.session.parts.database)) == 2


async def test_whoever_was_demoted_meanwhile_saves_nothing(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("results", "channel")
    server.session.env.backend.guilds[server.guild.id].members[mara.id].role_ids.clear()
    answer = await panel.press("save")
    assert said(answer).startswith("You need **Manage Server** for that.")
    assert (await settings(server)) == ServerSettings()


async def test_moderators_without_manage_server_open_no_panel(server: Server) -> None:
    moderator = server.member("Mo", manage_messages=True)
    told = said(await moderator.slash(server.art, "manage settings"))
    assert told == "You need **Manage Server** for that."


async def test_words_budgets_and_limits_come_by_form(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.fill(words="Dragon, wyrm", budgets="0.07 / 20", limits="/ 3")
    assert "budget a day: as the owner has it → $0.07" in panel.text
    await panel.press("save")
    found = await settings(server)
    assert found.blocked_words == ("Dragon", "wyrm")
    assert (found.budget_day, found.budget_month) == (70_000, 20_000_000)
    assert (found.images_per_hour, found.images_per_day) == (None, 3)
    refused = await server.imagine("a DRÅGON")
    assert "content rules" in refused or "word" in refused
    assert "dragon" not in refused.lower().split("your prompt")[0]
    assert (await server.imagine("a fox")).startswith("In line")
    assert (await server.imagine("a cat")).startswith("In line")
    assert (await server.imagine("a dog")).startswith(
        "This server has used today's picture budget ($0.07 of $0.07)."
    )


async def test_a_list_of_words_comes_by_file_and_what_is_none_is_refused(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    listed = "\n".join(f"word{number}x" for number in range(10_000)).encode()
    await panel.fill(words="", budgets="", limits="", file=[("words.txt", listed)])
    await panel.press("save")
    assert len((await settings(server)).blocked_words) == 10_000
    for wrong in ("five", "5", "5 / -1", "1e3 / 2", "5 / 5 / 5"):
        answer = await panel.fill(words="", budgets=wrong, limits="")
        assert said(answer).startswith(f"I cannot read `{wrong}`: write two numbers")
    answer = await panel.fill(words="", budgets="", limits="", file=[("x.txt", b"\xff\xfe\x00")])
    assert said(answer).startswith("I cannot read `x.txt`")


async def test_a_list_too_long_to_be_shown_stays_when_something_else_is_changed(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    listed = "\n".join(f"word{number}x" for number in range(500)).encode()
    await panel.fill(words="", budgets="", limits="", file=[("words.txt", listed)])
    await panel.press("save")
    await panel.fill(words="", budgets="4 / 40", limits="")
    await panel.press("save")
    found = await settings(server)
    assert (found.budget_day, len(found.blocked_words)) == (4_000_000, 500)


async def test_results_in_the_channel_open_no_thread(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("results", "channel")
    await panel.press("save")
    await server.imagine("a fox")
    await server.settled()
    assert server.art.threads == []
    assert any(
        not one.filename.startswith("preview") for card in server.cards for one in card.attachments
    )


async def test_threads_are_archived_after_what_was_chosen(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("archive_minutes", "60")
    await panel.press("save")
    await server.imagine("a fox")
    await server.settled()
    (thread,) = server.art.threads
    channel = server.session.bot.get_channel(thread.id)
    assert channel is not None
    assert channel.auto_archive_duration == 60  # type: ignore[union-attr]


async def test_elsewhere_than_in_the_chosen_channels_nothing_is_made(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("channels", server.board)
    await panel.press("save")
    for command, options in (("imagine", {"prompt": "a fox"}), ("compose", {})):
        refused = said(await server.ana.slash(server.art, command, **options))
        assert refused.startswith(f"In this server I am used in <#{server.board.id}>.")
    assert said(await server.ana.slash(server.board, "imagine", prompt="a fox")).startswith("In l")
    await server.settled()
    (thread,) = server.board.threads
    await server.bob.react(thread.history()[-1], "🔁")
    assert len(await server.settled(2)) == 2


@pytest.mark.parametrize(
    ("who", "refused"), [("own", "Only Ana can do that."), ("role", "In this")]
)
async def test_rerolls_may_be_for_the_requester_or_a_role(
    server: Server, mara: simcord.MemberActor, who: str, refused: str
) -> None:
    role = server.guild.create_role("patrons")
    pat = server.guild.add_member(server.session.env.create_user("Pat"), roles=[role])
    await server.imagine("a fox")
    await server.settled()
    panel = await Panel.open(server, mara)
    await panel.choose("reroll", who)
    if who == "role":
        await panel.choose("reroll_role_id", role)
    await panel.press("save")
    told = said(await server.bob.click(server.results[0], label="Reroll"))
    assert told.startswith(refused)
    told = said(await pat.click(server.results[0], label="Reroll"))
    assert ("Rerolling" if who == "role" else refused) in told
    told = said(await server.ana.click(server.results[0], label="Reroll"))
    assert told.startswith("Rerolling")


async def test_a_role_has_limits_and_turns_of_its_own_within_the_owners(
    server: Server, mara: simcord.MemberActor
) -> None:
    role = server.guild.create_role("patrons")
    pat = server.guild.add_member(server.session.env.create_user("Pat"), roles=[role])
    panel = await Panel.open(server, mara)
    await panel.fill(words="", budgets="", limits="1 / 1")
    await panel.fill_role(role, limits="1000 / 3", weight="4")
    await panel.press("save")
    assert (await settings(server)).roles == (
        RoleRule(role_id=role.id, images_per_hour=1000, images_per_day=3, weight=4),
    )
    assert (await server.imagine("a fox")).startswith("In line")
    assert (await server.imagine("a cat")).startswith("You have used 1 of 1 pictures")
    for prompt in ("a", "b", "c"):
        assert "In line" in said(await pat.slash(server.art, "imagine", prompt=prompt))
    told = said(await pat.slash(server.art, "imagine", prompt="d"))
    assert "You have used 3 of 3 pictures for today." in told
    assert [job.weight for job in await server.jobs()] == [1, 4, 4, 4]
    await panel.fill_role(role, limits="", weight="")
    await panel.press("save")
    assert (await settings(server)).roles == ()


async def test_everyones_pictures_may_be_restyled_where_the_server_opens_them(
    server: Server, mara: simcord.MemberActor
) -> None:
    message = await server.bob.send(server.art, "look", attachments=[("a.jpg", jpeg(300, 200))])
    told = said(await server.ana.context_menu(server.art, "Restyle", message))
    assert told.startswith("I restyle pictures of your own messages and of mine")
    panel = await Panel.open(server, mara)
    await panel.choose("restyle", "everyone")
    await panel.press("save")
    shown = await server.ana.context_menu(server.art, "Restyle", message)
    answer = await server.ana.submit_modal(shown, {"prompt": "as a fox"})
    assert said(answer).startswith("In line")
    (job,) = await server.settled()
    assert len(job.request.images) == 1


async def test_a_panel_from_before_a_restart_still_works(
    server: Server, mara: simcord.MemberActor
) -> None:
    panel = await Panel.open(server, mara)
    await panel.choose("results", "channel")
    await server.session.restart()
    await panel.press("save")
    await until(lambda: is_channel(server))


async def is_channel(server: Server) -> bool:
    return (await settings(server)).results is ResultsIn.CHANNEL
