"""`permalien articles`: which addresses are one article, and an operator's say in it."""

from dataclasses import asdict

import click
from sqlalchemy.orm import Session

from scripts.output import echo, json_option, moment, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.history.identity_decisions import merge, split
from storage.history.identity_records import (
    AddressRecord,
    DecisionRecord,
    IdentityRecord,
    Relation,
    decision_record,
    identity_record,
)
from storage.history.identity_undoing import undo
from storage.history.lookup import find_article
from storage.models import Article, IdentityChange, IdentityDecision

_RELATIONS = {
    Relation.REDIRECTED_FROM: "redirected from",
    Relation.REDIRECTS_TO: "redirects to",
    Relation.NAMES_CANONICAL: "names as canonical",
    Relation.NAMED_CANONICAL_BY: "named as canonical by",
    Relation.SAME_GUID: "same guid as",
    Relation.SAME_WORDS: "says the same as",
}


@click.group()
def articles() -> None:
    """Show which addresses are one article, and why; merge and split articles.

    A decision stands whatever the site's pages say later, until it is undone. No version changes
    or is lost: versions take their place in the history of the article that they are of.

    \b
    permalien articles show https://example.org/bridge
    """


@articles.command("show")
@click.argument("article", metavar="URL|ID")
@json_option
@click.pass_obj
def show_article(archive: Archive, article: str, as_json: bool) -> None:
    """Show an article's addresses, and why each of them leads to it.

    \b
    permalien articles show https://example.org/bridge
    """
    schema.require_current(archive)
    with archive.reading() as session:
        record = identity_record(session, find_article(session, article, unread=True))
    if as_json:
        print_json(asdict(record))
    else:
        _print(record)


@articles.command("merge")
@click.argument("keep", metavar="KEEP")
@click.argument("other", metavar="OTHER")
@json_option
@click.pass_obj
def merge_articles(archive: Archive, keep: str, other: str, as_json: bool) -> None:
    """Make the article OTHER part of the article KEEP (each a URL or an id).

    Their versions become one history, in the order they were first seen.

    \b
    permalien articles merge https://example.org/bridge https://example.org/bridge-2
    """
    schema.require_current(archive)
    with archive.writing() as session:
        result = _result(session, merge(session, keep, other, now=utc_now()))
    _tell(*result, as_json=as_json)


@articles.command("split")
@click.argument("url", metavar="URL")
@json_option
@click.pass_obj
def split_article(archive: Archive, url: str, as_json: bool) -> None:
    """Make the address URL an article of its own, with the versions first seen there.

    \b
    permalien articles split https://example.org/bridge-2
    """
    schema.require_current(archive)
    with archive.writing() as session:
        result = _result(session, split(session, url, now=utc_now()))
    _tell(*result, as_json=as_json)


@articles.command("undo")
@click.argument("decision", metavar="[ID]", required=False, type=click.IntRange(1, 2**63 - 1))
@json_option
@click.pass_obj
def undo_decision(archive: Archive, decision: int | None, as_json: bool) -> None:
    """Undo the last decision that is in force, or the one with that id.

    The articles are again what they were; versions seen since go with their addresses.

    \b
    permalien articles undo 3
    """
    schema.require_current(archive)
    with archive.writing() as session:
        result = _result(session, undo(session, decision, now=utc_now()))
    _tell(*result, as_json=as_json)


def _result(
    session: Session, decision: IdentityDecision
) -> tuple[DecisionRecord, list[IdentityRecord]]:
    """The decision, and what has become of its articles, but for one that has nothing left."""
    pair = (decision.from_article_id, decision.to_article_id)
    articles = [session.get_one(Article, article_id) for article_id in pair]
    records = [identity_record(session, it) for it in articles if it.merged_into_id is None]
    return decision_record(session, decision), records


def _tell(decision: DecisionRecord, records: list[IdentityRecord], *, as_json: bool) -> None:
    if as_json:
        print_json({"decision": asdict(decision), "articles": [asdict(it) for it in records]})
        return
    undone = "" if decision.undone_at is None else " undone"
    echo(f"Decision {decision.id}{undone}: {_decision(decision)}")
    for record in records:
        echo("")
        _print(record)


def _print(record: IdentityRecord) -> None:
    echo(f"{record.url}  ({record.state.value})", bold=True)
    echo(f"article {record.id} of {record.source} · versions: {record.versions}", dim=True)
    print_table(
        ("address", "first seen", "why"),
        (
            (it.url, moment(it.first_seen_at), "\n".join(_reasons(it, record.decisions)))
            for it in record.addresses
        ),
    )
    if not record.versions:
        echo("No version yet: the next `permalien crawl` reads it again.")
    for decision in record.decisions:
        echo(f"decision {decision.id}, {moment(decision.decided_at)}: {_decision(decision)}")


def _reasons(address: AddressRecord, decisions: list[DecisionRecord]) -> list[str]:
    changes = {decision.id: decision.change.value for decision in decisions}
    return [f"{changes[it]} by decision {it}" for it in address.decisions] + [
        f"{_RELATIONS[tie.relation]} {tie.url}, {moment(tie.observed_at)}" for tie in address.ties
    ]


def _decision(decision: DecisionRecord) -> str:
    if decision.change is IdentityChange.MERGE:
        shown = ", by a redirect" if decision.by_redirect else ""
        return f"merge of article {decision.from_article} into article {decision.to_article}{shown}"
    return (
        f"split of article {decision.to_article} from article {decision.from_article}: "
        f"{', '.join(decision.urls)}"
    )
