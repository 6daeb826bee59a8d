"""The answer to a command, and the job's card."""

from bot.domain.errors import Failure, Halt
from bot.domain.forecast import Forecast
from bot.domain.job import Deleter, Job, Stage, Status
from bot.domain.limits import STRIKES
from bot.domain.money import dollars
from bot.domain.pacing import UNKNOWN_SECONDS
from bot.ui.plain import name, one_line, quoted
from bot.ui.texts.words import duration, pictures, relative

_PAUSES = {
    Halt.CREDITS: "the bot's account is out of credit",
    Halt.KEY: "the service does not let the bot in",
    "moderator": "a moderator paused them",
}

_DELETED_BY = {
    Deleter.REQUESTER: "its requester",
    Deleter.UPLOADER: "the member whose pictures it used",
    Deleter.MODERATOR: "a moderator",
}

_FAILURES = {
    Failure.CONTENT_REFUSED: (
        "This request was refused by the content rules. Change the words or the pictures."
    ),
    Failure.BAD_REQUEST: "The picture could not be made: the service refused this request.",
    Failure.PROVIDER_ERROR: "The picture could not be made: the service reported an error.",
    Failure.MODEL_GONE: "The picture could not be made: the service no longer offers this model.",
    Failure.NO_RESULT: "The service finished, but sent no usable picture.",
    Failure.TOO_SLOW: "The picture could not be made in time.",
    Failure.NO_TRACE: "No trace of it was found.",
    Failure.INPUT_LOST: "A picture of this request is no longer stored. Please send it again.",
}


def accepted(job: Job) -> str:
    """Answer the command privately, once the request is written down."""
    price = f"up to {dollars(job.reserved)}"
    if job.place.private:
        where = "Only you will see it: it comes by direct message, else it waits in /results."
    elif job.place.guild_id is None:
        where = "It comes here."
    else:
        where = "Follow it on its card in this channel."
    return f"In line as #{job.id}: {pictures(job.request.max_images)}, {price}. {where}"


def card(job: Job, forecast: Forecast, stage: Stage) -> str:
    """Write a job's card: who wants what, and how far it is."""
    head = f"**{name(job.requester.name)}**: {quoted(job.request.prompt)}"
    inputs = _inputs(job)
    return f"{head}{inputs}\n{_state(job, forecast, stage)}"


def _inputs(job: Job) -> str:
    count = len(job.request.images)
    if count < 2:
        return f" · from {pictures(count)}" if count else ""
    listing = ", ".join(
        f"{number} = {quoted(picture.name, 24)}"
        for number, picture in enumerate(job.request.images, start=1)
    )
    return f"\n-# Pictures for the model: {listing}"


def _state(job: Job, forecast: Forecast, stage: Stage) -> str:
    elapsed = forecast.now - (job.started_at or forecast.now)
    usual = forecast.usual_seconds
    match stage:
        case Stage.IN_LINE:
            before = f", about {forecast.before} before you" if forecast.before else ""
            starts = relative(forecast.now + forecast.starts_in)
            return f"In line: starts {starts}{before}."
        case Stage.BEING_MADE:
            return f"Being made: ready {relative(forecast.now + max(usual - elapsed, 0))}."
        case Stage.SLOW:
            return (
                f"Longer than usual: {duration(elapsed)} so far, usually {duration(usual)}. "
                "Still running."
            )
        case Stage.PAUSED:
            why = _PAUSES.get(forecast.paused or "", "the service is down")
            if forecast.pause_reason:
                why += f" ({quoted(forecast.pause_reason, 100)})"
            return (
                f"Pictures are paused: {why}. Your request keeps its place and is not charged; "
                "it goes on by itself."
            )
        case Stage.UNKNOWN:
            by = relative((job.submitted_at or forecast.now) + UNKNOWN_SECONDS)
            return (
                "The service stopped answering after it took your request, so it may have been "
                "paid. I am checking and will not send it twice. "
                f"You will hear by {by}."
            )
        case _:
            return _end(job, stage, forecast.strikes)


def _end(job: Job, stage: Stage, strikes: int) -> str:
    if stage is Stage.FAILED:
        return failure(job, strikes)
    if stage is Stage.DELETED:
        return f"Deleted by {_DELETED_BY[job.deleted_by or Deleter.MODERATOR]}."
    if stage is Stage.DONE:
        return _done(job)
    if stage is Stage.CANCELLING:
        return (
            "Cancelled while it is being made: it will not be posted. If it was sent already, it "
            "is paid for and will be in /results."
        )
    if job.status is Status.CANCELLED:
        return "Cancelled. Nothing was charged."
    return (
        "Cancelled while it was being made: it is paid for, but will not be posted. "
        "It is in /results."
    )


def _done(job: Job) -> str:
    done = f"Done in {run_time(job)}"
    if job.status is Status.GENERATED:
        kept = "Your pictures are safe in /results."
        gone = "Its stored pictures are gone."
        return f"{done}, but I could not post it. {gone if job.pictures_gone else kept}"
    made = pictures(len(job.results))
    moved = job.delivery.channel_id not in (None, job.place.channel_id)
    where = f" → <#{job.delivery.channel_id}>" if moved else ""
    where = ", sent by direct message" if job.in_direct_message else where
    return f"{done}, {made}{where}"


def failure(job: Job, strikes: int) -> str:
    """Say why a job failed, that it cost nothing, and what further refusals would lead to."""
    if job.failure is Failure.CONTENT_REFUSED:
        return f"{_FAILURES[job.failure]} {_warning(STRIKES - strikes)} Nothing was charged."
    why = _FAILURES[job.failure or Failure.PROVIDER_ERROR]
    if job.failure is Failure.NO_TRACE:
        return f"{why} Sending it again could cost a second {dollars(job.reserved)}."
    if job.cost and job.failure is Failure.TOO_SLOW:
        return f"{why} The service took the request, so {dollars(job.cost)} is booked for it."
    if job.cost:
        return f"{why} The service charged {dollars(job.cost)} all the same."
    return f"{why} You were not charged and your allowance is back."


def failed(job: Job) -> str:
    """Call back a requester who has waited for nothing."""
    return f"<@{job.requester.id}> your request #{job.id} could not be made."


def _warning(left: int) -> str:
    if left <= 0:
        return "That was one too many within an hour: please wait an hour before the next request."
    refusals = "1 more refusal" if left == 1 else f"{left} more refusals"
    return f"After {refusals} this hour you would have to wait an hour."


def run_time(job: Job) -> str:
    """Say how long it was in the making."""
    return duration((job.ended_at or 0) - (job.started_at or 0))


def preview_alt(job: Job) -> str:
    """Describe the small picture on a finished card."""
    return f"Preview: {one_line(job.request.prompt, 1000)}"
