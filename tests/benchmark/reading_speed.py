"""How much CPU it takes to read a page: of a site that is not known yet, and of one that is.

    python -m tests.benchmark.reading_speed CORPUS ... --beside OTHER/CHECKOUT --rounds 3

reads the pages of these corpora (tests.benchmark.corpora) with this checkout's extraction, and with
another's in turns, each round in a process of its own. Of each page the fewest milliseconds of all
rounds count: on a busy machine they tell most, and the ratio of two checkouts more than either. It
also says whether both gave the same answers. A site of which there are LEARNABLE pages is known by
what those teach.
"""

import argparse
import gc
import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
KINDS = {"new": "a site that is not known", "known": "a site that is"}
WARM_UP = 5


def main() -> None:
    options = _parser().parse_args()
    if options.once:
        print(json.dumps(_once([Path(it) for it in options.corpora], options.most)))
        return
    checkouts = [HERE, *([options.beside.resolve()] if options.beside else [])]
    rounds = [
        [_round(it, options.corpora, options.most) for it in checkouts]
        for _ in range(options.rounds)
    ]
    for kind, told in KINDS.items():
        means = [
            statistics.mean(map(min, zip(*(one[at][kind] for one in rounds), strict=True)))
            for at in range(len(checkouts))
        ]
        ratio = f", {means[0] / means[1]:.3f} of the other's {means[1]:.2f}" if means[1:] else ""
        pages = len(rounds[0][0][kind])
        print(f"{told}: {means[0]:.2f} ms of CPU a page{ratio} ({pages:,} pages)")
    if options.beside:
        same = len({one["answers"] for several in rounds for one in several}) == 1
        print("the answers are the same" if same else "the answers DIFFER")
    print(f"load average {os.getloadavg()[0]:.0f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="+", help="folders of corpora, or of folders of them")
    parser.add_argument("--beside", type=Path, help="another checkout, to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=10_000, help="pages that are read")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    return parser


def _round(checkout: Path, corpora: Iterable[str], most: int) -> dict[str, Any]:
    """One round, with the extraction of that checkout and the corpora's reader of this one."""
    environment = os.environ | {"PYTHONPATH": f"{checkout}:{HERE}", "PYTHONHASHSEED": "0"}
    command = [sys.executable, __file__, *map(os.path.abspath, corpora), "--once"]
    done = subprocess.run(
        [*command, "--most", str(most)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=checkout,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _once(corpora: list[Path], most: int) -> dict[str, Any]:
    from crawler.extraction import ExtractionError, PageInput
    from crawler.extraction.extract import extract, learn_template
    from tests.benchmark.corpora import LEARNABLE, read_corpora, site_of

    cases = [case for corpus in read_corpora(corpora).values() for case in corpus][:most]
    pages = {case.id: PageInput(case.body, url=case.url) for case in cases}
    answers = hashlib.sha256()
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}

    def timed(kind: str, read: Callable[[], object]) -> None:
        began = time.process_time()
        try:
            answer = repr(read())
        except ExtractionError as error:
            answer = repr(error)
        times[kind].append(1000 * (time.process_time() - began))
        answers.update(answer.encode("utf-8", "surrogatepass"))

    gc.freeze()
    gc.disable()  # whose turn falls on any page
    for page in list(pages.values())[:WARM_UP]:
        with suppress(ExtractionError):
            extract(page)
    for page in pages.values():
        timed("new", partial(extract, page))
    for _, several in groupby(sorted(cases, key=site_of), site_of):
        site = list(several)
        if len(site) >= LEARNABLE:
            template = learn_template((case.body, case.url) for case in site)
            for case in site:
                timed("known", partial(extract, pages[case.id], templates=template))
    return {**times, "answers": answers.hexdigest()}


if __name__ == "__main__":
    main()
