"""Templates that are not what their digest says, and revisions that are missing, are named."""

from datetime import timedelta
from random import Random

from crawler.extraction.template.template import Decision, RepeatingBlock, Template
from crawler.verifying import templates
from storage.database.archive import Archive
from storage.templates.layouts import LearnedLayout, save_layouts
from storage.verification.report import Report
from storage.verification.scope import Scope
from storage.verification.verifying import CHECKS, verify_rows
from tests.support.archiving import START, Desk
from tests.support.damages import KINDS, make, unguarded


def learned(*keys: str) -> LearnedLayout:
    """A layout whose template takes these blocks out."""
    blocks = tuple(RepeatingBlock(it, "p", "Read more", 3, Decision.REMOVE) for it in keys)
    template = Template(3, blocks)
    return LearnedLayout("abcd1234", (1, 2, 3), template.to_json(), template.digest, 3)


def verified(archive: Archive) -> Report:
    report = Report()
    verify_rows(archive, Scope(), report, lambda *_: None, (*CHECKS, templates.CHECK))
    return report


def test_changed_templates_and_layouts_are_named(archive: Archive) -> None:
    source_id = Desk(archive).source.id
    for day, keys in enumerate((("one",), ("one", "two"), ("one", "two", "three"))):
        with archive.writing() as session:
            save_layouts(session, source_id, [learned(*keys)], START + timedelta(days=day))
    assert verified(archive).mismatches == []
    for number, kind in enumerate(KINDS):
        if kind.table not in ("template", "layout"):
            continue
        with unguarded(archive) as connection:
            damage = make(connection, kind, Random(number))
        assert damage is not None
        assert (kind.name, damage.told(verified(archive))) == (kind.name, "found")
        with unguarded(archive) as connection:
            damage.undo(connection)
