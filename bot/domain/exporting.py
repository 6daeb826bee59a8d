"""What an export says of a job, and what its pictures are called in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.domain.job import Job, StoredPicture


def job_record(job: Job) -> dict[str, Any]:
    """Write down all that is kept of a job, as JSON takes it; money in dollars."""
    request, there = job.request, job.delivery
    return {
        "id": job.id,
        "status": job.status,
        "failure": job.failure,
        "asked_at": _moment(job.created_at),
        "started_at": _moment(job.started_at),
        "ended_at": _moment(job.ended_at),
        "name_shown": job.requester.name,
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
        "size": request.size,
        "max_images": request.max_images,
        "optimize_prompt": request.optimize_prompt,
        "watermark": request.watermark,
        "spoiler": request.spoiler,
        "private": job.place.private,
        "reroll_of": job.parent_id,
        "cost_usd": (job.cost or 0) / 1_000_000,
        "server_id": job.place.guild_id,
        "channel_id": job.place.channel_id,
        "card_message_id": there.card_id,
        "result_channel_id": there.channel_id,
        "result_message_ids": there.message_ids,
        "deleted_by": job.deleted_by,
        "id_at_segmind": job.provider_id,
        "addresses_at_segmind": job.sent_urls,
        "inputs": [
            {"name": one.name, "file": input_name(job, number) if _is_own(job, one) else None}
            for number, one in enumerate(request.images, start=1)
        ],
        "results": [result_name(job, number) for number in range(1, len(job.results) + 1)],
    }


def pictures_of(job: Job) -> Iterator[tuple[str, StoredPicture]]:
    """List the stored pictures of a job that are its requester's own, under readable names."""
    if job.pictures_gone:
        return
    for number, one in enumerate(job.results, start=1):
        yield result_name(job, number), one
    for number, one in enumerate(job.request.images, start=1):
        if _is_own(job, one):
            yield input_name(job, number), one


def result_name(job: Job, number: int) -> str:
    """Name a result: day, id, number."""
    return _name(job, str(number), job.results[number - 1])


def input_name(job: Job, number: int) -> str:
    """Name an input."""
    return _name(job, f"input-{number}", job.request.images[number - 1])


def _name(job: Job, which: str, stored: StoredPicture) -> str:
    day = datetime.fromtimestamp(job.created_at, UTC)
    return f"pictures/{day:%Y-%m-%d}-{job.id}-{which}.{stored.key.rpartition('.')[2]}"


def _is_own(job: Job, one: StoredPicture) -> bool:
    """Tell a requester's own picture from that of a member whose request they made again."""
    return one.key.startswith(f"{job.requester.id}/")


def _moment(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
