"""Who goes next, who holds what, and what becomes of the money."""

import pytest

from bot.domain.errors import Failure, LeaseLost
from bot.domain.job import Claim, Requester, Status
from bot.domain.limits import GateLimits
from bot.domain.money import micros
from bot.domain.refusals import CoolOff
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import ANA, BOB, OPEN_GATE, PRICE, batch, picture, rules
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows

GENEROUS = rules(
    user={"images_per_hour": 10_000, "images_per_day": 10_000, "max_waiting": 1000},
    budgets={name: micros(10_000) for name in ("guild_day", "guild_month", "all_day", "all_month")},
)
CARL = Requester(id=300, name="Carl")


def store(database: Database, worker: str = "w1", gate: GateLimits = OPEN_GATE) -> Store:
    return Store(database, rules=GENEROUS, gate=gate, worker=worker)


async def claimed(queue: Store) -> Claim:
    claim = await queue.claim()
    assert claim is not None
    return claim


async def finish(queue: Store, claim: Claim, cost: int | None = PRICE) -> None:
    await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claim, claim.job.id)
    await queue.add_result(claim, 1, picture())
    await queue.mark_generated(claim, cost, 1)


async def test_members_take_turns_whatever_one_of_them_has_waiting(database: Database) -> None:
    queue = store(database)
    for _ in range(6):
        await queue.submit(batch(1, ANA))
    await queue.submit(batch(1, BOB))
    await queue.submit(batch(1, CARL))
    order = []
    for _ in range(8):
        claim = await claimed(queue)
        order.append(claim.job.requester.name)
        await finish(queue, claim)
    assert order[:3] == ["Ana", "Bob", "Carl"]
    assert order[3:] == ["Ana"] * 5


async def test_a_batch_counts_by_its_pictures(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(4, ANA))
    await queue.submit(batch(1, ANA))
    for _ in range(6):
        await queue.submit(batch(1, BOB))
    order = []
    for _ in range(8):
        claim = await claimed(queue)
        order.append(claim.job.requester.name)
        await finish(queue, claim)
    assert order == ["Ana", "Bob", "Bob", "Bob", "Bob", "Ana", "Bob", "Bob"]


async def test_an_idle_member_banks_no_turns(database: Database) -> None:
    queue = store(database)
    for _ in range(20):
        await queue.submit(batch(1, ANA))
    for _ in range(10):
        await finish(queue, await claimed(queue))
    for _ in range(10):
        await queue.submit(batch(1, BOB))
    order = []
    for _ in range(6):
        claim = await claimed(queue)
        order.append(claim.job.requester.name)
        await finish(queue, claim)
    assert order.count("Bob") <= 4


async def test_no_member_runs_more_than_their_cap(database: Database) -> None:
    queue = store(database)
    for _ in range(5):
        await queue.submit(batch(1, ANA))
    first = await claimed(queue)
    await claimed(queue)
    assert await queue.claim() is None
    await finish(queue, first)
    assert await queue.claim() is not None


async def test_the_gate_holds_the_global_cap(database: Database) -> None:
    queue = store(database, gate=GateLimits(max_running=1, requests_per_minute=100_000))
    await queue.submit(batch(1, ANA))
    await queue.submit(batch(1, BOB))
    await claimed(queue)
    assert await queue.claim() is None


async def test_the_gate_holds_the_rate_in_every_minute(database: Database) -> None:
    queue = store(database, gate=GateLimits(max_running=1000, requests_per_minute=10))
    for number in range(40):
        await queue.submit(batch(1, Requester(id=number, name="x")))
    starts: list[float] = []
    for second in range(0, 180, 2):
        database.shift = second
        while await queue.claim():
            starts.append(second)
    most = max(sum(at <= other < at + 60 for other in starts) for at in starts)
    assert most <= 10
    assert len(starts) >= 24


async def test_a_failed_job_costs_nothing_and_gives_the_allowance_back(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(3))
    claim = await claimed(queue)
    await queue.mark_failed(claim, Failure.CONTENT_REFUSED)
    assert all((row.reserved, row.spent) == (0, 0) for row in await budget_rows(database))
    assert [row.event for row in await ledger_rows(database)] == ["reserve", "release"]
    assert [row.counted for row in await job_rows(database)] == [0]
    assert (await gate_row(database)).running == 0


async def test_what_is_settled_is_what_was_reported(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(4))
    await finish(queue, await claimed(queue), cost=PRICE)
    assert {(row.reserved, row.spent) for row in await budget_rows(database)} == {(0, PRICE)}
    settled = (await ledger_rows(database))[-1]
    assert (settled.event, settled.amount, settled.reported) == ("settle", PRICE, True)


async def test_an_unreported_cost_is_booked_at_the_reserve_and_flagged(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(2))
    await finish(queue, await claimed(queue), cost=None)
    settled = (await ledger_rows(database))[-1]
    assert (settled.amount, settled.reported) == (2 * PRICE, False)


async def test_an_unknown_outcome_keeps_the_money_and_frees_lane_and_gate(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(batch(1))
    claim = await claimed(queue)
    await queue.mark_submitting(claim, [])
    await queue.mark_unknown(claim)
    assert {row.reserved for row in await budget_rows(database)} == {PRICE}
    assert [row.running for row in await lane_rows(database)] == [0]
    assert (await gate_row(database)).running == 0
    assert await queue.claim() is None


async def test_what_was_surely_not_accepted_goes_back_and_the_gate_closes(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(batch(1))
    claim = await claimed(queue)
    await queue.mark_submitting(claim, [])
    await queue.put_back(claim, "busy", 30)
    assert await queue.claim() is None
    database.shift = 31
    again = await claimed(queue)
    assert (again.job.id, again.job.status) == (claim.job.id, Status.QUEUED)
    assert (await lane_rows(database))[0].vtime == 1


async def test_a_gate_that_opens_lets_one_probe_through(database: Database) -> None:
    queue = store(database)
    for requester in (ANA, BOB, CARL):
        await queue.submit(batch(1, requester))
    await queue.put_back(await claimed(queue), "busy", 30)
    database.shift = 31
    probe = await claimed(queue)
    assert await queue.claim() is None
    await queue.mark_submitting(probe, [])
    await queue.mark_submitted(probe, probe.job.id)
    assert await queue.open_gate() == "busy"
    assert await queue.claim() is not None


async def test_a_dead_workers_job_is_adopted_where_it_stands(database: Database) -> None:
    dead, alive = store(database, "dead"), store(database, "alive")
    await dead.submit(batch(1))
    lost = await claimed(dead)
    await dead.mark_submitting(lost, [])
    await dead.mark_submitted(lost, "p1")
    assert await alive.claim() is None
    database.shift = 31
    adopted = await claimed(alive)
    assert (adopted.job.status, adopted.job.provider_id) == (Status.SUBMITTED, "p1")
    with pytest.raises(LeaseLost):
        await dead.mark_generated(lost, PRICE, 1)
    assert (await gate_row(database)).running == 1


async def test_a_renewed_claim_is_not_adopted(database: Database) -> None:
    slow, other = store(database, "slow"), store(database, "other")
    await slow.submit(batch(1))
    claim = await claimed(slow)
    database.shift = 25
    await slow.renew([claim.job.number], [], [])
    database.shift = 50
    assert await other.claim() is None


async def test_a_claim_that_nobody_carries_is_let_go_of_once_it_has_run_out(
    database: Database,
) -> None:
    """As after a claim whose answer was lost, or one that could not be dropped."""
    queue = store(database)
    await queue.submit(batch(1))
    lost = await claimed(queue)
    await queue.renew([], [], [])
    assert await queue.claim() is None
    database.shift = 31
    await queue.renew([], [], [])
    again = await claimed(queue)
    assert (again.job.id, again.attempt) == (lost.job.id, lost.attempt + 1)


async def test_what_is_handed_over_is_adopted_at_once(database: Database) -> None:
    leaving, staying = store(database, "leaving"), store(database, "staying")
    await leaving.submit(batch(1))
    await claimed(leaving)
    await leaving.hand_over()
    assert await staying.claim() is not None


async def test_the_forecast_counts_turns_not_jobs(database: Database) -> None:
    queue = store(database, gate=GateLimits(max_running=1, requests_per_minute=100_000))
    for _ in range(30):
        await queue.submit(batch(1, ANA))
    await claimed(queue)
    job = await queue.submit(batch(1, BOB))
    forecast = await queue.forecast(job)
    assert forecast.before <= 1
    assert 0 < forecast.starts_in <= 2 * forecast.usual_seconds


async def test_the_usual_time_is_learned_per_size_and_number(database: Database) -> None:
    queue = Store(database, rules=GENEROUS, gate=OPEN_GATE, worker="w", first_guess=48)
    job = await queue.submit(batch(1))
    assert (await queue.forecast(job)).usual_seconds == 48
    claim = await claimed(queue)
    await queue.mark_submitting(claim, [])
    database.shift = 20
    await queue.mark_submitted(claim, claim.job.id)
    await queue.mark_generated(claim, PRICE, 1)
    assert (await queue.forecast(job)).usual_seconds == pytest.approx(20, abs=1)
    other = await queue.submit(batch(4, BOB))
    assert (await queue.forecast(other)).usual_seconds == 48


async def test_three_content_refusals_within_an_hour_are_an_hours_cool_off(
    database: Database,
) -> None:
    queue = store(database)
    for minute in (0, 10, 20):
        database.shift = minute * 60
        await queue.submit(batch(1))
        await queue.mark_failed(await claimed(queue), Failure.CONTENT_REFUSED)
    with pytest.raises(CoolOff) as refusal:
        await queue.submit(batch(1))
    database.shift = 20 * 60 + 3601
    await queue.submit(batch(1))
    assert refusal.value.refusals == 3
    await queue.submit(batch(1, BOB))


@pytest.mark.parametrize(
    ("taken", "failure", "event", "spent"),
    [(False, Failure.NO_TRACE, "release", 0), (True, Failure.TOO_SLOW, "settle", PRICE)],
)
async def test_only_what_the_provider_never_took_is_given_back_when_it_is_given_up(
    database: Database, *, taken: bool, failure: Failure, event: str, spent: int
) -> None:
    queue = store(database)
    await queue.submit(batch(1))
    claim = await claimed(queue)
    await queue.mark_submitting(claim, [])
    if taken:
        await queue.mark_submitted(claim, "p9")
    await queue.mark_unknown(claim)
    lookup = await queue.claim_unknown()
    assert lookup is not None
    await queue.mark_lost(lookup)
    (row,) = await job_rows(database)
    assert (row.failure, row.counted) == (failure, 0)
    assert {(one.reserved, one.spent) for one in await budget_rows(database)} == {(0, spent)}
    booked = (await ledger_rows(database))[-1]
    assert (booked.event, booked.amount, booked.reported) == (event, PRICE, not taken)
