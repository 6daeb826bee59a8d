"""Between rows and the domain's values."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BindParameter, bindparam, select

from bot.domain.errors import Failure
from bot.domain.job import (
    Deleter,
    Delivery,
    GenerationRequest,
    Job,
    Place,
    Requester,
    Stage,
    Status,
    StoredPicture,
)
from bot.storage.database import AnyRow, Transaction
from bot.storage.tables import job, message, result

_place = TypeAdapter(Place)
_request = TypeAdapter(GenerationRequest)
_picture = TypeAdapter(StoredPicture)

# Built once: building a statement costs more than running it.
_NUMBERS: BindParameter[list[int]] = bindparam("numbers", expanding=True)
_JOBS = select(job).where(job.c.number.in_(_NUMBERS))
_RESULTS = (
    select(result.c.job_number, result.c.picture)
    .where(result.c.job_number.in_(_NUMBERS))
    .order_by(result.c.position)
)
_MESSAGES = (
    select(message.c.job_number, message.c.post, message.c.message_id)
    .where(message.c.job_number.in_(_NUMBERS), message.c.kind == "result")
    .order_by(message.c.message_id)
)


def place_json(place: Place) -> dict[str, Any]:
    """Make a place ready for its JSON column."""
    return dict(_place.dump_python(place, mode="json"))


def request_json(request: GenerationRequest) -> dict[str, Any]:
    """Make a request ready for its JSON column."""
    return dict(_request.dump_python(request, mode="json"))


def request_of(row: AnyRow) -> GenerationRequest:
    """Read the request of a row of `job`."""
    return _request.validate_python(row.request)


def picture_json(picture: StoredPicture) -> dict[str, Any]:
    """Make a stored picture ready for its JSON column."""
    return dict(_picture.dump_python(picture, mode="json"))


def job_by_number(tx: Transaction, number: int) -> Job:
    """Read one job that is known to be there."""
    return jobs_by_number(tx, [number])[number]


def jobs_by_number(tx: Transaction, numbers: Sequence[int]) -> dict[int, Job]:
    """Read jobs that are known to be there, by their numbers."""
    rows = tx.connection.execute(_JOBS, {"numbers": numbers}).all()
    return {one.number: one for one in read_jobs(tx, rows)}


def read_job(tx: Transaction, row: AnyRow) -> Job:
    """Make the value of a row of `job`, with its results and messages."""
    return read_jobs(tx, [row])[0]


def read_jobs(tx: Transaction, rows: Sequence[AnyRow]) -> list[Job]:
    """Do the same for several rows, in as many statements as for one."""
    numbers = {"numbers": [row.number for row in rows]}
    pictures, messages = defaultdict(list), defaultdict(list)
    for number, picture in tx.connection.execute(_RESULTS, numbers):
        pictures[number].append(_picture.validate_python(picture))
    for number, post, message_id in tx.connection.execute(_MESSAGES, numbers):
        messages[number, post].append(message_id)
    return [
        _job(row, tuple(pictures[row.number]), tuple(messages[row.number, row.post]))
        for row in rows
    ]


def new_job(row: AnyRow) -> Job:
    """Make the value of a row that was just written: it has no results or messages yet."""
    return _job(row, (), ())


def _job(row: AnyRow, results: tuple[StoredPicture, ...], message_ids: tuple[int, ...]) -> Job:
    return Job(
        id=row.id,
        number=row.number,
        requester=Requester(id=row.user_id, name=row.user_name),
        place=_place.validate_python(row.place),
        request=request_of(row),
        status=Status(row.status),
        parent_id=row.parent_id,
        weight=row.weight,
        created_at=row.created_at,
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        ended_at=row.ended_at,
        provider_id=row.provider_id,
        sent_urls=tuple(row.sent_urls),
        price=row.price,
        reserved=row.reserved,
        cost=row.cost,
        failure=Failure(row.failure) if row.failure else None,
        cancel_asked=row.cancel_asked,
        pictures_gone=row.pictures_gone,
        held=row.held_at is not None,
        delivery=_delivery(row, message_ids),
        taken_over=row.taken_over,
        repost=_place.validate_python(row.repost) if row.repost else None,
        deleted_by=Deleter(row.deleted_by) if row.deleted_by else None,
        results=results,
    )


def _delivery(row: AnyRow, message_ids: tuple[int, ...]) -> Delivery:
    return Delivery(
        card_id=row.card_id,
        stage=Stage(row.stage) if row.stage else None,
        channel_id=row.result_channel_id,
        message_ids=message_ids,
        post=row.post,
        tries=row.delivery_tries,
        edits=row.card_edits,
    )
