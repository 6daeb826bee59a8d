"""Between rows and the domain's values."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, select

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

_RESULTS = (
    select(result.c.picture)
    .where(result.c.job_number == bindparam("number"))
    .order_by(result.c.position)
)
_MESSAGES = (
    select(message.c.message_id)
    .where(message.c.job_number == bindparam("number"), message.c.post == bindparam("post"))
    .where(message.c.kind == "result")
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
    row = tx.connection.execute(select(job).where(job.c.number == number)).one()
    return read_job(tx, row)


def read_job(tx: Transaction, row: AnyRow) -> Job:
    """Make the value of a row of `job`, with its results and messages."""
    return _job(row, _results(tx, row.number), _message_ids(tx, row))


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
        delivery=_delivery(row, message_ids),
        taken_over=row.taken_over,
        repost=_place.validate_python(row.repost) if row.repost else None,
        deleted_by=Deleter(row.deleted_by) if row.deleted_by else None,
        results=results,
    )


def _results(tx: Transaction, number: int) -> tuple[StoredPicture, ...]:
    rows = tx.connection.scalars(_RESULTS, {"number": number})
    return tuple(_picture.validate_python(picture) for picture in rows)


def _message_ids(tx: Transaction, row: AnyRow) -> tuple[int, ...]:
    return tuple(tx.connection.scalars(_MESSAGES, {"number": row.number, "post": row.post}))


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
