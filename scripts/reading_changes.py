"""How `permalien reextract` tells what it changed."""

from dataclasses import asdict
from typing import Final

from crawler.reading.change_report import ChangeReport, Example
from scripts.output import echo
from storage.history.diffs import DiffOp
from storage.history.diffs import diff as diff_texts
from storage.models import RunEnd

_MOST: Final = 5  # examples a field
_CONTEXT: Final = 60  # characters of an unchanged stretch that are shown


def document(report: ChangeReport, number: int | None, how: RunEnd) -> dict[str, object]:
    now = report.progress
    return {
        "dry_run": number is None,
        "reextraction": number,
        "ended": how.value,
        "versions": now.total,
        "done": now.done,
        "read": now.read,
        "changed": now.changed,
        "unreadable": now.unreadable,
        "fields": dict(now.fields),
        "examples": [asdict(it) for it in report.first_examples(_MOST)],
    }


def print_report(report: ChangeReport, what: str, own: str | None) -> None:
    """`what` is said of those that change; an `own` extractor's are beside ours."""
    now = report.progress
    echo(f"{now.read:,} of {now.total:,} versions read again", bold=True)
    echo(f"  {now.changed:>8,}  {what if own is None else 'not as ours has them'}")
    if now.unreadable:
        ours = "no article any more: left as they were"
        why = ours if own is None else "not read: it gave none, or failed"
        echo(f"  {now.unreadable:>8,}  {why}")
    for name, count in sorted(now.fields.items(), key=lambda it: (-it[1], it[0])):
        echo(f"  {count:>8,}  in {name}")
    for example in report.first_examples(_MOST):
        echo(f"\n{example.field} of version {example.version}, {example.url}", bold=True)
        for line in _side_by_side(example):
            echo(f"  {line}")


def _side_by_side(example: Example) -> list[str]:
    """Texts as their differing stretches, other values whole: - before, + after."""
    if not (isinstance(example.before, str) and isinstance(example.after, str)):
        return [f"- {example.before}", f"+ {example.after}"]
    signs = {DiffOp.DELETE: "-", DiffOp.INSERT: "+", DiffOp.EQUAL: " "}
    return [
        f"{signs[part.op]} {_short(part.text) if part.op is DiffOp.EQUAL else part.text.strip()}"
        for part in diff_texts(example.before, example.after)
        if part.text.strip()
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _CONTEXT:
        return line
    return f"{line[: _CONTEXT // 2]} … {line[-_CONTEXT // 2 :]}"
