"""What the service counts, for Prometheus. Nothing in it names a visitor."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["Metrics"]

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
# A label has few values: methods or paths that a client makes up add no new series.
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"}


class Metrics:
    """Counters of one application, in a registry of its own.

    >>> metrics = Metrics()
    >>> metrics.count("PUT", "/api/x/{y}", 200, seconds=0.004)
    >>> [line for line in metrics.text().splitlines() if "requests_total{" in line]
    ['recbook_requests_total{method="PUT",route="/api/x/{y}",status="200"} 1.0']
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self):
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "recbook_requests",
            "Requests answered, by route template",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "recbook_request_seconds",
            "From a request's head to the end of its answer",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.engine = Histogram(
            "recbook_engine_seconds",
            "Time within the engine",
            ["call"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.ratings = Counter(
            "recbook_ratings_written", "Ratings acknowledged", registry=self.registry
        )
        self.at_once = Gauge(
            "recbook_requests_at_once", "Requests under way", registry=self.registry
        )

    def count(self, method, route, status, seconds):
        """Count one answered request."""
        method = method if method in METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self):
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry).decode()
