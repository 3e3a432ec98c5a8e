"""`permalien replay`: crawl the looks of a pack by a rehearsed clock, and tell the score."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive

if TYPE_CHECKING:
    from crawler.replaying.scoring import Score


@click.command()
@click.argument("pack", type=click.Path(path_type=Path))
@click.option("--alias", "aliases", multiple=True, metavar="HOST", help="Read HOST as the site's.")
@click.option("--looks", type=click.IntRange(1), metavar="N", help="The first N looks alone.")
@click.option("-v", "--verbose", is_flag=True, help="Name what was missed and what is false.")
@json_option
@click.pass_obj
def replay(
    archive: Archive,
    pack: Path,
    aliases: tuple[str, ...],
    looks: int | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Crawl what a site served at many times of its past, and tell how well it was archived.

    The archive is to be one of its own. PACK is a folder or a tar file of looks, as
    docs/operating.md describes. Each look is crawled as if it were that day, twice, and nothing is
    waited for. Where the pack says which pages are articles and what was edited, the score is told:
    edits that are versions at once, a look late, missed; versions of nothing; live articles that
    are other pages. Exit code 1 for what is no pack, 130 when interrupted.

    \b
    permalien --database sqlite:///example.db replay example.tar.xz
    permalien --database sqlite:///example.db replay example.tar.xz --json
    """
    from crawler.replaying.packs import BadPack, read_pack
    from crawler.replaying.replaying import ReplayFailed, replay_pack
    from crawler.replaying.scoring import Scorer

    try:
        read = read_pack(pack)
    except BadPack as error:
        raise click.ClickException(str(error)) from error
    schema.ensure(archive)
    scorer = Scorer()
    total = len(read.looks[:looks])

    def tell(score: "Score") -> None:
        scorer.scores.append(score)
        if as_json:
            return
        echo(f"{len(scorer.scores):>3}/{total} {_line(score)}")
        if verbose:
            _name(score)

    try:
        replay_pack(archive, read, aliases=aliases, looks=looks, told=tell)
    except KeyboardInterrupt as error:
        raise click.Abort from error
    except ReplayFailed as error:
        raise click.ClickException(str(error)) from error
    whole = scorer.total() if read.is_labelled else None
    if as_json:
        print_json(
            {
                "host": read.host,
                "looks": [asdict(score) for score in scorer.scores],
                "total": None if whole is None else asdict(whole),
            }
        )
    elif whole is not None:
        echo(f"\n{read.host}: {_line(whole)}")
        _name(whole)


def _line(it: "Score") -> str:
    return (
        f"{it.at:%Y-%m-%d}  articles {it.found} of {it.articles}, other pages {it.others};"
        f" edits {it.edits}: at once {it.at_once}, late {it.late}, missed {it.missed};"
        f" false versions {it.false}"
    )


def _name(it: "Score") -> None:
    for what, paths in (
        ("not found", it.missing_articles),
        ("other page", it.other_pages),
        ("missed", it.missed_edits),
        ("false", it.false_versions),
    ):
        for path in paths:
            echo(f"      {what}: /{path}")
