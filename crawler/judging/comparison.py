"""How two looks at a page differ, change by change, with what each may have in common with the
changes of other pages."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from crawler.extraction.article import TextBlock
from crawler.extraction.body.corrections import is_correction_note
from crawler.judging.pages import PageText, folded

_ALIKE = 0.5  # the share of words that a paragraph has in common with what it was before

Signature = tuple[str, ...]
"""What changes on several pages have in common: a sign, and what came, went or was there."""


@dataclass(frozen=True, slots=True)
class Change:
    """Part of a difference. `exact` says in what words, `structural` where on the page; the second
    is empty where the page is built as it was, for then only words tell.

    `in_text` is whether it stands amid the article's text. `is_plain` changes show by themselves
    that somebody wrote them: words were put in other words, while blocks that come and go, and
    numbers that move, may be the site's. `text` is what came, `place` where.
    """

    exact: Signature
    structural: Signature = ()
    in_text: bool = True
    is_plain: bool = False
    is_whole: bool = False
    is_correction: bool = False
    text: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rebuilt`: the page is of another layout than it was. `taken_out` are what would be changes
    if the templates had not taken it out: where it takes turns, so may what is left."""

    rebuilt: bool
    changes: tuple[Change, ...]
    taken_out: tuple[Change, ...] = ()


@dataclass(slots=True)
class Carriers:
    """The articles that show a change, by whether they are control pages."""

    controls: set[int] = field(default_factory=set)
    announced: set[int] = field(default_factory=set)

    @property
    def everyone(self) -> set[int]:
        return self.controls | self.announced


def compare(before: PageText, after: PageText) -> Comparison:
    """What differs between two looks at one page."""
    rebuilt = before.layout != after.layout or (
        before.main_place != after.main_place and bool(before.blocks and after.blocks)
    )
    came, went = _unmatched(before, after, rebuilt=rebuilt)
    changes = [*_title(before, after, rebuilt=rebuilt)]
    text_places = _text_places(before, after) if rebuilt else {after.main_place}
    longer = _made_longer(before, came) if rebuilt else []
    pairs = _pairs([*went, *longer], came)
    went = [block for block in went if all(block is not old for old, _ in pairs)]
    for old, new in pairs:
        came.remove(new)
        lost, won = _words(old.text, new.text)
        if rebuilt and folded("".join(lost)) == folded("".join(won)):
            continue
        in_text = new.place in text_places
        where = ("~@", old.place, new.place) if rebuilt else ()
        if old.key == new.key:
            changes.append(Change(("#", new.key), where, in_text, text=new.text, place=new.place))
        else:
            words = ("~", *lost, "→", *won)
            changes.append(Change(words, where, in_text, is_plain=True, place=new.place))
    changes += [_whole("+", block, text_places, rebuilt=rebuilt) for block in came]
    text_places = _text_places(after, before) if rebuilt else {before.main_place}
    changes += [_whole("-", block, text_places, rebuilt=rebuilt) for block in went]
    if not changes and not rebuilt and _order(before) != _order(after):
        changes.append(Change(("order",), is_plain=True))
    return Comparison(rebuilt, tuple(changes), tuple(_taken_out(before, after, rebuilt=rebuilt)))


def _taken_out(before: PageText, after: PageText, *, rebuilt: bool) -> Iterator[Change]:
    old = {block.key for block in before.repeating}
    new = {block.key for block in after.repeating}
    for block in after.repeating:
        if block.key not in old:
            yield _whole("+", block, {after.main_place}, rebuilt=rebuilt)
    if not rebuilt:
        for block in before.repeating:
            if block.key not in new:
                yield _whole("-", block, {before.main_place}, rebuilt=rebuilt)


def _unmatched(
    before: PageText, after: PageText, *, rebuilt: bool
) -> tuple[list[TextBlock], list[TextBlock]]:
    """The blocks that came, and those that went. Of a page that was rebuilt the words count, not
    how they are set and parted in paragraphs."""
    if rebuilt:
        came = [block for block in after.blocks if folded(block.text) not in before.folded]
        went = [block for block in before.blocks if folded(block.text) not in after.folded]
        return came, went
    old, new = _order(before), _order(after)
    return _beyond(after.blocks, old), _beyond(before.blocks, new)


def _made_longer(before: PageText, came: Sequence[TextBlock]) -> list[TextBlock]:
    """The paragraphs that stand whole in one that came: it is the same one, with more to say."""
    texts = [folded(block.text) for block in came]
    old = ((block, folded(block.text)) for block in before.blocks)
    return [block for block, text in old if text and any(text in it for it in texts)]


def _beyond(blocks: Sequence[TextBlock], known: Sequence[str]) -> list[TextBlock]:
    left = Counter(known)
    found = []
    for block in blocks:
        text = _squeezed(block.text)
        if left[text] > 0:
            left[text] -= 1
        else:
            found.append(block)
    return found


def _order(page: PageText) -> list[str]:
    return [_squeezed(block.text) for block in page.blocks]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _title(before: PageText, after: PageText, *, rebuilt: bool) -> Iterator[Change]:
    same = (
        folded(before.title) == folded(after.title)
        if rebuilt
        else _squeezed(before.title) == _squeezed(after.title)
    )
    if not same:
        lost, won = _words(before.title, after.title)
        yield Change(("t", *lost, "→", *won), ("t@",) if rebuilt else (), is_plain=True)


def _text_places(other: PageText, page: PageText) -> set[str]:
    """Where the page has words that the other look at it had too."""
    places = {block.place for block in page.blocks if folded(block.text) in other.folded}
    return {page.main_place, *places}


def _whole(sign: str, block: TextBlock, text_places: Set[str], *, rebuilt: bool) -> Change:
    return Change(
        (sign, block.key),
        (f"{sign}@", block.place) if rebuilt else (),
        block.place in text_places,
        is_whole=True,
        is_correction=is_correction_note(block.text),
        text=block.text if sign == "+" else "",
        place=block.place,
    )


def _pairs(
    went: Sequence[TextBlock], came: Sequence[TextBlock]
) -> list[tuple[TextBlock, TextBlock]]:
    """Each paragraph that was reworded, with what it became; the likest first."""
    likest = sorted(
        (
            (-likeness, i, j)
            for i, old in enumerate(went)
            for j, new in enumerate(came)
            if (likeness := 1.0 if old.key == new.key else _likeness(old.text, new.text)) >= _ALIKE
        ),
    )
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, i, j in likest:
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append((went[i], came[j]))
    return pairs


def _likeness(one: str, other: str) -> float:
    a, b = Counter(one.split()), Counter(other.split())
    return (a & b).total() / max(1, min(a.total(), b.total()))


def _words(old: str, new: str) -> tuple[list[str], list[str]]:
    """The words that went, and those that came, in their order."""
    before, after = old.split(), new.split()
    lost, won = Counter(before) - Counter(after), Counter(after) - Counter(before)
    return [word for word in before if word in lost], [word for word in after if word in won]
