"""What Prometheus sees: requests by path and status, answers by route and status, and their latencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

if TYPE_CHECKING:
    from router.types import Answer

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application (its own registry, so that two applications in one process do not mix)."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "termroute_http_requests", "HTTP requests", ["method", "path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "termroute_http_seconds",
            "Seconds for an HTTP request",
            ["method", "path"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._answers = Counter("termroute_answers", "Answers", ["route", "status"], registry=self._registry)
        # Looking a series up by its labels costs more than counting; there are few.
        self._series: dict[tuple[str, ...], tuple[Counter, Histogram]] = {}
        self._answered: dict[tuple[str, str], Counter] = {}
        self._again = Counter(
            "termroute_answers_from_cache",
            "Answers that were given again from the cache",
            registry=self._registry,
        )

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, path, str(status))
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._requests.labels(*key), self._seconds.labels(method, path)
        requests, latencies = series
        requests.inc()
        latencies.observe(seconds)

    def answer(self, answer: Answer) -> None:
        """Count one answer."""
        key = (answer.route.value, answer.status.value)
        series = self._answered.get(key)
        if series is None:
            series = self._answered[key] = self._answers.labels(*key)
        series.inc()
        if "cache" in answer.trace.timings_ms:
            self._again.inc()

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)
