"""The scheduler as simply as it can be said: a list of jobs, every figure counted from it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from bot.domain.job import UNDER_WAY, Job, NewJob, Status
from bot.domain.limits import GateLimits
from bot.storage.claims import PROBE_SECONDS
from bot.storage.reconcile import HOLDING
from tests.makers import PRICE, rules

GATE = GateLimits(max_running=3, requests_per_minute=1_000_000)
WAITING, RUNNING, PICTURES = 3, 2, 30
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


@dataclass
class Known:
    """What the model knows of a job."""

    id: str
    new: NewJob
    counted: int
    status: Status = Status.QUEUED
    worker: str | None = None
    attempt: int = 0
    lease: float = 0.0
    check: float = 0.0
    asked: bool = False
    taken: bool = False
    cost: int = 0

    @property
    def member(self) -> int:
        return self.new.requester.id

    @property
    def images(self) -> int:
        return self.new.request.max_images

    @property
    def price(self) -> int:
        return PRICE * self.images

    @property
    def waits(self) -> bool:
        return self.status is Status.QUEUED and self.worker is None

    @property
    def runs(self) -> bool:
        return self.status in UNDER_WAY and self.worker is not None

    @property
    def reserved(self) -> int:
        return self.price if self.status in HOLDING else 0

    def hold(self, worker: str | None, lease: float = 0.0) -> None:
        self.worker, self.lease = worker, lease

    def end(self, status: Status, *, counted: int = 0, cost: int = 0) -> None:
        self.status, self.counted, self.cost = status, counted, cost
        self.hold(None)


class Model:
    """Every job ever submitted, everybody's turns, and the gate."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self._turns: dict[int, float] = {}
        self._turn = 0.0
        self._closed_until = 0.0
        self._reason: str | None = None

    def at(self, status: Status) -> list[Known]:
        return [one for one in self.known.values() if one.status is status]

    @property
    def under_way(self) -> int:
        return sum(one.status in HOLDING for one in self.known.values())

    def pick(self, number: int) -> Known:
        """One of the latest jobs."""
        return list(self.known.values())[-1 - number % len(self.known)]

    def carried(self, worker: str) -> list[Known]:
        return [one for one in self.known.values() if one.worker == worker]

    def _waiting(self, member: int) -> int:
        return sum(one.waits for one in self.known.values() if one.member == member)

    def _running(self, member: int | None = None) -> int:
        return sum(one.runs for one in self.known.values() if member in {None, one.member})

    def takes(self, new: NewJob) -> bool:
        """Whether a request fits the member's line and the budget."""
        used = sum(one.reserved + one.cost for one in self.known.values())
        fits = used + PRICE * new.request.max_images <= BUDGET
        return fits and self._waiting(new.requester.id) < WAITING

    def submit(self, new: NewJob, written: Job) -> None:
        member = new.requester.id
        if not self._waiting(member) and not self._running(member):
            self._turns[member] = max(self._turns.get(member, 0.0), self._turn)
        self.known[written.id] = Known(id=written.id, new=new, counted=new.request.max_images)

    def orphan(self, worker: str, now: float) -> Known | None:
        """Another worker's job whose lease ended first."""
        lost = [one for one in self.known.values() if one.runs and one.lease < now]
        others = [one for one in lost if one.worker != worker]
        return min(others, key=lambda one: one.lease, default=None)

    def due(self, worker: str, now: float) -> Known | None:
        """The job of unknown outcome that nobody looks up and is due longest."""
        due = [one for one in self.at(Status.UNKNOWN) if one.check <= now]
        free = [
            one for one in due if one.worker is None or (one.worker != worker and one.lease < now)
        ]
        return min(free, key=lambda one: one.check, default=None)

    def next(self, now: float) -> Known | None:
        """The oldest job of the member served least, if one more may start."""
        if self._running() >= GATE.max_running or self._closed_until > now:
            return None
        ready = {one.member for one in self.known.values() if one.waits}
        ready = {member for member in ready if self._running(member) < RUNNING}
        member = min(ready, key=lambda member: (self._turns[member], member), default=None)
        mine = (one for one in self.known.values() if one.waits and one.member == member)
        return next(mine, None)

    def start(self, known: Known, now: float) -> None:
        self._turn = max(self._turn, self._turns[known.member])
        self._turns[known.member] += known.images
        if self._reason:
            self._closed_until = now + PROBE_SECONDS

    def shut_gate(self, known: Known, until: float) -> None:
        """After a job was put back: its turn is given back, nothing starts for a time."""
        self._turns[known.member] -= known.images
        self._closed_until, self._reason = until, "outage"

    def open_gate(self) -> None:
        if self._reason:
            self._closed_until, self._reason = 0.0, None

    def expected(self) -> dict[str, Any]:
        """What `writes.look_twice` has to see."""
        every = self.known.values()
        spent = sum(one.cost for one in every)
        booked = Counter({"reserve": sum(one.price for one in every), "settle": spent})
        booked["release"] = sum(one.price for one in every if not one.reserved and not one.cost)
        return {
            "jobs": {
                one.id: (one.status, one.worker, one.attempt, one.asked, one.counted)
                for one in every
            },
            "lanes": {
                member: (self._waiting(member), self._running(member), turns)
                for member, turns in self._turns.items()
            },
            "gate": (self._running(), self._turn, self._closed_until, self._reason),
            "budgets": {(sum(one.reserved for one in every), spent)} if every else set(),
            "booked": +booked,
        }
