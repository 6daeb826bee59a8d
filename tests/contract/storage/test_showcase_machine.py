"""Any sequence of events leaves the board equal to what the votes say (Hypothesis)."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.job import Deleter
from bot.storage.database import Database
from bot.storage.migrate import migrate
from tests.contract.storage.showcases import (
    BOARD,
    Wall,
    bring_up_to_date,
    delivered,
    give,
    store,
    take,
)
from tests.makers import ANA
from tests.storage_views import entry_rows

KEEPS_FROM = 2  # half of the three stars it takes, rounded up
T = TypeVar("T")


class ShowcaseMachine(RuleBasedStateMachine):
    """Any order of stars, deletions, withdrawals, opting, restarts: the board is what votes say."""

    url: str

    @initialize()
    def start(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = Database(self.url)
        self._run(migrate(self.database))
        self.queue, self.wall = store(self.database), Wall()
        self._run(self.queue.set_board(1, BOARD))
        self.jobs = [self._run(delivered(self.queue, message_id=message)) for message in (51, 61)]
        self.votes: dict[int, set[tuple[int, int]]] = {0: set(), 1: set()}
        self.wanted = {0: False, 1: False}
        self.barred: set[int] = set()
        self.out = False

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def _expect(self, which: int) -> None:
        stars = len({user for _, user in self.votes[which] if user != ANA.id})
        enough = KEEPS_FROM if self.wanted[which] else BOARD.threshold
        self.wanted[which] = stars >= enough and which not in self.barred and not self.out

    @rule(
        which=st.sampled_from([0, 1]),
        on_card=st.booleans(),
        user=st.sampled_from([1, 2, 3, 4, ANA.id]),
    )
    def star(self, which: int, on_card: bool, user: int) -> None:
        message = 51 + 10 * which - on_card
        self._run(give(self.queue, user, message_id=message))
        if not self._deleted(which):
            self.votes[which].add((message, user))
            self._expect(which)

    @rule(
        which=st.sampled_from([0, 1]),
        on_card=st.booleans(),
        user=st.sampled_from([1, 2, 3, 4, ANA.id]),
    )
    def unstar(self, which: int, on_card: bool, user: int) -> None:
        message = 51 + 10 * which - on_card
        self._run(take(self.queue, user, message_id=message))
        if not self._deleted(which):
            self.votes[which].discard((message, user))
            self._expect(which)

    def _deleted(self, which: int) -> bool:
        job = self._run(self.queue.job(self.jobs[which].id))
        return job is None or job.deleted_by is not None

    @rule(which=st.sampled_from([0, 1]))
    def withdraw(self, which: int) -> None:
        known = {row.job_number for row in self._run(entry_rows(self.database))}
        self._run(self.queue.withdraw(self.jobs[which].number))
        if self.jobs[which].number in known:
            self.barred.add(which)
            self.wanted[which] = False

    @rule(which=st.sampled_from([0, 1]))
    def delete(self, which: int) -> None:
        self._run(self.queue.remove(self.jobs[which].id, Deleter.REQUESTER))
        self.barred.add(which)
        self.wanted[which] = False

    @rule()
    def opt_out(self) -> None:
        self._run(self.queue.opt(ANA.id, shown=False))
        self.out = True
        self.wanted = {0: False, 1: False}

    @precondition(lambda self: self.out)
    @rule()
    def opt_in(self) -> None:
        known = {row.job_number for row in self._run(entry_rows(self.database))}
        self._run(self.queue.opt(ANA.id, shown=True))
        self.out = False
        for which in (0, 1):
            if self.jobs[which].number in known:
                self._expect(which)

    @rule()
    def show(self) -> None:
        self._run(bring_up_to_date(self.queue, self.wall))

    @rule()
    def restart_while_posting(self) -> None:
        """A worker dies with a claim; another comes."""
        self._run(self.queue.claim_entry())
        self._run(self.database.close())
        self.database = Database(self.url)
        self.queue = store(self.database, "another")
        self._run(self.queue.adopt_all())

    @invariant()
    def the_board_is_what_the_votes_say(self) -> None:
        if not hasattr(self, "jobs"):
            return
        self.database.shift += 10
        self._run(bring_up_to_date(self.queue, self.wall))
        expected = {self.jobs[which].id for which in (0, 1) if self.wanted[which]}
        assert self.wall.shown.keys() == expected

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self._run(self.database.close())
            self.loop.close()


def test_any_sequence_leaves_the_board_equal_to_what_the_votes_say(tmp_path: Path) -> None:
    numbers = iter(range(10**6))

    class OnAFile(ShowcaseMachine):
        @property
        def url(self) -> str:  # type: ignore[override]
            if not hasattr(self, "_url"):
                self._url = f"sqlite:///{tmp_path}/{next(numbers)}.db"
            return self._url

    run_state_machine_as_test(
        OnAFile, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
