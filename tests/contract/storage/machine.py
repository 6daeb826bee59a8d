"""Jobs are submitted, claimed, carried on, ended, lost with their workers, outdated, found."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.errors import LeaseLost, UserError
from bot.domain.job import Claim, Requester, Status
from bot.storage import cancels, claims, steps, submitting, unknowns
from bot.storage.claims import DROPPED_SECONDS, LEASE_SECONDS, NOBODY
from bot.storage.database import Database, Transaction
from tests.contract.storage import writes
from tests.contract.storage.model import GATE, RULES, Known, Model
from tests.makers import PRICE, new_job, request

MORNING = 1_800_000_000.0  # 8 h into a day in the middle of a month: no period ends meanwhile
WORKERS = ("w1", "w2", "w3")
MANY = 7  # jobs at once: more only wait
PICK, CHOICE = st.integers(0, 35), st.integers(0, 2**20)
Q, SENDING, SENT = Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED
Step = Callable[["Scheduler", int], None]
STEPS: list[tuple[Step, Callable[["Scheduler"], object]]] = []


def step(when: Callable[["Scheduler"], object], often: int = 1) -> Callable[[Step], Step]:
    """Let a step be chosen where it makes sense."""

    def enlist(taken: Step) -> Step:
        STEPS.extend([(taken, when)] * often)
        return taken

    return enlist


def holding(*at: Status, often: int = 1) -> Callable[[Step], Step]:
    """Let a step be chosen where some worker holds a job at one of these steps."""
    return step(lambda self: self.live(*at), often)


class Scheduler(RuleBasedStateMachine):
    """Does everything to a database and to the model alike."""

    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.model = Model()
        self.claims: list[Claim] = []
        self.do(writes.clear)

    def do(self, work: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - whatever it gives
        """Run a transaction at the model's time, which passes with it."""
        self.now += 0.01
        with self.database.engine.begin() as connection:
            return work(Transaction(connection, self.now), *args)

    @rule(choice=CHOICE, pick=PICK)
    def go_on(self, choice: int, pick: int) -> None:
        """Take any step that is possible, all alike (as rules some would be left out by lot)."""
        possible = [taken for taken, when in STEPS if when(self)]
        taken = possible[choice % len(possible)]
        note(taken.__name__)
        taken(self, pick)

    # what members do

    @step(lambda self: self.model.under_way < MANY, often=3)
    def submit(self, pick: int) -> None:
        member, images = Requester(id=pick % 3 + 1, name="x"), pick // 3 % 3 + 1
        new = new_job(member, request=request(max_images=images))
        if not self.model.takes(new):
            with pytest.raises(UserError):
                self.do(submitting.submit, new, RULES)
            return
        self.model.submit(new, self.do(submitting.submit, new, RULES))

    @step(lambda self: self.model.known)
    def submit_again(self, pick: int) -> None:
        """Discord brings the same interaction a second time."""
        known = self.model.pick(pick)
        assert self.do(submitting.submit, known.new, RULES).id == known.id

    @step(lambda self: self.model.known)
    def cancel(self, pick: int) -> None:
        known = self.model.pick(pick)
        cancelled = self.do(cancels.cancel, known.id)
        assert (cancelled is not None) is (known.waits or known.runs)
        if known.waits:
            known.end(Status.CANCELLED)
        elif known.runs:
            known.asked = True

    # what workers take

    @step(lambda self: self.model.under_way, often=3)
    def claim(self, pick: int) -> None:
        worker = WORKERS[pick % 3]
        claim = self.do(claims.claim, worker, GATE)
        expected = self.model.orphan(worker, self.now) or self.model.next(self.now)
        if expected and expected.waits:
            self.model.start(expected, self.now)
        self.took(claim, expected)

    @step(lambda self: self.model.at(Status.UNKNOWN), often=4)
    def claim_unknown(self, pick: int) -> None:
        worker = WORKERS[pick % 3]
        claim = self.do(unknowns.claim_unknown, worker)
        self.took(claim, self.model.due(worker, self.now))

    def took(self, claim: Claim | None, expected: Known | None) -> None:
        assert (claim is None) is (expected is None)
        if expected is None or claim is None:
            return
        assert claim.job.id == expected.id
        expected.hold(claim.worker, self.now + LEASE_SECONDS)
        expected.attempt += 1
        assert claim.attempt == expected.attempt
        self.claims.append(claim)

    # what becomes of workers

    @step(lambda self: self.model.known)
    def let_time_pass(self, pick: int) -> None:
        self.now += (5.0, 31.0, 61.0)[pick % 3]

    @step(lambda self: self.live())
    def renew(self, pick: int) -> None:
        worker = WORKERS[pick % 3]
        carried = self.model.carried(worker)
        ids = {known.id for known in carried}
        held = [claim.job.number for claim in self.claims if claim.job.id in ids]
        self.do(claims.renew, worker, held, held, [])
        for known in carried:
            known.lease = self.now + LEASE_SECONDS

    @step(lambda self: self.live(), often=2)
    def crash(self, pick: int) -> None:
        """A worker falls silent for longer than its lease, the others go on."""
        for _ in range(2):
            self.now += LEASE_SECONDS / 2 + 1
            for other in (pick + 1, pick + 2):
                self.renew(other)

    @step(lambda self: self.live())
    def hand_over(self, pick: int) -> None:
        worker = WORKERS[pick % 3]
        self.do(claims.expire_claims, worker)
        for known in self.model.carried(worker):
            known.hold(NOBODY)

    # what workers write

    def holds(self, claim: Claim) -> bool:
        known = self.model.known[claim.job.id]
        return (known.worker, known.attempt) == (claim.worker, claim.attempt)

    def live(self, *at: Status) -> list[Claim]:
        """Claims that hold a job, at some steps or at any."""
        return [
            claim
            for claim in self.claims
            if self.holds(claim) and (not at or self.model.known[claim.job.id].status in at)
        ]

    def outdated(self) -> list[Claim]:
        """Claims that hold nothing any more."""
        return [claim for claim in self.claims if not self.holds(claim)]

    def write(self, pick: int, at: tuple[Status, ...], work: Callable[..., Any]) -> Known:
        live = self.live(*at)
        claim = live[pick % len(live)]
        self.do(work, claim)
        return self.model.known[claim.job.id]

    @step(lambda self: self.outdated())
    def write_too_late(self, pick: int) -> None:
        """A worker that does not hold its job any more changes nothing, whatever it writes."""
        with pytest.raises(LeaseLost):
            self.do(writes.EVERY[pick % len(writes.EVERY)], self.outdated()[-1])

    @holding(Q, often=4)
    def send(self, pick: int) -> None:
        known = self.write(pick, (Q,), writes.send)
        if known.asked:
            known.end(Status.CANCELLED)
        else:
            known.status = SENDING

    @holding(SENDING, often=4)
    def accept(self, pick: int) -> None:
        known = self.write(pick, (SENDING,), writes.accept)
        known.status, known.taken = SENT, True
        self.model.open_gate()

    @holding(SENT, often=2)
    def finish(self, pick: int) -> None:
        reported = pick % 2 == 0
        known = self.write(pick, (SENT,), writes.finish if reported else writes.finish_untold)
        known.end(Status.GENERATED, counted=1, cost=writes.COST if reported else known.price)

    @holding(Q, SENDING, SENT)
    def fail(self, pick: int) -> None:
        charged = pick % 2 == 0
        work = writes.fail_charged if charged else writes.fail
        self.write(pick, (Q, SENDING, SENT), work).end(Status.FAILED, cost=PRICE if charged else 0)

    @holding(Q, SENDING)
    def put_back(self, pick: int) -> None:
        known = self.write(pick, (Q, SENDING), writes.put_back)
        known.status = Q
        known.hold(None)
        self.model.shut_gate(known, self.now + writes.SHUT_SECONDS)

    @holding(Q, SENDING, SENT, Status.UNKNOWN)
    def drop(self, pick: int) -> None:
        known = self.write(pick, (Q, SENDING, SENT, Status.UNKNOWN), claims.drop)
        known.hold(NOBODY, self.now + DROPPED_SECONDS)

    @holding(SENDING, SENT, often=2)
    def lose_sight(self, pick: int) -> None:
        known = self.write(pick, (SENDING, SENT), steps.mark_unknown)
        known.end(Status.UNKNOWN, counted=known.counted)
        known.check = self.now

    @holding(Status.UNKNOWN)
    def look_later(self, pick: int) -> None:
        known = self.write(pick, (Status.UNKNOWN,), writes.look_later)
        known.hold(None)
        known.check = self.now + writes.LATER_SECONDS

    @holding(Status.UNKNOWN, often=2)
    def find(self, pick: int) -> None:
        known = self.write(pick, (Status.UNKNOWN,), writes.find)
        known.status, known.taken = SENT, True
        known.hold(NOBODY)

    @holding(Status.UNKNOWN)
    def give_up(self, pick: int) -> None:
        known = self.write(pick, (Status.UNKNOWN,), unknowns.mark_lost)
        known.end(Status.FAILED, cost=known.price if known.taken else 0)

    # what must agree

    @invariant()
    def the_database_agrees(self) -> None:
        before, after = self.do(writes.look_twice)
        assert before == self.model.expected()
        assert after == before, "counting again changed something"
