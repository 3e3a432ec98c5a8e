"""`python -m tests.endurance`: rehearse a schedule for an hour, and tell how it went."""

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.endurance.week import Week, rehearse


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long  [60]")
    parser.add_argument("--speed", type=float, default=168.0, help="of the archive's clock  [168]")
    parser.add_argument("--sites", type=int, default=5, help="[5]")
    parser.add_argument("--database", help="[a SQLite file that is thrown away]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{folder}/archive.db"
        week = rehearse(
            database,
            Path(folder),
            seconds=60 * given.minutes,
            speed=given.speed,
            sites=given.sites,
        )
    tell(week, given.speed)


def tell(week: Week, speed: float) -> None:
    """Print what came of it."""
    first, last = week.samples[0], week.samples[-1]
    megabyte = 2**20
    print(f"{last.at - first.at} of the archive's time, {len(week.samples)} samples")
    print(f"articles   {week.articles} of {week.published} published")
    print(f"edits      {week.versions - week.articles} of {week.edits}")
    print("runs       " + ", ".join(f"{how} {count}" for how, count in week.runs.items()))
    print(f"exit code  {week.code} after SIGTERM")
    for share in (0.5, 0.99, 1.0):
        late = week.late(share)
        print(f"late       {late} at {share:.0%}: {late / speed / timedelta(seconds=1):.1f} s here")
    for name, value in (("memory", last.memory / megabyte), ("open files", last.files)):
        print(f"{name:10} {value:.0f} at the end")
    print(f"grown      memory x{week.grown(lambda it: it.memory):.3f}, ", end="")
    print(
        f"files x{week.grown(lambda it: it.files):.3f}, all x{week.grown(lambda it: it.tree):.3f}"
    )
    print(f"log        {len(week.log)} lines, the last ones:")
    print("\n".join(week.log[-10:]))


if __name__ == "__main__":
    main()
