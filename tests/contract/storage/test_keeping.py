"""Pictures stay as long as a job, or a showcase, needs them; and no longer."""

from bot.domain.job import Claim, StoredPicture
from bot.domain.limits import GateLimits
from bot.domain.showcase import Board, PostedEntry, Star
from bot.storage.database import Database
from bot.storage.store import Store
from tests.contract.storage.showcases import delivered
from tests.makers import BOB, OPEN_GATE, PRICE, new_job, picture, request, rules

DAY = 86_400
MONTH = 30 * DAY


def store(database: Database, gate: GateLimits = OPEN_GATE) -> Store:
    return Store(database, rules=rules(), gate=gate, worker="w")


async def finished(queue: Store, *inputs: StoredPicture, result: str = "result") -> Claim:
    await queue.submit(new_job(request=request(images=inputs)))
    claim = await queue.claim()
    assert claim is not None
    await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claim, claim.job.id)
    await queue.add_result(claim, 1, picture(result))
    await queue.mark_generated(claim, PRICE, 1)
    return claim


async def test_pictures_past_their_time_are_let_go_and_the_job_says_so(database: Database) -> None:
    queue = store(database)
    claim = await finished(queue, picture("input"))
    assert await queue.let_go(MONTH) == []
    database.shift = MONTH + 60
    assert await queue.let_go(MONTH) == ["100/input.jpg", "100/result.jpg"]
    assert await queue.let_go(MONTH) == []
    job = await queue.job(claim.job.id)
    assert job is not None
    assert job.pictures_gone


async def test_a_picture_another_job_needs_stays(database: Database) -> None:
    queue = store(database)
    await finished(queue, picture("shared"), result="old")
    database.shift = MONTH + 60
    await queue.submit(new_job(BOB, request=request(images=(picture("shared"),))))
    assert await queue.let_go(MONTH) == ["100/old.jpg"]


async def test_what_is_on_a_showcase_is_kept(database: Database) -> None:
    queue = store(database)
    job = await delivered(queue, message_id=50)
    board = Board(channel_id=7, threshold=1, emoji="⭐", set_by=1)
    await queue.set_board(job.place.guild_id or 0, board)
    await queue.star(Star(guild_id=1, message_id=50, user_id=BOB.id, emoji="⭐"), "⭐")
    showing = await queue.claim_entry()
    assert showing is not None
    await queue.entry_posted(showing, PostedEntry(channel_id=7, message_id=70))
    database.shift = MONTH + 60
    assert await queue.let_go(MONTH) == []


async def test_keys_no_job_knows_are_orphans(database: Database) -> None:
    queue = store(database)
    await finished(queue, picture("input"))
    assert await queue.unneeded(["100/input.jpg", "100/result.jpg", "9/left.jpg"]) == ["9/left.jpg"]
