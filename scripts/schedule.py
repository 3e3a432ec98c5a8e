"""`permalien schedule`: crawl whatever falls due, for as long as it is left running."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import click
from sqlalchemy import func, select

from scripts.watching import start_log, watched
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import real_seconds, utc_now
from storage.database.dialects import database_now
from storage.database.errors import ArchiveUnavailable
from storage.database.settings import DATABASE_URL_VARIABLE
from storage.frontier.clock_errors import mend_due_times
from storage.frontier.sources import next_crawl_at, resume_sources
from storage.ledger.runs import bury_dead_runs
from storage.models import Source

logger = logging.getLogger("permalien.schedule")

SHORTEST_SLEEP = timedelta(seconds=2)  # what falls due together is crawled together
LONGEST_SLEEP = timedelta(minutes=1)  # a source may be added by another process meanwhile
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)  # after a failure


@click.command()
@watched
@click.pass_obj
def schedule(
    archive: Archive,
    log_file: Path | None,
    log_json: bool,
    metrics_port: int | None,
    metrics_address: str,
) -> None:
    """Crawl what falls due, in the foreground, until stopped.

    Each crawl is a process of its own: one that crashes is followed by the next, which goes on
    from there. A database that is away is waited for. SIGTERM and Ctrl-C give the crawl two
    seconds; exit code 0. Several of these may share one PostgreSQL archive. docs/operating.md has a
    systemd unit and a cron line.

    \b
    permalien schedule
    """
    start_log(log_file, log_json)
    schema.ensure(archive)
    metrics = None
    if metrics_port is not None:
        from scripts.metrics import serve_metrics

        metrics = serve_metrics(archive, metrics_port, metrics_address)
    with archive.reading() as session:
        count = session.scalar(select(func.count()).select_from(Source)) or 0
    sources = f"sources: {count:,}" if count else "no source yet: `permalien add URL`"
    logger.info("crawling what falls due in %s, %s", archive.name, sources)
    log = [*(("--log-file", str(log_file)) if log_file else ()), *(["--log-json"] * log_json)]
    Schedule(archive, options=log, began=None if metrics is None else metrics.watch).run()


class Schedule:
    """Runs `permalien crawl` whenever something is due. Use it in the main thread.

    `options` are more of that command's; `began` is told each crawl's process id.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        options: Sequence[str] = (),
        began: Callable[[int], None] | None = None,
    ) -> None:
        self._archive = archive
        self._options = options
        self._began = began
        self._stopping = threading.Event()
        self._crawl: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Return when SIGTERM or SIGINT came and the crawl under way has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                due_at = self._next_due()
            except ArchiveUnavailable as error:
                logger.warning("%s; trying again in %d s", error, pause.total_seconds())
                pause = self._pause(pause)
                continue
            now = utc_now()
            if due_at is None or due_at > now:
                self._sleep(LONGEST_SLEEP if due_at is None else min(due_at - now, LONGEST_SLEEP))
            elif self._crawl_once():
                pause = FIRST_PAUSE
                self._stopping.wait(SHORTEST_SLEEP.total_seconds())
            else:
                pause = self._pause(pause)
        logger.info("stopped")

    def _next_due(self) -> datetime | None:
        """When the next source that nobody crawls is due; a pause that a site asked for counts."""
        with self._archive.writing() as session:
            bury_dead_runs(session, database_now(session), ended_at=utc_now())
            resume_sources(session, utc_now())
            mend_due_times(session, utc_now())
            return next_crawl_at(session, Source.enabled & Source.lease_run_id.is_(None))

    def _crawl_once(self) -> bool:
        """Run one crawl to its end; whether it ended well."""
        url = self._archive.url.render_as_string(hide_password=False)
        # After an hour a fresh process takes over, whatever this one has accumulated.
        options = ["--json", "--for", "3600", *self._options]
        self._crawl = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "scripts.main", "crawl", *options],
            env={**os.environ, DATABASE_URL_VARIABLE: url},
            stdout=subprocess.PIPE,
            # Ctrl-C goes to this process alone, which passes it on.
            start_new_session=True,
        )
        if self._began is not None:
            self._began(self._crawl.pid)
        if self._stopping.is_set():
            self._crawl.terminate()
        told, _ = self._crawl.communicate()
        code = self._crawl.returncode
        self._crawl = None
        if told:
            logger.info("%s", _summary(json.loads(told)))
        if code and not self._stopping.is_set():
            logger.warning("a crawl ended with exit code %d", code)
        return code == 0

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()
        if self._crawl is not None:
            self._crawl.terminate()

    def _pause(self, pause: timedelta) -> timedelta:
        self._stopping.wait(pause.total_seconds())
        return min(2 * pause, LONGEST_PAUSE)

    def _sleep(self, time: timedelta) -> None:
        """Sleep for that much of the archive's time."""
        self._stopping.wait(real_seconds(time))


def _summary(run: dict[str, Any]) -> str:
    """A crawl in a line, as `crawl --json` tells of it."""
    counts = {
        "requests": run["requests"],
        "new articles": run["new_articles"],
        "new versions": run["new_versions"],
        "failures": sum(run["failures"].values()),
    }
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f"run {run['run']} {run['ended']} in {run['seconds']:.0f} s: {told or 'nothing was due'}"
