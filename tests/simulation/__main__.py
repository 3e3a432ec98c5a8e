"""Crawls a simulated year and tells how much of the truth was found, and at what cost. Then all
stored pages are extracted again, as by a new extractor.

python -m tests.simulation --articles 2000 --sources 20 --days 365 --database sqlite:///year.db
"""

import argparse
import json
import logging
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from storage import schema
from storage.database.archive import Archive
from tests.simulation.expectation import by_permalien
from tests.simulation.judgement import judge
from tests.simulation.plan import REDESIGNS_A_YEAR, plan_year
from tests.simulation.reextraction import reextract_twice
from tests.simulation.rehearsal import rehearse
from tests.simulation.report import Report
from tests.simulation.schedules import by_age, newsdiffs


def main() -> None:
    """Print the table, or the figures as JSON, with what was found wrong named."""
    options = _options()
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("tests").setLevel(logging.INFO)
    year = plan_year(
        articles=options.articles,
        sources=options.sources,
        days=options.days,
        seed=options.seed,
        redesigns=options.redesigns,
        corrections=options.corrections,
    )
    cadence, step = timedelta(minutes=options.cadence), timedelta(minutes=options.step)
    with ExitStack() as stack:
        database = options.database
        if database is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            database = f"sqlite:///{Path(folder) / 'year.db'}"
        archive = Archive(database)
        stack.callback(archive.close)
        schema.upgrade(archive)
        rehearsal = rehearse(year, archive, cadence=cadence, step=step)
        judgement = judge(year, archive, rehearsal)
        reextraction = reextract_twice(year, archive, rehearsal.origins)
    report = Report(
        judgement,
        rehearsal,
        by_permalien(year, cadence=cadence, step=step),
        by_age(year, judgement.known, newsdiffs, step=step),
        reextraction,
    )
    if options.json:
        sys.stdout.write(json.dumps(report.figures(), indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(report.table() + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--redesigns", type=float, default=REDESIGNS_A_YEAR, help="of a source in 365 days"
    )
    parser.add_argument(
        "--corrections", action="store_true", help="correct many articles of a source at once"
    )
    parser.add_argument("--cadence", type=int, default=180, help="minutes between looks at feeds")
    parser.add_argument("--step", type=int, default=15, help="minutes between crawls, at least")
    parser.add_argument("--database", metavar="URL", help="of an empty database")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
