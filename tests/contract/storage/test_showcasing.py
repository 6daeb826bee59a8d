"""Votes and boards in the database: what the votes say is what a board comes to show."""

from dataclasses import replace

import pytest

from bot.domain.errors import BoardShut, LeaseLost, TransientError
from bot.domain.job import Job
from bot.domain.showcase import Board, PostedEntry, Span, Star
from bot.storage.database import Database
from bot.storage.store import Store
from tests.contract.storage.showcases import (
    BOARD,
    CARD,
    RESULT,
    Wall,
    bring_up_to_date,
    delivered,
    give,
    store,
    take,
)
from tests.makers import ANA, BOB, place
from tests.storage_views import entry_rows

DAY = 86_400.0


async def on_board(database: Database, board: Board = BOARD) -> tuple[Store, Wall, Job]:
    queue = store(database)
    await queue.set_board(1, board)
    return queue, Wall(), await delivered(queue, message_id=RESULT)


async def test_a_member_counts_once_on_card_and_result_burst_and_normal(
    database: Database,
) -> None:
    queue, wall, job = await on_board(database)
    await give(queue, 1, 2)
    await give(queue, 1, message_id=CARD)
    await give(queue, 2, burst=True)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await give(queue, 3, message_id=CARD)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 3}
    await take(queue, 1, 2)
    database.shift += 10
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 3}


async def test_the_stars_on_the_entry_are_edited_every_few_seconds_at_most(
    database: Database,
) -> None:
    queue, wall, job = await on_board(database)
    await give(queue, 1, 2, 3)
    await bring_up_to_date(queue, wall)
    for user in range(4, 30):
        await give(queue, user)
        await bring_up_to_date(queue, wall)
    assert (wall.shown, wall.calls) == ({job.id: 3}, 1)
    database.shift += 6
    await bring_up_to_date(queue, wall)
    assert (wall.shown, wall.calls) == ({job.id: 29}, 2)


async def test_another_emoji_is_no_star_and_a_renamed_or_animated_one_still_is(
    database: Database,
) -> None:
    queue, wall, job = await on_board(database, replace(BOARD, threshold=1, emoji="<a:wow:99>"))
    for emoji in ("⭐", "<:wow:98>"):
        await queue.star(Star(guild_id=1, message_id=RESULT, user_id=5, emoji=emoji), "⭐")
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await queue.star(
        Star(guild_id=1, message_id=RESULT, user_id=5, emoji="<:better_name:99>"), "⭐"
    )
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 1}


async def test_what_a_moderator_clears_is_gone_from_the_votes(database: Database) -> None:
    queue, wall, _ = await on_board(database)
    await give(queue, 1, 2, 3)
    await bring_up_to_date(queue, wall)
    await queue.clear_stars(1, RESULT, "🔁", "⭐")
    await bring_up_to_date(queue, wall)
    assert len(wall.shown) == 1
    await queue.clear_stars(1, RESULT, None, "⭐")
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}


async def test_a_board_that_takes_nothing_is_told_of_once_and_gets_all_later(
    database: Database,
) -> None:
    queue, wall, first = await on_board(database, replace(BOARD, threshold=1))
    second = await delivered(queue, message_id=61, requester=BOB)
    wall.fault = BoardShut("403", gone=False)
    await give(queue, 1)
    await give(queue, 1, message_id=61)
    await bring_up_to_date(queue, wall)
    asked = wall.calls
    await give(queue, *range(2, 30))
    await bring_up_to_date(queue, wall)
    assert (wall.told, wall.calls) == ([(1, False)], asked)
    wall.fault = None
    database.shift += 3700
    await bring_up_to_date(queue, wall)
    assert wall.shown.keys() == {first.id, second.id}
    wall.fault = BoardShut("403", gone=False)
    third = await delivered(queue, message_id=71, requester=BOB)
    await give(queue, 1, message_id=71)
    await bring_up_to_date(queue, wall)
    assert (wall.told, third.id in wall.shown) == ([(1, False)] * 2, False)


async def test_what_waits_for_a_deleted_board_goes_to_the_next_one(database: Database) -> None:
    queue, wall, job = await on_board(database, replace(BOARD, threshold=1))
    wall.fault = BoardShut("404", gone=True)
    await give(queue, 2)
    await bring_up_to_date(queue, wall)
    wall.fault = None
    await queue.set_board(1, replace(BOARD, channel_id=8, threshold=5))
    await bring_up_to_date(queue, wall)
    (row,) = await entry_rows(database)
    assert (wall.shown, row.board_id) == ({job.id: 1}, 8)


async def test_a_passing_failure_is_tried_again_with_growing_waits(database: Database) -> None:
    queue, wall, job = await on_board(database, replace(BOARD, threshold=1))
    wall.fault = TransientError("503")
    await give(queue, 2)
    for _ in range(3):
        await bring_up_to_date(queue, wall)
        database.shift += 10
    assert wall.calls == 3
    wall.fault = None
    database.shift += 10
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 1}


async def test_two_workers_do_not_post_the_same_entry(database: Database) -> None:
    queue, _, _ = await on_board(database, replace(BOARD, threshold=1))
    other = store(database, "other")
    await give(queue, 2)
    claim = await queue.claim_entry()
    assert claim is not None
    assert await other.claim_entry() is None
    database.shift += 40
    assert await other.claim_entry() is not None
    with pytest.raises(LeaseLost):
        await queue.entry_posted(claim, PostedEntry(channel_id=7, message_id=1))


async def test_stars_given_before_the_result_stood_show_it_as_soon_as_it_does(
    database: Database,
) -> None:
    queue = store(database)
    await queue.set_board(1, replace(BOARD, threshold=1))
    wall = Wall()
    job = await delivered(queue, message_id=RESULT, before=lambda: give(queue, 2, message_id=CARD))
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 1}


async def test_counting_again_puts_discords_stars_in_place_of_the_known(
    database: Database,
) -> None:
    queue, wall, job = await on_board(database)
    await give(queue, 1, 2)
    counted = {one.message_id: one for one in await queue.countable([1])}
    assert (counted[RESULT].stars, counted[CARD].stars) == (2, 0)
    there = [Star(guild_id=1, message_id=RESULT, user_id=user, emoji="") for user in (2, 3, 4, 5)]
    assert await queue.recount(counted[RESULT], there)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 4}


async def test_what_changes_while_it_is_counted_again_is_not_lost(database: Database) -> None:
    queue, _, _ = await on_board(database)
    (counted,) = [one for one in await queue.countable([1]) if one.message_id == RESULT]
    await give(queue, 9)
    assert not await queue.recount(counted, [])
    (counted,) = [one for one in await queue.countable([1]) if one.message_id == RESULT]
    assert counted.stars == 1


async def test_whoever_opts_out_is_shown_nowhere_until_they_opt_in(database: Database) -> None:
    queue, wall, job = await on_board(database, replace(BOARD, threshold=1))
    await give(queue, 2)
    await bring_up_to_date(queue, wall)
    await queue.opt(ANA.id, shown=False)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await give(queue, 3)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await queue.opt(ANA.id, shown=True)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 2}


async def test_one_entry_that_is_refused_holds_up_no_other(database: Database) -> None:
    queue, wall, poison = await on_board(database, replace(BOARD, threshold=1))
    good = await delivered(queue, message_id=61, requester=BOB)
    wall.refused = {poison.id: TransientError("400", retry_after=3600)}
    await give(queue, 1)
    await give(queue, 1, message_id=61)
    await bring_up_to_date(queue, wall)
    assert (wall.shown, wall.told) == ({good.id: 1}, [])
    for _ in range(100):
        database.shift += 3700
        await bring_up_to_date(queue, wall)
    assert wall.calls < 90


async def test_what_waits_is_not_posted_once_the_showcase_is_off(database: Database) -> None:
    queue, wall, job = await on_board(database, replace(BOARD, threshold=1))
    wall.fault = BoardShut("403", gone=False)
    await give(queue, 2)
    await bring_up_to_date(queue, wall)
    await queue.set_board(1, None)
    wall.fault = None
    database.shift += 3700
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await queue.set_board(1, replace(BOARD, threshold=1))
    await bring_up_to_date(queue, wall)
    assert wall.shown == {job.id: 1}


async def test_a_blocked_members_star_does_not_come_back_by_counting_again(
    database: Database,
) -> None:
    queue, wall, _ = await on_board(database, replace(BOARD, threshold=1))
    await queue.block(1, 9, 1, hours=1, reason="")
    await give(queue, 9)
    (counted,) = [one for one in await queue.countable([1]) if one.message_id == RESULT]
    await queue.recount(counted, [Star(guild_id=1, message_id=RESULT, user_id=9, emoji="⭐")])
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}


async def test_stars_given_in_another_server_do_not_count_here(database: Database) -> None:
    queue, wall, _ = await on_board(database, replace(BOARD, threshold=1))
    await queue.star(Star(guild_id=2, message_id=RESULT, user_id=5, emoji="⭐"), "⭐")
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}


async def test_the_best_are_ordered_by_stars_within_their_time_with_credit(
    database: Database,
) -> None:
    queue, wall, _ = await on_board(database, replace(BOARD, threshold=1, age_restricted=True))
    restricted = place(age_restricted=True)
    await delivered(queue, message_id=61, requester=BOB)
    await delivered(queue, message_id=71, requester=BOB, where=restricted)
    await give(queue, *range(1, 4))
    await give(queue, *range(1, 3), message_id=61)
    await give(queue, *range(1, 6), message_id=71)
    await bring_up_to_date(queue, wall)
    everything = await queue.best(1, Span.WEEK, restricted=True)
    assert [one.stars for one in everything.entries] == [5, 3, 2]
    assert [(one.user_name, one.stars) for one in everything.credits] == [("Bob", 7), ("Ana", 3)]
    here = await queue.best(1, Span.WEEK, restricted=False)
    assert [one.stars for one in here.entries] == [3, 2]
    database.shift += 8 * DAY
    assert (await queue.best(1, Span.WEEK, restricted=True)).entries == ()
    assert len((await queue.best(1, Span.MONTH, restricted=True)).entries) == 3
    assert (await queue.best(2, Span.EVER, restricted=True)).entries == ()
    shown = await queue.any_entry(1, restricted=False)
    assert shown is not None
    assert not shown.job.place.age_restricted


async def test_the_data_of_a_server_goes_a_week_after_it_removed_the_bot(
    database: Database,
) -> None:
    queue, wall, _ = await on_board(database, replace(BOARD, threshold=1))
    elsewhere = await delivered(queue, message_id=61, where=place(guild_id=2))
    await give(queue, 2)
    await bring_up_to_date(queue, wall)
    before = await queue.total_spent()
    await queue.guild_left(1)
    assert await queue.forget_guild(7 * DAY) is None
    database.shift += 8 * DAY
    await queue.guilds_here([1])
    assert await queue.forget_guild(7 * DAY) is None
    await queue.guild_left(1)
    database.shift += 8 * DAY
    while (await queue.forget_guild(7 * DAY)) is not None:
        pass
    assert await entry_rows(database) == []
    assert await queue.job_by_message(RESULT) is None
    assert await queue.job(elsewhere.id) is not None
    database.shift -= 16 * DAY
    await queue.reconcile()
    assert await queue.total_spent() == before
