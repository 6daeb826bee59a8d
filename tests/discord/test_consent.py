"""Whose results are shown: only of those who let them, and never what they put in."""

import simcord

from tests.discord.boards import (
    ADD,
    idle,
    made,
    message_of,
    on_board,
    press_raw,
    react_raw,
    set_board,
    settle,
    stand,
    standing,
)
from tests.discord.conftest import Server, said, until
from tests.discord.test_results import delivered
from tests.storage_views import entry_rows

KEEP_OUT = "Keep all mine out of showcases"
LET_IN = "Let mine into showcases"


async def press(
    server: Server, shown: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert shown.response is not None
    return await server.ana.click(shown.response.message, label=label)


def labels(shown: simcord.InteractionResult) -> list[str]:
    assert shown.response is not None
    rows = shown.response.components
    return [one["label"] for row in rows for one in row["components"]]


async def test_after_withdrawing_one_a_member_may_keep_all_out_and_let_them_in_again(
    server: Server,
) -> None:
    await set_board(server)
    first = await on_board(server, "a fox")
    second = await on_board(server, "a hare")
    entry = server.board.history()[0]
    withdrawn = await server.ana.click(entry, label="Withdraw")
    assert labels(withdrawn) == [KEEP_OUT]
    await until(lambda: stand(server, 1))
    kept = await press(server, withdrawn, KEEP_OUT)
    assert said(kept).startswith("None of your results is shown in a showcase any more")
    assert labels(kept) == [LET_IN]
    await until(lambda: stand(server, 0))
    assert server.board.history() == []
    for job in (first, second):
        await server.carl.react(message_of(server, job), "⭐")
    await until(lambda: idle(server))
    assert server.board.history() == []
    let_in = await press(server, kept, LET_IN)
    assert said(let_in).startswith("Your results may be shown in showcases again")
    await until(lambda: stand(server, 1))
    (back,) = server.board.history()
    assert f"withdraw:{second.id}" in str([one.to_dict() for one in back.components])


async def test_details_offer_it_to_the_requester_and_nobody_else(server: Server) -> None:
    await set_board(server)
    job = await on_board(server)
    details = await server.ana.click(message_of(server, job), label="Details")
    assert labels(details) == [KEEP_OUT]
    await press(server, details, KEEP_OUT)
    await until(lambda: stand(server, 0))
    details = await server.ana.click(message_of(server, job), label="Details")
    assert labels(details) == [LET_IN]
    other = await server.bob.click(message_of(server, job), label="Details")
    assert labels(other) == []


async def test_whoever_kept_theirs_out_beforehand_is_not_shown(server: Server) -> None:
    await set_board(server)
    job = await made(server)
    details = await server.ana.click(message_of(server, job), label="Details")
    await press(server, details, KEEP_OUT)
    await server.bob.react(message_of(server, job), "⭐")
    await until(lambda: idle(server))
    assert await standing(server) == 0
    assert server.board.history() == []


async def test_a_moderator_who_withdraws_is_not_asked_about_their_own(server: Server) -> None:
    await set_board(server)
    await on_board(server)
    moderator = server.member("Mo", manage_messages=True)
    withdrawn = await moderator.click(server.board.history()[0], label="Withdraw")
    assert labels(withdrawn) == []


async def test_made_up_buttons_do_nothing_to_others(server: Server) -> None:
    """A custom_id comes from whoever presses: it names a job, and proves nothing."""
    await set_board(server)
    job = await on_board(server)
    message = message_of(server, job)
    only = "Only Ana or a moderator can do that."
    for action, answer in (
        ("withdraw", only),
        ("delete", only),
        ("delete-sure", only),
        ("post", "Only Ana can do that."),
        ("keep-out", "None of your results is shown"),
        ("let-in", "Your results may be shown"),
    ):
        pressed = press_raw(server, server.bob, message, f"{action}:{job.id}")
        await settle(server)
        assert said(pressed).startswith(answer), action
    await until(lambda: idle(server))
    assert await standing(server) == 1
    assert len(server.results) == 1


async def test_made_up_jobs_and_actions_are_answered(server: Server) -> None:
    job = await made(server)
    message = message_of(server, job)
    for action in ("withdraw", "reroll", "edit", "details", "delete", "cancel", "again", "post"):
        pressed = press_raw(server, server.bob, message, f"{action}:zzzzz")
        await settle(server)
        assert said(pressed).endswith("Nothing was charged."), action
    for made_up in ("upscale:zzzzz", "reroll:", "reroll:" + "z" * 93, f"reroll:{job.id};--", "🔁"):
        pressed = press_raw(server, server.bob, message, made_up)
        await settle(server)
        assert said(pressed).startswith("This button is from an earlier version"), made_up
    assert len(await server.jobs()) == 1
    assert await entry_rows(server.session.parts.database) == []


async def test_stars_in_direct_messages_and_on_foreign_messages_are_none(server: Server) -> None:
    await set_board(server)
    await server.imagine("a secret", private=True)
    await until(lambda: delivered(server))
    (message,) = [one for one in server.ana.user.dm_channel.history() if one.attachments]
    await server.ana.user.set_reaction(message, "⭐", reacted=True)
    foreign = await server.carl.send(server.art, "hello")
    react_raw(server, ADD, foreign, server.bob.id, "⭐")
    react_raw(server, ADD, message, server.bob.id, "⭐")  # as if it came from the server
    await settle(server)
    assert await entry_rows(server.session.parts.database) == []
