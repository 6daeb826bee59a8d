"""Jobs brought as far as a board needs them, members who star them, and a board."""

from collections.abc import Awaitable, Callable

from bot.domain.errors import BoardShut
from bot.domain.job import Job, Place, Requester, Stage
from bot.domain.showcase import Board, EntryClaim, PostedEntry, Star
from bot.services.showing import Showing
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import ANA, OPEN_GATE, PRICE, new_job, picture, place, rules

BOARD = Board(channel_id=7, threshold=3, emoji="⭐", set_by=1)
RESULT = 51
CARD = 50


def store(database: Database, worker: str = "w") -> Store:
    generous = {"images_per_hour": 10_000, "images_per_day": 10_000}
    return Store(
        database,
        rules=rules(
            generous,
            {"guild_day": 10**12, "guild_month": 10**12, "all_day": 10**12, "all_month": 10**12},
        ),
        gate=OPEN_GATE,
        worker=worker,
    )


class Wall:
    """A board: implements BoardPublisher on a dictionary; `fault` is what Discord says instead."""

    def __init__(self) -> None:
        self.shown: dict[str, int] = {}
        self.fault: Exception | None = None
        self.refused: dict[str, Exception] = {}
        self.told: list[tuple[int, bool]] = []
        self.calls = 0
        self._next = 1000

    async def post_entry(self, claim: EntryClaim) -> PostedEntry:
        self._try()
        if claim.job.id in self.refused:
            raise self.refused[claim.job.id]
        self.shown[claim.job.id] = claim.entry.stars
        self._next += 1
        return PostedEntry(channel_id=claim.entry.board_id, message_id=self._next)

    async def edit_entry(self, claim: EntryClaim) -> bool:
        self._try()
        self.shown[claim.job.id] = claim.entry.stars
        return True

    async def remove_entry(self, claim: EntryClaim) -> None:
        self._try()
        self.shown.pop(claim.job.id, None)

    async def tell_manager(self, claim: EntryClaim, error: BoardShut) -> None:
        self.told.append((claim.entry.set_by, error.gone))

    def _try(self) -> None:
        self.calls += 1
        if self.fault:
            raise self.fault


async def bring_up_to_date(queue: Store, wall: Wall) -> None:
    """Do what a worker does until nothing is due."""
    showing = Showing(queue=queue, publisher=wall, notes=queue)
    while claim := await queue.claim_entry():
        await showing.run(claim)


async def give(queue: Store, *users: int, message_id: int = RESULT, burst: bool = False) -> None:
    for user in users:
        star = Star(guild_id=1, message_id=message_id, user_id=user, emoji="⭐", burst=burst)
        await queue.star(star, "⭐")


async def take(queue: Store, *users: int, message_id: int = RESULT, burst: bool = False) -> None:
    for user in users:
        star = Star(guild_id=1, message_id=message_id, user_id=user, emoji="⭐", burst=burst)
        await queue.unstar(star, "⭐")


async def delivered(
    queue: Store,
    *,
    message_id: int,
    requester: Requester = ANA,
    where: Place | None = None,
    before: Callable[[], Awaitable[None]] | None = None,
) -> Job:
    """Have a job made and posted as one message; its card is the message before.

    `before` is done between the two.
    """
    await queue.submit(new_job(requester, place=where or place()))
    claim = await queue.claim()
    assert claim is not None
    await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claim, claim.job.id)
    await queue.add_result(claim, 1, picture("result"))
    await queue.mark_generated(claim, PRICE, 1)
    told = await queue.claim_delivery()
    assert told is not None
    await queue.card_posted(told, message_id - 1, Stage.DONE)
    if before:
        await before()
    await queue.post_begun(told, message_id)
    await queue.result_posted(told, message_id, message_id)
    await queue.delivered(told)
    await queue.end_delivery(told, None)
    job = await queue.job(claim.job.id)
    assert job is not None
    return job
