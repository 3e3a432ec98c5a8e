"""How well extraction reads pages whose right answer is known, and at what cost.

    python -m tests.benchmark.extraction_quality                    the project's own pages
    python -m tests.benchmark.extraction_quality FOLDER…            corpora, or folders of them
    python -m tests.benchmark.extraction_quality --sample 100       as many pages of each corpus
    python -m tests.benchmark.extraction_quality --ablate FOLDER…   what each part brings

A row for Permalien, one for its pages of one publisher read with the template learned from them,
one by folds, and one for Trafilatura. By folds, each page is read with a second opinion that was
learned on pages of other sites alone; a site is in one fold, whatever corpora its pages are in.
`ms` is CPU a page; `ratio` is Permalien's to Trafilatura's, the median
over rounds in which both read the same pages, one after the other, in one process. The other
columns are those of extraction_scores, the formats those of corpora.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.extraction import learn_template
from crawler.extraction.body.second_opinion import write_model
from tests.benchmark.ablation import parts, without
from tests.benchmark.corpora import Case, by_publisher, part_of, read_corpora, sample, site_of
from tests.benchmark.extraction_scores import COLUMNS, Reading, Scores, score, summarize
from tests.benchmark.own_pages import own_corpora
from tests.benchmark.readers import Job, read_with_permalien, read_with_trafilatura, warm_up
from tests.benchmark.teaching import lessons, teach

FLOOR = Path(__file__).parent / "extraction_floor.json"
TIMED_PAGES = 60
ROUNDS = 3
TEMPLATED = "+template"
BY_FOLDS = "by folds"

ReadAll = Callable[[Callable[[Job], Reading], Iterable[Job]], Iterable[Reading]]


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one reader on one corpus; `errors` are the pages it raised on."""

    corpus: str
    reader: str
    pages: int
    figures: Mapping[str, float]
    errors: tuple[str, ...] = ()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=sys.maxsize, metavar="N")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--folds", type=int, default=5, help="of corpora in folders; 0 for none")
    parser.add_argument("--json", action="store_true", help="an object a row")
    parser.add_argument(
        "--raise-floor", action="store_true", help="make CI refuse less than today's scores"
    )
    options = parser.parse_args()
    if options.raise_floor:
        FLOOR.write_text(json.dumps(measure_floor(), indent=1) + "\n", encoding="utf-8")
        return
    corpora = read_corpora(options.folders) if options.folders else own_corpora()
    corpora = {name: [*sample(cases, options.sample)] for name, cases in corpora.items()}
    warm_up()
    with TemporaryDirectory() as folder:
        folds = options.folds if options.folders and not options.ablate else 0
        models = teach_by_fold(corpora, folds, Path(folder))
        _report(corpora, models, options, _write_json if options.json else _Table())


def _report(
    corpora: Mapping[str, Sequence[Case]],
    models: Sequence[Path],
    options: argparse.Namespace,
    report: Callable[[Row], None],
) -> None:
    with ProcessPoolExecutor(options.processes, get_context("spawn"), warm_up) as pool:
        read_all: ReadAll = map if options.processes == 1 else partial(pool.map, chunksize=4)
        for name, cases in corpora.items():
            if options.ablate:
                rows = _ablate(name, cases, read_all)
            else:
                rows = _compare(name, cases, read_all, models)
            for row in rows:
                report(row)


def teach_by_fold(
    corpora: Mapping[str, Iterable[Case]], folds: int, folder: Path
) -> Sequence[Path]:
    """A model for each fold of sites, learned on the others."""
    if not folds:
        return []
    learnt = lessons(corpora)
    models = []
    for fold in range(folds):
        models.append(folder / f"{fold}.npz")
        others = [lesson for lesson in learnt if part_of(lesson.site, folds) != fold]
        write_model(teach(others), models[-1])
    return models


def measure_floor() -> dict[str, dict[str, float]]:
    """The scores on the project's own pages, by corpus and column."""
    return {
        f"{row.corpus} {row.reader}": {
            column: round(value, 4) for column, value in row.figures.items() if column != "ms"
        }
        for name, cases in own_corpora().items()
        for row in _permalien(name, cases, map)
    }


def _compare(
    corpus: str, cases: Sequence[Case], read_all: ReadAll, models: Sequence[Path]
) -> Iterator[Row]:
    ratio = _ratio(sample(cases, TIMED_PAGES))
    for row in _permalien(corpus, cases, read_all):
        figures = row.figures if row.reader != "Permalien" else {**row.figures, "ratio": ratio}
        yield Row(row.corpus, row.reader, row.pages, figures, row.errors)
    if models:
        jobs = [Job(case, model=models[part_of(site_of(case), len(models))]) for case in cases]
        yield _row(corpus, BY_FOLDS, cases, read_all(read_with_permalien, jobs))
    jobs = [Job(case) for case in cases]
    yield _row(corpus, "Trafilatura", cases, read_all(read_with_trafilatura, jobs))


def _permalien(
    corpus: str, cases: Sequence[Case], read_all: ReadAll, part: str = ""
) -> Iterator[Row]:
    """Without `part`, if it names one; the templates are learned without it as well."""
    jobs = [Job(case, part=part) for case in cases]
    yield _row(corpus, "Permalien", cases, read_all(read_with_permalien, jobs))
    jobs = []
    for pages in by_publisher(cases).values():
        with without(part):
            template = learn_template([(case.body, case.url) for case in pages])
        jobs += [Job(case, template, part) for case in pages]
    if jobs:
        readings = read_all(read_with_permalien, jobs)
        yield _row(corpus, TEMPLATED, [job.case for job in jobs], readings)


def _row(corpus: str, reader: str, cases: Sequence[Case], readings: Iterable[Reading]) -> Row:
    readings = list(readings)
    scores: list[Scores] = [score(*pair) for pair in zip(cases, readings, strict=True)]
    figures = summarize(scores)
    figures["ms"] = 1000 * statistics.fmean(reading.seconds for reading in readings)
    errors = (
        f"{case.id}: {reading.error}"
        for case, reading in zip(cases, readings, strict=True)
        if reading.error
    )
    return Row(corpus, reader, len(cases), figures, tuple(errors))


def _ratio(cases: Sequence[Case]) -> float:
    ratios = []
    for _ in range(ROUNDS):
        ours = theirs = 0.0
        for case in cases:
            ours += read_with_permalien(Job(case)).seconds
            theirs += read_with_trafilatura(Job(case)).seconds
        ratios.append(ours / theirs)
    return statistics.median(ratios)


def _ablate(corpus: str, cases: Sequence[Case], read_all: ReadAll) -> Iterator[Row]:
    """Permalien's rows, then what each column gains (+) or loses (-) without each part."""
    whole = list(_permalien(corpus, cases, read_all))
    yield from whole
    for part in parts():
        for row, base in zip(_permalien(corpus, cases, read_all, part), whole, strict=True):
            changes = {
                column: value - base.figures[column]
                for column, value in row.figures.items()
                if column != "ms"
            }
            label = f"{'+template ' if row.reader == TEMPLATED else ''}- {part}"
            yield Row(corpus, label, row.pages, changes, row.errors)


def _write_json(row: Row) -> None:
    sys.stdout.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    sys.stdout.flush()


class _Table:
    """Rows as lines of text, under a head."""

    def __init__(self) -> None:
        self.columns = (*COLUMNS, "ms", "ratio")
        sys.stdout.write(f"{'':<52}{'pages':>6}" + "".join(f"{c:>10}" for c in self.columns) + "\n")

    def __call__(self, row: Row) -> None:
        cells = (self._cell(row, column) for column in self.columns)
        sys.stdout.write(f"{row.corpus + ' ' + row.reader:<52}{row.pages:>6}" + "".join(cells))
        sys.stdout.write("".join(f"\n    {error}" for error in row.errors) + "\n")
        sys.stdout.flush()

    def _cell(self, row: Row, column: str) -> str:
        value = row.figures.get(column)
        if value is None:
            return f"{'-':>10}"
        change = row.reader.startswith(("-", "+template -"))
        if change and abs(value) < 0.00005:
            return f"{'.':>10}"
        digits = {"leak": 0, "ms": 1, "ratio": 2}.get(column, 4 if change else 3)
        return f"{value:>{'+' if change else ''}10.{digits}f}"


if __name__ == "__main__":
    main()
