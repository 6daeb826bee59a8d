"""One line in the log, and one count, for every job that is over and told."""

import logging
from dataclasses import asdict

from bot.domain.job import Job, Stage, Status
from bot.domain.operations import Ending, Meter

log = logging.getLogger(__name__)

OVER = {Status.GENERATED, Status.DELIVERED, Status.FAILED, Status.CANCELLED}
TOLD = {Stage.DONE, Stage.FAILED, Stage.CANCELLED, Stage.DELETED}


class Endings:
    """Tells a job's end from news of a job that ended before."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def note(self, before: Job, after: Job, now: float) -> None:
        """Note the end, if Discord was told of it now: between `before` and `after`."""
        if not _ended(before, after):
            return
        ending = Ending.of(after, now)
        log.info("job ended", extra={"facts": asdict(ending)})
        self._meter.job_ended(ending)

    def note_untold(self, job: Job) -> None:
        """Note the end of a job that Discord is not told of any more."""
        self.note(job, job, job.ended_at or 0.0)


def _ended(before: Job, after: Job) -> bool:
    if before.delivery.stage in TOLD or before.deleted_by or before.repost:
        return False
    # where there is no card, no stage is noted: there are no news after those of its end
    return after.delivery.stage in TOLD or before.status in OVER
