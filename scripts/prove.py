"""`permalien prove`: what another person needs to check a version without the archive."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from scripts.output import echo, json_option, moment, print_json
from scripts.sealing import seal_with_bar
from scripts.writing import stopping_as_asked
from storage import schema
from storage.database.archive import Archive
from storage.database.snapshot import snapshot
from storage.ledger.pages import StoredPage
from storage.ledger.payloads import digest_of
from storage.query.export.new_file import NewFile
from storage.query.proving import Extraction, Inputs, Proof, TdmRule, needs_closing
from storage.query.proving import prove as prove_version


@click.command()
@click.argument("version", metavar="VERSION|URL|ID")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it; without it, VERSION.proof.zip here.",
)
@click.option("--force", is_flag=True, help="Write over a FILE that is there.")
@json_option
@click.pass_obj
def prove(archive: Archive, version: str, output: Path | None, force: bool, as_json: bool) -> None:
    """Write the proof of a version, which another person checks without the archive.

    VERSION is a version's permanent identifier; a URL or an article's number stand for its current
    version. A proof is a zip file: the stored page, what was read of it, how, and the path from
    these to the root of the day on which the archive recorded them, and on to a day that
    `permalien timestamp` had stamped. `docs/check_proof.py` checks it with Python alone. What was
    recorded today can be proved tomorrow (UTC), and gives exit code 1 until then.

    \b
    permalien prove bw2hfqdjc7gz6rrw
    permalien prove https://example.org/bridge -o bridge.zip
    """
    schema.require_current(archive)
    with archive.reading() as session:
        behind = needs_closing(session, version)
    if behind:
        seal_with_bar(archive)
    with snapshot(archive) as session:
        proof = prove_version(session, version, EXTRACTION)
    path = output or Path(f"{proof.version_id}.proof.zip")
    with stopping_as_asked(path), NewFile(path, replace=force) as file:
        file.stream.write(proof.data)
    if as_json:
        print_json(_document(proof, path))
        return
    echo(f"{path}: {len(proof.data):,} bytes, of version {proof.version_id}", bold=True)
    echo(f"  recorded on {proof.recorded_on} (UTC)")
    for day, at in proof.stamps:
        echo(f"  the log up to {day} was stamped at {moment(at)}")
    if not proof.stamps:
        echo("  not stamped: run `permalien timestamp --authority URL`, then this again")
    echo(f"  check it with `python3 -I check_proof.py {path}` (docs/proof.md)")


def _template_name(layout: str, template: str, fetched_at: datetime) -> str:
    from crawler.extraction.template.book import reading_name
    from crawler.extraction.template.template import Template

    return reading_name(layout, Template.from_json(template).at(fetched_at))


def _inputs(page: StoredPage) -> Inputs:
    from crawler.reading.template_refresh import input_of

    given = input_of(page)
    rule = given.tdm_rule
    return Inputs(
        with_rule=given.digest,
        without=replace(given, tdm_rule=None).digest,
        rule=None if rule is None else TdmRule(rule.reserved, rule.policy),
    )


EXTRACTION: Final = Extraction(_template_name, _inputs)


def _document(proof: Proof, path: Path) -> dict[str, object]:
    return {
        "version_id": proof.version_id,
        "file": str(path),
        "bytes": len(proof.data),
        "sha256": digest_of(proof.data).hex(),
        "recorded_on": proof.recorded_on.isoformat(),
        "stamps": [{"day": day.isoformat(), "stamped_at": at} for day, at in proof.stamps],
    }
