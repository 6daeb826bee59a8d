"""A member who asks is erased from every table, others keep theirs, no limit starts anew."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.domain.errors import Failure
from bot.domain.job import ERASED_KEY, Claim, Deleter, Job, Requester, Stage, Status, StoredPicture
from bot.domain.members import ExportLimit, ExportRunning
from bot.domain.refusals import CoolOff, LimitReached
from bot.domain.showcase import Board, Star
from bot.images.store import PictureStore, open_store
from bot.parts import make_erasing
from bot.services.erasing import Erasing
from bot.services.restyle import Restyle
from bot.storage.community import audit, block
from bot.storage.database import Database
from bot.storage.store import Store
from tests.contract.storage.showcases import Wall, bring_up_to_date
from tests.leftovers import holding, stored
from tests.makers import OPEN_GATE, PRICE, new_job, picture, request, rules
from tests.storage_views import all_jobs, budget_rows, job_rows, lane_rows, ledger_rows

EVA = Requester(id=733_000_000_000_001, name="Evangeline")
FOE = Requester(id=844_000_000_000_002, name="Foe")
HERS = (str(EVA.id), EVA.name, "marzipan")
DAY = 86_400


class World:
    """A queue, an image store, and Discord as whoever carries its news would have it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.store = Store(database, rules=rules(), gate=OPEN_GATE, worker="w")
        self.images: PictureStore = open_store(f"file:{folder}")
        self.erasing: Erasing = make_erasing(self.store, self.images)
        self.wall = Wall()
        self.message_id = 5000

    async def ask(self, requester: Requester = EVA, **changes: object) -> Job:
        options = {"prompt": "a marzipan castle"} | changes
        return await self.store.submit(new_job(requester, request=request(**options)))

    async def start(self) -> Claim:
        claim = await self.store.claim()
        assert claim is not None
        urls = [f"https://segmind/{image.name}" for image in claim.job.request.images]
        await self.store.mark_submitting(claim, urls)
        return claim

    async def finish(self, claim: Claim) -> None:
        job = claim.job
        await self.store.mark_submitted(claim, f"p-{job.id}")
        key = f"{job.requester.id}/{job.id}-1.jpg"
        await self.images.put(key, b"picture")
        await self.store.add_result(claim, 1, replace(picture(), key=key))
        await self.store.mark_generated(claim, PRICE, job.request.max_images)

    async def made(self, requester: Requester = EVA, **changes: object) -> Job:
        await self.ask(requester, **changes)
        claim = await self.start()
        await self.finish(claim)
        await self.tell()
        found = await self.store.job(claim.job.id)
        assert found is not None
        return found

    async def tell(self) -> list[Deleter | None]:
        """Carry what is due to Discord: post cards and results, take down what was deleted."""
        told = []
        while claim := await self.store.claim_delivery():
            told.append(claim.job.deleted_by)
            await self._tell(claim)
            await self.store.end_delivery(claim, None)
        await bring_up_to_date(self.store, self.wall)
        return told

    async def _tell(self, claim: Claim) -> None:
        if claim.job.deleted_by:
            await self.store.forgotten(claim)
            return
        self.message_id += 2
        await self.store.card_posted(claim, self.message_id, Stage.DONE)
        if claim.job.status is Status.GENERATED:
            await self.store.post_begun(claim, 77)
            await self.store.result_posted(claim, 77, self.message_id + 1)
            await self.store.delivered(claim)

    async def erase(self) -> None:
        """Do what a worker does until the erasure has ended."""
        for _ in range(50):
            await self.erasing.run()
            await self.tell()
            if not await self.store.erasures():
                return
        raise AssertionError("the erasure does not end")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path / "images")


def owned(name: str) -> StoredPicture:
    return replace(picture(), key=f"{EVA.id}/{name}.jpg", name="Evangeline.jpg")


async def test_nothing_is_left_in_any_table_or_in_the_image_store(world: World) -> None:
    await world.images.put(f"{EVA.id}/hat.jpg", b"hat")
    await world.images.put(f"{EVA.id}/refused.jpg", b"of a request that was refused")
    await world.store.welcome(EVA.id)
    done = await world.made(images=(owned("hat"),))
    foes = await world.made(FOE, prompt="a dog")
    await _shown_and_starred(world, done, foes)
    await world.ask()
    await world.store.mark_failed(await world.start(), Failure.BAD_REQUEST)
    await world.ask()  # waits
    await world.tell()
    await Restyle(world.store).remember(EVA.id, 1, [{"url": "marzipan"}], [])
    await world.store.begin_export(EVA.id)
    await _moderated(world)
    assert len(await holding(world.database, *HERS)) > 20
    await world.erasing.ask(EVA.id)
    await world.erase()
    assert await holding(world.database, *HERS) == []
    assert await stored(world.images) == [f"{FOE.id}/{foes.id}-1.jpg"]
    assert world.wall.shown == {}
    (kept,) = await all_jobs(world.database)
    assert kept.id == foes.id
    assert kept.status is Status.DELIVERED
    assert [row.user_id for row in await lane_rows(world.database)] == [FOE.id]


async def _shown_and_starred(world: World, hers: Job, foes: Job) -> None:
    board = Board(channel_id=7, threshold=1, emoji="⭐", set_by=EVA.id)
    await world.store.set_board(1, board)
    for job, fan in ((hers, FOE), (foes, EVA)):
        on = job.delivery.message_ids[0]
        await world.store.star(Star(guild_id=1, message_id=on, user_id=fan.id, emoji="⭐"), "⭐")
    await bring_up_to_date(world.store, world.wall)
    assert world.wall.shown == {hers.id: 1, foes.id: 1}


async def _moderated(world: World) -> None:
    what = {"action": "block", "member": EVA.id, "hours": 1, "reason": "rude"}
    past = {"guild_id": 1, "user_id": EVA.id, "until": 5.0, "by": 9, "reason": "old"}
    row = {"guild_id": 1, "at": 5.0, "user_id": FOE.id, "what": what}
    await world.database.run(lambda tx: tx.connection.execute(insert(audit), row))
    await world.database.run(lambda tx: tx.connection.execute(insert(block), past))


async def test_a_block_that_holds_is_kept(world: World) -> None:
    now = await world.database.read(lambda tx: tx.now)
    row = {"guild_id": 1, "user_id": EVA.id, "until": now + DAY, "by": 9, "reason": "rude"}
    await world.database.run(lambda tx: tx.connection.execute(insert(block), row))
    await world.erasing.ask(EVA.id)
    await world.erase()
    assert await holding(world.database, str(EVA.id)) == [f"block.user_id: {EVA.id}"]


async def test_the_sums_stay_and_are_nobodys(world: World) -> None:
    await world.made()
    await world.made(FOE)
    before = [(row.scope, row.period, row.spent) for row in await budget_rows(world.database)]
    await world.erasing.ask(EVA.id)
    await world.erase()
    await world.store.reconcile()
    after = [(row.scope, row.period, row.spent) for row in await budget_rows(world.database)]
    assert after == before
    assert {row.spent for row in await budget_rows(world.database)} == {2 * PRICE}
    spent = [(row.user_id, row.job_id == "") for row in await ledger_rows(world.database)]
    assert sorted(spent) == [(0, True), (0, True), (FOE.id, False), (FOE.id, False)]


async def test_what_waits_is_called_off_and_its_money_comes_back(world: World) -> None:
    await world.ask()
    await world.erasing.ask(EVA.id)
    await world.erase()
    assert await job_rows(world.database) == []
    assert {(row.reserved, row.spent) for row in await budget_rows(world.database)} == {(0, 0)}


async def test_what_is_being_made_is_erased_once_it_has_ended_and_is_never_posted(
    world: World,
) -> None:
    await world.ask()
    claim = await world.start()
    await world.erasing.ask(EVA.id)
    await world.erasing.run()
    (job,) = await all_jobs(world.database)
    assert (job.status, job.cancel_asked) == (Status.SUBMITTING, True)
    await world.finish(claim)
    await world.erase()
    assert await holding(world.database, *HERS) == []
    assert {row.spent for row in await budget_rows(world.database)} == {PRICE}


async def test_an_unknown_outcome_is_waited_for(world: World) -> None:
    await world.ask()
    await world.store.mark_unknown(await world.start())
    await world.erasing.ask(EVA.id)
    await world.erasing.run()
    assert len(await job_rows(world.database)) == 1
    world.database.shift += 3600
    claim = await world.store.claim_unknown()
    assert claim is not None
    await world.store.mark_lost(claim)
    await world.erase()
    assert await holding(world.database, *HERS) == []


async def test_limits_go_on_for_a_day_and_no_longer(world: World) -> None:
    for _ in range(2):
        await world.ask(max_images=10)
        await world.finish(await world.start())
    await world.erasing.ask(EVA.id)
    await world.erase()
    with pytest.raises(LimitReached) as refused:
        await world.ask()
    assert refused.value.used == 20
    assert (await world.store.usage(EVA, 1)).day.used == 20
    await world.ask(FOE)
    world.database.shift += 3601
    await world.ask()
    world.database.shift += DAY
    assert (await world.store.usage(EVA, 1)).day.used == 0
    await world.store.forget_erased()
    assert await holding(world.database, "False", but=_all_but("erased")) == []


def _all_but(name: str) -> tuple[str, ...]:
    from bot.storage.schema import metadata  # noqa: PLC0415 - read once it is complete

    return tuple(table for table in metadata.tables if table != name)


async def test_strikes_go_on_for_their_hour(world: World) -> None:
    for _ in range(3):
        await world.ask()
        await world.store.mark_failed(await world.start(), Failure.CONTENT_REFUSED)
    await world.erasing.ask(EVA.id)
    await world.erase()
    with pytest.raises(CoolOff):
        await world.ask()
    world.database.shift += 3601
    await world.ask()


async def test_her_pictures_are_taken_out_of_the_requests_of_others(world: World) -> None:
    await world.images.put(f"{EVA.id}/hat.jpg", b"hat")
    foes = await world.made(FOE, prompt="the hat, but red", images=(owned("hat"), picture("own")))
    waiting = await world.ask(FOE, prompt="the hat, but blue", images=(owned("hat"),))
    await world.erasing.ask(EVA.id)
    await world.erase()
    assert await holding(world.database, *HERS) == []
    assert [key for key in await stored(world.images) if str(EVA.id) in key] == []
    for job in (foes, waiting):
        now = await world.store.job(job.id)
        assert now is not None
        assert now.request.images[0].key == ERASED_KEY
        assert now.inputs_gone
        assert not now.pictures_gone
        assert now.request.prompt == job.request.prompt


async def test_a_request_of_another_that_is_being_made_keeps_its_pictures_until_then(
    world: World,
) -> None:
    await world.ask(FOE, prompt="the hat", images=(owned("hat"),))
    claim = await world.start()
    await world.erasing.ask(EVA.id)
    await world.erasing.run()
    assert await world.store.erasures()
    await world.finish(claim)
    await world.erase()
    assert await holding(world.database, *HERS) == []


async def test_what_discord_does_not_let_go_of_is_erased_after_a_day(world: World) -> None:
    await world.made()
    await world.erasing.ask(EVA.id)
    for wait in (0, DAY - 600):
        world.database.shift += wait
        await world.erasing.run()
        claim = await world.store.claim_delivery()
        assert claim is not None
        await world.store.retry_delivery(claim, 3600.0)
    assert await world.store.erasures()
    world.database.shift += 700
    await world.erasing.run()
    assert await world.store.erasures() == []
    assert await holding(world.database, *HERS) == []


async def test_who_comes_back_meanwhile_keeps_what_is_new(world: World) -> None:
    await world.made()
    await world.erasing.ask(EVA.id)
    world.database.shift += 5
    new = await world.ask(prompt="a new life")
    assert await world.store.welcome(EVA.id)
    await world.erase()
    (job,) = await all_jobs(world.database)
    assert job.id == new.id
    assert not await world.store.welcome(EVA.id)
    assert [row.user_id for row in await lane_rows(world.database)] == [EVA.id]


async def test_a_few_jobs_at_a_time_are_taken_out_of_discord(world: World) -> None:
    jobs = [await world.made() for _ in range(12)]
    await world.erasing.ask(EVA.id)
    await world.erasing.run()
    assert await world.tell() == [Deleter.ERASURE] * 8
    await world.erase()
    assert len(jobs) == 12
    assert await job_rows(world.database) == []


async def test_the_card_of_what_was_deleted_before_goes_too(world: World) -> None:
    job = await world.made()
    await world.store.remove(job.id, Deleter.REQUESTER)
    await world.tell()
    await world.erasing.ask(EVA.id)
    await world.erasing.run()
    claim = await world.store.claim_delivery()
    assert claim is not None
    standing: Sequence[object] = await world.store.standing(claim)
    assert [getattr(one, "message_id", None) for one in standing] == [job.delivery.card_id]


async def test_a_member_is_new_once_for_two_processes(world: World) -> None:
    other = Store(world.database, rules=rules(), gate=OPEN_GATE, worker="v")
    assert await world.store.welcome(EVA.id)
    assert not await other.welcome(EVA.id)
    await world.store.opt(FOE.id, shown=False)
    assert await other.welcome(FOE.id)
    assert not await other.is_shown(FOE.id)


async def test_what_is_kept_of_a_member_is_counted_and_read(world: World) -> None:
    first = await world.made(images=(owned("hat"),))
    foes = await world.made(FOE, prompt="a dog")
    await _shown_and_starred(world, first, foes)
    second = await world.ask()
    await _moderated(world)
    kept = await world.store.kept(EVA.id)
    assert (kept.jobs, kept.pictures, kept.votes, kept.entries) == (2, 2, 1, 1)
    assert (kept.shown, kept.erasing) == (True, False)
    assert [one.id for one in await world.store.jobs_of(EVA.id, None, 1)] == [second.id]
    assert [one.id for one in await world.store.jobs_of(EVA.id, second.number, 5)] == [first.id]
    noted = await world.store.noted_of(EVA.id)
    assert [one["job"] for one in noted["votes"]] == [foes.id]
    assert [(one["job"], one["stars"]) for one in noted["showcase_entries"]] == [(first.id, 1)]
    assert [one["reason"] for one in noted["blocks"]] == ["old"]
    assert [one["what"]["member"] for one in noted["noted_by_moderators"]] == [EVA.id]
    await world.erasing.ask(EVA.id)
    assert (await world.store.kept(EVA.id)).erasing


async def test_exports_are_few_and_one_at_a_time(world: World) -> None:
    for _ in range(3):
        await world.store.begin_export(EVA.id)
        with pytest.raises(ExportRunning):
            await world.store.begin_export(EVA.id)
        await world.store.end_export(EVA.id)
    with pytest.raises(ExportLimit):
        await world.store.begin_export(EVA.id)
    world.database.shift += DAY + 1
    await world.store.begin_export(EVA.id)
    world.database.shift += 901  # that one broke off
    await world.store.begin_export(EVA.id)
