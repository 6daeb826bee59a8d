"""🔁 and the Reroll button: each is one reroll, one at a time, and so many an hour."""

from bot.domain.job import Status
from tests.discord.boards import ADD, REMOVE, made, message_of, press_raw, react_raw, settle
from tests.discord.conftest import Server, said, until


async def rerolls(server: Server) -> list[Status]:
    """Tell how far each reroll has come."""
    return [job.status for job in await server.jobs() if job.parent_id]


def refusals(server: Server) -> list[str]:
    """What members were told in public."""
    (thread,) = server.art.threads
    return [one.content for one in thread.history() if "no reroll" in one.content]


async def test_a_message_from_before_a_restart_is_rerolled_too(server: Server) -> None:
    message = message_of(server, await made(server))
    await server.session.restart()
    await server.bob.react(message, "🔁")
    _, second = await server.settled(2)
    assert second.requester.name == "Bob"


async def test_a_burst_reaction_counts_and_one_beside_a_normal_one_is_the_same(
    server: Server,
) -> None:
    message = message_of(server, await made(server))
    react_raw(server, ADD, message, server.bob.id, "🔁", burst=True, type=1)
    react_raw(server, ADD, message, server.bob.id, "🔁")
    await settle(server)
    assert await server.settled(2)
    assert await rerolls(server) == [Status.DELIVERED]
    assert refusals(server) == []


async def test_each_reaction_added_is_one_reroll(server: Server) -> None:
    message = message_of(server, await made(server))
    for count in (2, 3):
        await server.bob.react(message, "🔁")
        await server.settled(count)
        await server.bob.unreact(message, "🔁")
    assert await rerolls(server) == [Status.DELIVERED] * 2


async def test_card_and_result_are_one_job_for_one_reroll_at_a_time(server: Server) -> None:
    job = await made(server)
    await server.session.stop_worker()
    await server.bob.react(message_of(server, job), "🔁")
    await server.bob.react(server.cards[0], "🔁")
    assert await rerolls(server) == [Status.QUEUED]
    told = f"<@{server.bob.id}>, no reroll: Your reroll of #{job.id} is still on its way"
    assert server.cards[-1].content.startswith(told)
    await server.carl.react(message_of(server, job), "🔁")
    assert await rerolls(server) == [Status.QUEUED] * 2


async def test_a_reaction_taken_off_in_the_same_moment_leaves_nothing_waiting(
    server: Server,
) -> None:
    """Both events may be read from the socket at once; what the member did last counts."""
    message = message_of(server, await made(server))
    await server.session.stop_worker()
    for event in (ADD, REMOVE, ADD, REMOVE):
        react_raw(server, event, message, server.bob.id, "🔁")
    await settle(server)
    assert set(await rerolls(server)) <= {Status.CANCELLED}


async def test_taking_it_off_and_putting_it_on_again_is_a_new_reroll(server: Server) -> None:
    message = message_of(server, await made(server))
    await server.session.stop_worker()
    for event in (ADD, REMOVE, ADD):
        react_raw(server, event, message, server.bob.id, "🔁")
    await settle(server)
    assert await rerolls(server) == [Status.CANCELLED, Status.QUEUED]


async def test_a_refusal_goes_after_fifteen_seconds(server: Server) -> None:
    message = message_of(server, await made(server))
    await server.session.parts.store.let_go(-1)
    await server.bob.react(message, "🔁")
    assert len(refusals(server)) == 1
    await server.session.env.advance_time(14)
    assert len(refusals(server)) == 1
    await server.session.env.advance_time(2)
    assert refusals(server) == []


async def test_ten_an_hour_however_many_react_at_once(server: Server) -> None:
    job = await made(server)
    message = message_of(server, job)
    await server.session.stop_worker()
    crowd = [server.member(f"M{number}") for number in range(15)]
    for member in crowd:
        react_raw(server, ADD, message, member.id, "🔁")
    await settle(server)
    assert await rerolls(server) == [Status.QUEUED] * 10
    assert all(f"#{job.id} was rerolled 10 times within an hour" in one for one in refusals(server))
    assert 1 <= len(refusals(server)) <= 5
    server.session.parts.database.shift += 3601
    react_raw(server, ADD, message, crowd[-1].id, "🔁")
    await settle(server)
    assert len(await rerolls(server)) == 11


async def test_whoever_is_no_member_rerolls_nothing(server: Server) -> None:
    message = message_of(server, await made(server))
    stranger = server.session.env.create_user("Gone")
    react_raw(server, ADD, message, stranger.id, "🔁")
    react_raw(server, REMOVE, message, stranger.id, "🔁")
    react_raw(server, ADD, message, stranger.id, "🔁")
    await settle(server)
    assert await rerolls(server) == []
    assert refusals(server) == []


async def test_a_deleted_job_is_not_rerolled(server: Server) -> None:
    job = await made(server)
    await server.ana.react(message_of(server, job), "❌")
    await until(lambda: deleted(server))
    await server.bob.react(server.cards[0], "🔁")
    assert await rerolls(server) == []
    assert len(server.cards) == 1


async def deleted(server: Server) -> bool:
    return "Deleted by its requester." in server.cards[0].content


async def test_the_button_pressed_twice_at_once_is_one_job(server: Server) -> None:
    job = await made(server)
    message = message_of(server, job)
    answers = [press_raw(server, server.bob, message, f"reroll:{job.id}") for _ in range(3)]
    await settle(server)
    (_, second) = await server.settled(2)
    assert await rerolls(server) == [Status.DELIVERED]
    for answer in answers:
        told = said(answer)
        assert told.startswith((f"Rerolling for you as #{second.id}", "Your reroll of"))


async def test_an_edit_sent_twice_is_one_job(server: Server) -> None:
    message = message_of(server, await made(server))
    forms = [await server.ana.click(message, label="Edit") for _ in range(2)]
    await server.session.stop_worker()
    told = [said(await server.ana.submit_modal(form, {"prompt": "a hare"})) for form in forms]
    assert told[0].startswith("In line as #")
    assert "already on its way" in told[1] or "still on its way" in told[1]
    assert await rerolls(server) == [Status.QUEUED]
