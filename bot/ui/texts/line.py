"""The line: own jobs, own use, and calling a job off."""

from bot.domain.forecast import Forecast
from bot.domain.job import Job, Stage, Status
from bot.domain.money import dollars
from bot.domain.usage import Usage, WindowUse
from bot.ui.plain import quoted
from bot.ui.texts.words import relative

DEAD = {
    "component": "This button is from an earlier version and does nothing any more.",
    "modal_submit": "This form is from an earlier version. Please open it again.",
}
NOTHING = "You have nothing waiting or being made. Start with /imagine."


def overview(jobs: list[tuple[Job, Forecast]]) -> str:
    """List own jobs with what to expect of each."""
    return "\n".join(_row(job, forecast) for job, forecast in jobs) or NOTHING


def _row(job: Job, forecast: Forecast) -> str:
    return f"**#{job.id}** {quoted(job.request.prompt, 60)}: {_state(job, forecast)}"


def _state(job: Job, forecast: Forecast) -> str:
    if job.cancel_asked:
        return "cancelled, but already being made"
    if forecast.paused and job.stage is Stage.IN_LINE:
        return "waiting, pictures are paused"
    if job.started_at is None:
        before = f", about {forecast.before} before it" if forecast.before else ""
        return f"starts {relative(forecast.now + forecast.starts_in)}{before}"
    left = job.started_at + forecast.usual_seconds - forecast.now
    return f"being made, ready {relative(forecast.now + max(left, 0))}"


def cancelled(job: Job) -> str:
    """Confirm that a job was called off, and be plain about one that is paid already."""
    if job.status is Status.CANCELLED:
        return f"#{job.id} is cancelled. Nothing was charged and your allowance is back."
    return (
        f"#{job.id} is already being made and cannot be stopped: it costs up to "
        f"{dollars(job.reserved)} and counts, but it will not be posted."
    )


def usage(used: Usage) -> str:
    """Say what was used of what is allowed."""
    return (
        f"This hour: {_window(used.hour)}\n"
        f"Today: {_window(used.day)}\n"
        f"Waiting: {used.waiting} of {used.max_waiting} requests. "
        f"Being made: {used.running} of {used.max_running}."
    )


def _window(window: WindowUse) -> str:
    text = f"{window.used} of {window.allowed} pictures."
    return f"{text} The next one frees {relative(window.frees_at)}." if window.frees_at else text
