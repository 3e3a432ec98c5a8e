"""/metrics for Prometheus: what this command's crawls have done, and what waits in the archive.

A crawl's counts are those of its record, which its heartbeat brings up to date four times a
minute. Counters begin at 0 with the command; labels are bounded.
"""

import os
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import click
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import ArchiveError
from storage.ledger.runs import LOST_AFTER
from storage.models import Frontier, Run, Source

_TOTALS = {
    "new_articles": ("articles", "Articles that were not known before"),
    "new_versions": ("versions", "Versions of articles that were known before"),
    "bytes": ("bytes", "Bytes of bodies, their encodings undone"),
}
_LABELLED = {
    "outcomes": ("requests", "Requests by outcome", "outcome"),
    "failures": ("failures", "Failed requests by what failed", "reason"),
    "failures_by_source": (
        "source_failures",
        "Failed requests of the sources that failed most",
        "source",
    ),
}
_MOST_LABELS = 100
_MOST_DUE = 100_000


class CrawlMetrics(Collector):
    """What the crawls of these processes have done since the collector was made.

    `watch` adds a process. What the archive can't be asked is left out: a scrape never fails.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._pids = {os.getpid()}
        self._ended: Counter[tuple[str, str]] = Counter()
        self._seen = self._latest_run()

    def watch(self, pid: int) -> None:
        """Count the crawls of the process too."""
        self._pids.add(pid)

    def collect(self) -> Iterator[Metric]:
        try:
            counts = self._counts()
            yield from self._of_archive()
        except ArchiveError:
            yield _up(False)
            return
        yield _up(True)
        for key, (name, help_text) in _TOTALS.items():
            yield CounterMetricFamily(f"permalien_{name}", help_text, value=counts[key, ""])
        for key, (name, help_text, label) in _LABELLED.items():
            family = CounterMetricFamily(f"permalien_{name}", help_text, labels=[label])
            values = Counter({value: n for (of, value), n in counts.items() if of == key})
            most = values.most_common(_MOST_LABELS)
            names = self._names([value for value, _ in most]) if label == "source" else {}
            for value, number in most:
                family.add_metric([names.get(value, value)], number)
            yield family

    def _counts(self) -> Counter[tuple[str, str]]:
        """Of all crawls, those that ended kept in one sum."""
        counts: Counter[tuple[str, str]] = Counter()
        with self._archive.reading() as session:
            runs = session.scalars(
                select(Run)
                .where(
                    Run.id > self._seen, Run.host == socket.gethostname(), Run.pid.in_(self._pids)
                )
                .order_by(Run.id)
            ).all()
        going_on = False
        for run in runs:
            going_on |= run.ended_at is None
            if going_on:
                counts.update(_flat(run.counts))
                continue
            self._ended.update(_flat(run.counts))
            self._seen = run.id
        return counts + self._ended

    def _of_archive(self) -> Iterator[Metric]:
        now = utc_now()
        due = select(func.count(), func.min(Source.next_due_at)).where(
            Source.enabled,
            Source.next_due_at <= now,
            (Source.paused_until.is_(None)) | (Source.paused_until <= now),
        )
        queue = (
            select(Frontier.address_id)
            .join(Source, Source.id == Frontier.source_id)
            .where(Source.enabled, Source.next_due_at <= now, Frontier.due_at <= now)
            .limit(_MOST_DUE)
        )
        with self._archive.reading() as session:
            queued = session.scalar(select(func.count()).select_from(queue.subquery()))
            waiting, earliest = session.execute(due.where(Source.lease_run_id.is_(None))).one()
            alive = session.scalar(
                select(func.count()).where(
                    Run.ended_at.is_(None), Run.heartbeat_at > now - LOST_AFTER
                )
            )
        lag = max(timedelta(0), now - earliest) if earliest else timedelta(0)
        yield GaugeMetricFamily(
            "permalien_queue",
            f"Addresses that are due, counted up to {_MOST_DUE:,}",
            value=queued or 0,
        )
        yield GaugeMetricFamily(
            "permalien_sources_due", "Sources that are due and that no crawl holds", value=waiting
        )
        yield GaugeMetricFamily(
            "permalien_lag_seconds",
            "For how long the longest due of them has been",
            value=lag.total_seconds(),
        )
        yield GaugeMetricFamily("permalien_runs", "Crawls under way, anywhere", value=alive or 0)

    def _names(self, ids: list[str]) -> dict[str, str]:
        with self._archive.reading() as session:
            rows = session.execute(
                select(Source.id, Source.name).where(Source.id.in_(map(int, ids)))
            )
            return {str(row.id): row.name for row in rows}

    def _latest_run(self) -> int:
        with self._archive.reading() as session:
            return session.scalar(select(func.max(Run.id))) or 0


def _up(value: bool) -> Metric:
    return GaugeMetricFamily(
        "permalien_archive_up", "Whether the archive can be asked", value=int(value)
    )


def _flat(counts: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    flat = {(key, ""): counts.get(key, 0) for key in _TOTALS}
    for key in _LABELLED:
        flat |= {(key, str(value)): number for value, number in counts.get(key, {}).items()}
    return flat


def serve_metrics(archive: Archive, port: int, address: str) -> CrawlMetrics:
    """Serve them from a thread, for as long as this process runs.

    Raises click.BadParameter when the port can't be had.
    """
    registry = CollectorRegistry()
    metrics = CrawlMetrics(archive)
    registry.register(metrics)
    try:
        start_http_server(port, addr=address, registry=registry)
    except OSError as error:
        why = error.strerror or str(error)
        raise click.BadParameter(f"{address}:{port}: {why}", param_hint="--metrics-port") from error
    return metrics
