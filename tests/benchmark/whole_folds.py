"""In how many folds of sites each part of extraction helps, through the whole of extraction.

    python -m tests.benchmark.whole_folds FOLDER…                 corpora, or folders of them
    python -m tests.benchmark.whole_folds --sample 120 FOLDER…    fewer pages of each

As rule_folds, but of all that extraction does: with the second opinion, which for each page was
taught on pages of other sites, with what Trafilatura makes of a page of little text, and with the
metadata. A rule that helps alone may bring nothing here: the second opinion does without it what it
does. With `--models` the folds' models are kept in a folder, and taught where it is empty.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from crawler.extraction import draft
from crawler.extraction.body import second_opinion
from tests.benchmark.ablation import parts
from tests.benchmark.corpora import Case, part_of, read_corpora, sample, site_of
from tests.benchmark.extraction_quality import teach_by_fold
from tests.benchmark.extraction_scores import Scores, score, summarize
from tests.benchmark.readers import Job, read_with_permalien
from tests.benchmark.rule_folds import COLUMNS, FOLDS, Figures, line

# the package has a function of the same name
extract = import_module("crawler.extraction.extract")

# what changes how a page is read before its text is looked for
_BEFORE: Final = (
    *("structured", "JSON-LD", "micro", "article", "meta", "around", "unclosed"),
    "furniture: hidden",
)
# what a page is read by once, whatever part is taken out after it; each by its first argument
_ONCE: Final = (
    (extract.decode, "parse"),
    (extract, "read_structured"),
    (extract, "read_metadata"),
    (extract, "Evidence"),
    (extract, "read_blocks"),
    (extract, "skeleton_of"),
    (extract, "read_with_trafilatura"),
    (extract, "outline_entry"),
    (extract, "part_of"),
    (extract, "setting_of"),
    (second_opinion, "PageFeatures"),
    (draft, "page_kind"),  # of the whole page: no score tells of it
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=sys.maxsize, metavar="N")
    parser.add_argument("--rule", action="append", metavar="RULE", help="these alone")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="keep the models here")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    corpora = {
        name: sample(cases, options.sample) for name, cases in read_corpora(options.folders).items()
    }
    rules = options.rule or [part for part in parts() if not part.startswith("template")]
    with TemporaryDirectory() as folder:
        models = _models(corpora, options.models or Path(folder))
        found = _figures(corpora, models, rules, options.processes)
    for rule in rules:
        sys.stdout.write(line(rule, found[""], found[rule], (*COLUMNS, *_METADATA)) + "\n")


_METADATA: Final = ("title", "date", "authors")


def _models(corpora: Mapping[str, Iterable[Case]], folder: Path) -> Sequence[Path]:
    folder.mkdir(exist_ok=True)
    kept = [folder / f"{fold}.npz" for fold in range(FOLDS)]
    return kept if all(it.exists() for it in kept) else teach_by_fold(corpora, FOLDS, folder)


def _figures(
    corpora: Mapping[str, Iterable[Case]],
    models: Sequence[Path],
    rules: Sequence[str],
    processes: int,
) -> Mapping[str, Figures]:
    cases = [case for several in corpora.values() for case in several]
    scored: defaultdict[str, defaultdict[int, list[Scores]]]
    scored = defaultdict(lambda: defaultdict(list))
    with ProcessPoolExecutor(processes) as pool:
        read = pool.map(partial(scores_without, rules=rules, models=models), cases, chunksize=4)
        for case, found in zip(cases, read, strict=True):
            for rule, one in found.items():
                scored[rule][part_of(site_of(case), FOLDS)].append(one)
                scored[rule][-1].append(one)
    return {
        rule: {fold: summarize(several) for fold, several in sorted(folds.items())}
        for rule, folds in scored.items()
    }


def scores_without(case: Case, rules: Sequence[str], models: Sequence[Path]) -> dict[str, Scores]:
    """A page's scores without each rule, and without none (an empty name)."""
    model = models[part_of(site_of(case), len(models))] if models else None
    found: dict[str, Scores] = {}
    read: dict[object, Scores] = {}

    def keep(rule: str) -> None:
        one = read_with_permalien(Job(case, part=rule, model=model))
        said = (one.text, one.title, one.authors, one.date)
        if said not in read:  # most rules change nothing on most pages
            read[said] = score(case, one)
        found[rule] = read[said]

    with _once():
        for rule in ("", *(it for it in rules if not it.startswith(_BEFORE))):
            keep(rule)
    for rule in rules:
        if rule not in found:
            keep(rule)
    return found


@contextmanager
def _once() -> Iterator[None]:
    """Let what rules on blocks don't change be read of a page but once."""
    with ExitStack() as stack:
        for owner, name in _ONCE:
            stack.enter_context(patch.object(owner, name, _remembering(getattr(owner, name))))
        likely = _remembering(second_opinion.SecondOpinion.likely, at=1)
        stack.enter_context(patch.object(second_opinion.SecondOpinion, "likely", likely))
        yield


def _remembering(make: Callable[..., Any], at: int = 0) -> Callable[..., Any]:
    """`make`, called once for each object that is its argument number `at`, with each range or
    truth that it is given beside it."""
    known: dict[object, tuple[object, object]] = {}

    def made(*args: Any, **options: Any) -> Any:
        beside = tuple(it for it in (*args, *options.values()) if isinstance(it, bool | range))
        key = (id(args[at]), beside)
        if key not in known:
            known[key] = args[at], make(*args, **options)
        return known[key][1]

    return made


if __name__ == "__main__":
    main()
