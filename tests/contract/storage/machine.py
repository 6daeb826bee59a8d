"""Any order of events leaves statuses, counters, turns and money as a simple model has them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from bot.domain.errors import LeaseLost, UserError
from bot.domain.job import Claim, Requester, Status
from bot.domain.limits import GateLimits
from bot.storage import cancels, claims, steps, submitting, unknowns
from bot.storage.claims import DROPPED_SECONDS, LEASE_SECONDS, NOBODY, PROBE_SECONDS
from bot.storage.database import Database, Transaction
from tests.contract.storage.known import (
    HOLDING,
    UNDER_WAY,
    Known,
    accept,
    clear,
    fail_at,
    find,
    finish_at,
    look_later,
    look_twice,
    put_back,
    send,
)
from tests.makers import PRICE, new_job, request, rules

GATE = GateLimits(max_running=3, requests_per_minute=1_000_000)
WAITING, RUNNING, PICTURES = 4, 2, 40
BUDGET = PRICE * PICTURES
RULES = rules(
    user={
        "max_running": RUNNING,
        "max_waiting": WAITING,
        "images_per_hour": 10**6,
        "images_per_day": 10**6,
    },
    budgets=dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), BUDGET),
)
MORNING = 1_800_000_000.0  # 8 h into a day in the middle of a month: no period ends meanwhile
WORKERS = st.sampled_from(("w1", "w2", "w3"))


class Scheduler(RuleBasedStateMachine):
    """Jobs are submitted, claimed, carried on, ended, lost with their workers, adopted, found."""

    database: ClassVar[Database]
    jobs = Bundle("jobs")
    held = Bundle("held")

    @initialize()
    def empty(self) -> None:
        self.known: dict[str, Known] = {}
        self.turns: dict[int, float] = {}
        self.turn, self.closed_until = 0.0, 0.0
        self.reason: str | None = None
        self.now = MORNING
        self.do(clear)

    def do(self, work: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - whatever it gives
        """Run a transaction at the model's time, which passes with it."""
        self.now += 0.01
        with self.database.engine.begin() as connection:
            return work(Transaction(connection, self.now), *args)

    def at(self, status: Status) -> list[Known]:
        return [one for one in self.known.values() if one.status is status]

    def of(self, member: int) -> list[Known]:
        return [one for one in self.known.values() if one.member == member]

    def running(self) -> int:
        return sum(one.runs for one in self.known.values())

    # what members do

    @rule(target=jobs, member=st.integers(1, 3), images=st.integers(1, 3))
    def submit(self, member: int, images: int) -> Any:  # noqa: ANN401 - an id or nothing
        new = new_job(Requester(id=member, name="x"), request=request(max_images=images))
        used = sum(one.reserved + one.cost for one in self.known.values())
        full = sum(one.waits for one in self.of(member)) == WAITING
        if full or used + PRICE * images > BUDGET:
            with pytest.raises(UserError):
                self.do(submitting.submit, new, RULES)
            return multiple()
        if not any(one.waits or one.runs for one in self.of(member)):
            self.turns[member] = max(self.turns.get(member, 0.0), self.turn)
        written = self.do(submitting.submit, new, RULES)
        self.known[written.id] = Known(new=new, written=written, counted=images)
        return written.id

    @rule(job_id=jobs)
    def submit_again(self, job_id: str) -> None:
        """Discord brings the same interaction a second time."""
        assert self.do(submitting.submit, self.known[job_id].new, RULES).id == job_id

    @rule(job_id=jobs)
    def cancel(self, job_id: str) -> None:
        known = self.known[job_id]
        cancelled = self.do(cancels.cancel, job_id)
        assert (cancelled is not None) is (known.status in UNDER_WAY)
        if known.waits:
            known.end(Status.CANCELLED)
        elif known.runs:
            known.asked = True

    # what workers take

    @rule(target=held, worker=WORKERS)
    def claim(self, worker: str) -> Any:  # noqa: ANN401 - a claim or nothing
        claim = self.do(claims.claim, worker, GATE)
        expected = self.orphan(worker) or self.next()
        if expected is None or claim is None:
            assert claim is expected
            return multiple()
        assert claim.job.id == expected.written.id
        if expected.waits:
            self.start(expected)
        return self.taken(claim)

    def orphan(self, worker: str) -> Known | None:
        lost = [
            one
            for one in self.known.values()
            if one.runs and one.worker != worker and one.lease < self.now
        ]
        return min(lost, key=lambda one: one.lease, default=None)

    def next(self) -> Known | None:
        """The oldest job of the member served least, if one more may start."""
        if self.running() >= GATE.max_running or self.closed_until > self.now:
            return None
        ready = {
            one.member
            for one in self.known.values()
            if one.waits and sum(other.runs for other in self.of(one.member)) < RUNNING
        }
        if not ready:
            return None
        member = min(ready, key=lambda member: (self.turns[member], member))
        return next(one for one in self.of(member) if one.waits)

    def start(self, known: Known) -> None:
        self.turn = max(self.turn, self.turns[known.member])
        self.turns[known.member] += known.images
        if self.reason:
            self.closed_until = self.now + PROBE_SECONDS

    def taken(self, claim: Claim) -> Claim:
        known = self.known[claim.job.id]
        known.hold(claim.worker, self.now + LEASE_SECONDS)
        known.attempt += 1
        assert claim.attempt == known.attempt
        return claim

    @rule(target=held, worker=WORKERS)
    def claim_unknown(self, worker: str) -> Any:  # noqa: ANN401 - a claim or nothing
        claim = self.do(unknowns.claim_unknown, worker)
        due = [
            one
            for one in self.at(Status.UNKNOWN)
            if one.check <= self.now and (one.worker is None or one.lease < self.now)
        ]
        if not due or claim is None:
            assert claim is None
            assert not due
            return multiple()
        assert claim.job.id == min(due, key=lambda one: one.check).written.id
        return self.taken(claim)

    # what becomes of workers

    @rule(seconds=st.sampled_from((5.0, 31.0, 61.0)))
    def let_time_pass(self, seconds: float) -> None:
        self.now += seconds

    @rule(worker=WORKERS)
    def renew(self, worker: str) -> None:
        self.do(claims.renew, worker)
        for known in self.carried(worker):
            known.lease = self.now + LEASE_SECONDS

    @rule(worker=WORKERS)
    def crash(self, worker: str) -> None:
        """A worker falls silent for longer than its lease, the others go on."""
        for _ in range(2):
            self.now += LEASE_SECONDS / 2 + 1
            for other in {"w1", "w2", "w3"} - {worker}:
                self.renew(other)

    @rule(worker=WORKERS)
    def hand_over(self, worker: str) -> None:
        self.do(claims.expire_claims, worker)
        for known in self.carried(worker):
            known.hold(NOBODY)

    def carried(self, worker: str) -> Iterable[Known]:
        return [one for one in self.known.values() if one.worker == worker]

    # what workers write

    def write(self, claim: Claim, at: Iterable[Status], work: Callable[..., Any]) -> Known | None:
        """Write at some steps; refused, without a trace, to who does not hold the job any more."""
        known = self.known[claim.job.id]
        if (known.worker, known.attempt) != (claim.worker, claim.attempt):
            with pytest.raises(LeaseLost):
                self.do(work, claim)
            return None
        if known.status not in at:
            return None
        self.do(work, claim)
        return known

    @rule(claim=held)
    def send(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.QUEUED], send):
            if known.asked:
                known.end(Status.CANCELLED)
            else:
                known.status = Status.SUBMITTING

    @rule(claim=held)
    def accept(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.SUBMITTING], accept):
            known.status = Status.SUBMITTED
            if self.reason:
                self.closed_until, self.reason = 0.0, None

    @rule(claim=consumes(held), reported=st.booleans())
    def finish(self, claim: Claim, reported: bool) -> None:
        cost = PRICE // 2 if reported else None
        work = finish_at(cost)
        if known := self.write(claim, [Status.SUBMITTED], work):
            known.end(Status.GENERATED, counted=1, cost=cost or PRICE * known.images)

    @rule(claim=consumes(held), cost=st.sampled_from((0, PRICE)))
    def fail(self, claim: Claim, cost: int) -> None:
        if known := self.write(claim, UNDER_WAY, fail_at(cost)):
            known.end(Status.FAILED, cost=cost)

    @rule(claim=consumes(held))
    def put_back(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.QUEUED, Status.SUBMITTING], put_back):
            known.status = Status.QUEUED
            known.hold(None)
            self.turns[known.member] -= known.images
            self.closed_until, self.reason = self.now + 10, "outage"

    @rule(claim=consumes(held))
    def drop(self, claim: Claim) -> None:
        if known := self.write(claim, HOLDING, claims.drop):
            known.hold(NOBODY, self.now + DROPPED_SECONDS)

    @rule(claim=consumes(held))
    def lose_sight(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.SUBMITTING, Status.SUBMITTED], steps.mark_unknown):
            known.end(Status.UNKNOWN, counted=known.counted)
            known.check = self.now

    @rule(claim=consumes(held))
    def look_later(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.UNKNOWN], look_later):
            known.hold(None)
            known.check = self.now + 45

    @rule(claim=consumes(held))
    def find(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.UNKNOWN], find):
            known.status = Status.SUBMITTED
            known.hold(NOBODY)

    @rule(claim=consumes(held))
    def give_up(self, claim: Claim) -> None:
        if known := self.write(claim, [Status.UNKNOWN], unknowns.mark_lost):
            known.end(Status.FAILED)

    # what must agree

    @invariant()
    def the_database_agrees(self) -> None:
        if not hasattr(self, "known"):
            return
        before, after = self.do(look_twice)
        assert before == self.expected()
        assert after == before, "counting again changed something"

    def expected(self) -> dict[str, Any]:
        every = self.known.values()
        reserved, spent = (sum(getattr(one, of) for one in every) for of in ("reserved", "cost"))
        booked = Counter({"reserve": sum(PRICE * one.images for one in every), "settle": spent})
        gone = [one for one in every if not one.reserved and not one.cost]
        booked["release"] = sum(PRICE * one.images for one in gone)
        return {
            "jobs": {
                key: (one.status, one.worker, one.attempt, one.asked, one.counted)
                for key, one in self.known.items()
            },
            "lanes": {
                member: (
                    sum(one.waits for one in self.of(member)),
                    sum(one.runs for one in self.of(member)),
                    turns,
                )
                for member, turns in self.turns.items()
            },
            "gate": (self.running(), self.turn, self.closed_until, self.reason),
            "budgets": {(reserved, spent)} if every else set(),
            "booked": +booked,
        }
