"""The silo's figures for Prometheus: read from the database when asked, so they are right whichever process answers."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nurturing.queries import send as send_query
from silo.queries import doctor, health, overview

GAUGES = {
    "beat_age": ("silo_clock_beat_age_seconds", "Seconds since the clock last went round."),
    "clock_lag": ("silo_clock_lag_seconds", "Seconds that the first due person has waited."),
    "people_due": ("silo_people_due", "People whose moment has come."),
    "mails_ready": ("silo_mails_ready", "Mails that may leave now."),
    "mails_in_hand": ("silo_mails_in_hand", "Mails in the hands of workers."),
    "mails_unknown": ("silo_mails_unknown", "Mails of which nobody can know whether they left."),
    "mails_deferred": ("silo_mails_deferred", "Mails that a server put off."),
    "mails_per_second": ("silo_mails_per_second", "Mails accepted per second, over the last minute."),
    "on_hold": ("silo_sending_on_hold", "1 while all sending is stopped."),
    "workers": ("silo_workers", "Workers heard within 20 seconds."),
    "hints": ("silo_broker_hints", "Hints that wait in the broker."),
    "database_bytes": ("silo_database_bytes", "Size of the database."),
    "connections": ("silo_database_connections", "Connections to PostgreSQL."),
    "disk_free": ("silo_disk_free_ratio", "Free share of the disk where files are kept."),
}


class _Silo(Collector):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        figures = asdict(health.of(now=self._now).figures)
        for name, (metric, words) in GAUGES.items():
            if figures[name] is not None:
                yield GaugeMetricFamily(metric, words, value=float(figures[name]))
        yield GaugeMetricFamily(
            "silo_broker_up", "1 while the broker answers.", value=float(figures["workers"] is not None)
        )
        people = GaugeMetricFamily("silo_people", "People by standing.", labels=["state"])
        for state, count in doctor.standing_counts().items():
            people.add_metric([state], count)
        yield people
        equation = send_query.equation_for_a_page(now=self._now)
        yield CounterMetricFamily("silo_mails_due", "Mails that the planner decided.", value=equation.due)
        mails = GaugeMetricFamily("silo_mails", "What became of them.", labels=["state"])
        for state in ("accepted", "skipped", "failed", "unknown", "waiting"):
            mails.add_metric([state], getattr(equation, state))
        yield mails
        report = overview.kept_report()
        if report is not None:
            yield GaugeMetricFamily(
                "silo_leaks", "Broken promises that the doctor found.", value=report.leak_count
            )
            yield GaugeMetricFamily(
                "silo_temperature_drift_degrees",
                "Largest difference of a stored temperature from its events.",
                value=report.temperature_drift,
            )


def text(*, now: datetime) -> bytes:
    """The exposition format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Silo(now))
    return generate_latest(registry)
