"""Counters and histograms of this process, and the queue's figures, as Prometheus reads them."""

from collections.abc import Iterator

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.operations import Ending, Figures

TOO_MANY_REQUESTS = 429
SECONDS = (0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1800)
LAG_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 20)


class PrometheusMeter:
    """Implements `bot.domain.operations.Meter`, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ended = Counter(
            "seedream_jobs_ended", "Jobs that came to an end.", ("status", "failure"),
            registry=self.registry,
        )  # fmt: skip
        self._pictures = Counter(
            "seedream_pictures_made", "Pictures of jobs that ended.", registry=self.registry
        )
        self._line = self._histogram("line", "From asking to being started.")
        self._run = self._histogram("run", "From being sent to the pictures.")
        self._delivery = self._histogram("delivery", "From the pictures to their place in Discord.")
        self._lag = Histogram(
            "seedream_loop_lag_seconds", "How late the event loop came back.",
            buckets=LAG_SECONDS, registry=self.registry,
        )  # fmt: skip
        self._limited = Counter(
            "seedream_rate_limited", "Answers 429.", ("side",), registry=self.registry
        )

    def _histogram(self, name: str, what: str) -> Histogram:
        return Histogram(f"seedream_{name}_seconds", what, buckets=SECONDS, registry=self.registry)

    def job_ended(self, ending: Ending) -> None:
        """See the port."""
        self._ended.labels(ending.status, ending.failure or "").inc()
        self._pictures.inc(ending.pictures)
        for histogram, seconds in (
            (self._line, ending.line_seconds),
            (self._run, ending.run_seconds),
            (self._delivery, ending.delivery_seconds),
        ):
            if seconds is not None:
                histogram.observe(seconds)

    def loop_was_late(self, seconds: float) -> None:
        """Note how late the event loop came back."""
        self._lag.observe(seconds)

    def trace(self, side: str) -> aiohttp.TraceConfig:
        """Count the answers 429 of the sessions this is given to."""
        limited = self._limited.labels(side)

        async def ended(
            _: aiohttp.ClientSession, __: object, answer: aiohttp.TraceRequestEndParams
        ) -> None:
            if answer.response.status == TOO_MANY_REQUESTS:
                limited.inc()

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(ended)
        return trace

    def write(self, figures: Figures | None) -> bytes:
        """Write everything in the text format; without figures the database is said to be away."""
        queue = CollectorRegistry()
        queue.register(_Queue(figures))
        return generate_latest(self.registry) + generate_latest(queue)


class _Queue(Collector):
    """The figures, for one scrape."""

    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield _gauge("database_up", "Whether the database answers.", float(figures is not None))
        if figures is None:
            return
        jobs = GaugeMetricFamily("seedream_jobs", "Jobs that are not over.", labels=("status",))
        for status, count in figures.jobs.items():
            jobs.add_metric((status,), count)
        yield jobs
        yield _gauge("queue_oldest_seconds", "Age of the oldest in line.", figures.oldest_queued)
        yield _gauge(
            "running_oldest_seconds", "How long the provider has had one.", figures.oldest_running
        )
        yield _gauge("news_due", "Jobs that Discord is to be told of.", figures.news)
        yield _gauge("news_oldest_seconds", "Age of the oldest of these.", figures.oldest_news)
        money = GaugeMetricFamily(
            "seedream_money_dollars", "Of all servers together.", labels=("period", "kind")
        )
        for sums in figures.money:
            money.add_metric((sums.period, "spent"), sums.spent / 1e6)
            money.add_metric((sums.period, "reserved"), sums.reserved / 1e6)
        yield money


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"seedream_{name}", what, value=value)
