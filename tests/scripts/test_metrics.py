"""/metrics, as Prometheus reads it."""

import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from scripts.metrics import CrawlMetrics
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.enrolment import enrol
from storage.frontier.sources import find_source
from storage.ledger.runs import beat, end_run, start_run
from storage.models import RunEnd
from tests.support.command import Command
from tests.support.folder_archive import enrolled, options
from tests.support.newsroom import Newsroom

COUNTS = {
    "requests": 7,
    "bytes": 1_000,
    "new_articles": 3,
    "new_versions": 1,
    "outcomes": {"fetched": 5, "failed": 2},
    "failures": {"timed out": 2},
}


@pytest.fixture
def registry(archive: Archive) -> CollectorRegistry:
    with archive.writing() as session:
        enrol(session, "https://example.org/", now=utc_now() - timedelta(minutes=5))
        # Of another process, and of this one before the metrics were asked for.
        start_run(session, software="test", settings={}, now=utc_now())
    registry = CollectorRegistry()
    registry.register(CrawlMetrics(archive))
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"permalien_{name}", labels)


def test_what_waits_in_the_archive(registry: CollectorRegistry) -> None:
    assert value(registry, "sources_due") == 1
    assert value(registry, "queue") == 2
    assert 300 <= (value(registry, "lag_seconds") or 0) < 400
    assert value(registry, "archive_up") == 1
    assert value(registry, "runs") == 1


def test_counters_go_on_from_crawl_to_crawl(archive: Archive, registry: CollectorRegistry) -> None:
    assert value(registry, "articles_total") == 0
    with archive.reading() as session:
        source = find_source(session, "example.org")
    counts = COUNTS | {"failures_by_source": {str(source.id): 2}}
    for crawl in (1, 2):
        with archive.writing() as session:
            run_id = start_run(session, software="test", settings={}, now=utc_now())
            beat(session, run_id, counts, utc_now())
        assert value(registry, "articles_total") == 3 * crawl
        assert value(registry, "requests_total", outcome="fetched") == 5 * crawl
        with archive.writing() as session:
            end_run(session, run_id, RunEnd.FINISHED, counts, utc_now())
        assert value(registry, "articles_total") == 3 * crawl
        assert value(registry, "failures_total", reason="timed out") == 2 * crawl
        assert value(registry, "source_failures_total", source="example.org") == 2 * crawl


def test_other_processes_are_not_counted(archive: Archive) -> None:
    metrics = CrawlMetrics(archive)
    metrics._pids = {os.getpid() + 1}
    registry = CollectorRegistry()
    registry.register(metrics)
    with archive.writing() as session:
        run_id = start_run(session, software="test", settings={}, now=utc_now())
        end_run(session, run_id, RunEnd.FINISHED, COUNTS, utc_now())
    assert value(registry, "articles_total") == 0
    metrics.watch(os.getpid())
    assert value(registry, "articles_total") == 3


def test_an_archive_that_is_away_is_told(archive: Archive, tmp_path: Path) -> None:
    metrics = CrawlMetrics(archive)
    metrics._archive = Archive(f"sqlite:///{tmp_path / 'none' / 'archive.db'}")
    registry = CollectorRegistry()
    registry.register(metrics)
    assert value(registry, "archive_up") == 0
    assert value(registry, "sources_due") is None


@pytest.mark.timeout(120)
def test_a_crawl_serves_them_on_loopback_and_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    arguments = ("--metrics-port", port)
    with Newsroom(delay=0.3, adverts=False) as newsroom:
        newsroom.publish_generated(20)
        enrolled(tmp_path, newsroom.url)
        with Command("crawl", newsroom.url, *arguments, **options(tmp_path)) as crawl:
            while newsroom.count("/") == 0:
                assert crawl.running
                time.sleep(0.02)
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                families = list(text_string_to_metric_families(answer.read().decode()))
            with Command("crawl", newsroom.url, *arguments, **options(tmp_path)) as second:
                told = second.wait()
            assert crawl.wait().code == 0
    assert {"permalien_requests", "permalien_lag_seconds"} <= {family.name for family in families}
    assert told.code == 2
    assert f"127.0.0.1:{port}: Address already in use" in told.err
