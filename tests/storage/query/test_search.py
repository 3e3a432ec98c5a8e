"""The same answers on both databases, for any corpus and any query."""

import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.database.words import search_words, words
from storage.history.readings import NewReading, index_articles, store_readings
from storage.models import (
    Article,
    Payload,
    SearchDocument,
    Source,
    Version,
    VersionState,
)
from storage.query.search import MOST_WORDS, Hit, parse_query, search, snippet
from tests.support.archiving import START, Desk
from tests.support.databases import query_plan

_names = itertools.count()


def fill(archive: Archive, documents: list[tuple[str, str]]) -> str:
    """A new source with these (title, text) articles, an hour apart; returns its name."""
    name = f"source{next(_names)}.example"
    with archive.writing() as session:
        source = Source(name=name, url=f"https://{name}/", added_at=START)
        session.add(source)
        session.flush()
        for number, (title, body) in enumerate(documents):
            moment = START + timedelta(hours=number)
            digest = f"{name}{number}".encode().ljust(32, b"\0")
            article = Article(source_id=source.id, url=f"{number}", first_seen_at=moment)
            session.add(article)
            session.flush()
            session.execute(
                insert(Payload).values(digest=digest, size=0, encoding="zstd", data=b"")
            )
            reading = NewReading(digest, "1", "", title, body, digest, published_at=moment)
            ((reading_id, _),) = store_readings(session, [reading]).values()
            version = Version(
                article_id=article.id,
                number=1,
                digest=digest,
                reading_id=reading_id,
                recorded_content=reading.content["digest"],
                fetch_id=number,
                first_seen_at=moment,
            )
            session.add(version)
            session.flush()
            session.add(
                VersionState(
                    version_id=version.id,
                    best_reading=reading_id,
                    last_seen_at=moment,
                    article_id=article.id,
                    number=1,
                )
            )
            article.current_version_id = version.id
            session.flush()
            index_articles(session, {article.id: (title, body)})
    return name


def ask(archive: Archive, query: str, source: str | None = None, limit: int = 20) -> list[Hit]:
    with archive.reading() as session:
        return search(session, query, source=source, limit=limit)


def urls(hits: list[Hit]) -> list[str]:
    return [hit.url for hit in hits]


CORPUS = [
    ("Bridge opens", "The Mayor of Orléans opened the bridge. The river was calm."),
    ("Élection à Orléans", "Le maire a voté. L'élection était calme, le pont aussi."),
    ("東京の天気", "今日の東京は晴れです。東の京ではない。"),
    ("Straße gesperrt", "Die Straße über die Brücke ist gesperrt — bis 2026!"),
    ("Weather", "The bridge is far from the river; the calm bridge."),
    ("हिन्दी समाचार", "यह हिन्दी में लिखा गया समाचार है"),
    ("C++ & R", "It's 100% safe: SELECT * FROM users; -- \"quoted\" 'words' \\ <-> | & !"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bridge", ["0", "4"]),
        ("BRIDGE river", ["0", "4"]),
        ("orleans", ["1", "0"]),
        ("ORLÉANS maire", ["1"]),
        ('"the bridge"', ["4", "0"]),
        ('"bridge the"', ["0"]),
        ('"calm bridge"', ["4"]),
        ('"the calm bridge" weather', ["4"]),
        ('"opens the mayor"', ["0"]),
        ("l'élection", ["1"]),
        ("strasse brucke", ["3"]),
        ("東京", ["2"]),
        ("京東", []),
        ("天気", ["2"]),
        ("हिन्दी", ["5"]),
        ("c++", ["6"]),
        ("2026", ["3"]),
        ("-- select OR users", []),
        ("select users", ["6"]),
        ("NEAR(select users)", []),
        ('"unclosed phrase', []),
        ('"select from users', ["6"]),
        ("brid", []),
        ("bridge*", ["0", "4"]),
        ("bridge:*", ["0", "4"]),
        ("words: select", ["6"]),
        ("^bridge", ["0", "4"]),
        ("!bridge", ["0", "4"]),
        ("bridge' | 'river", ["0", "4"]),
    ],
)
def test_what_is_found(archive: Archive, query: str, found: list[str]) -> None:
    source = fill(archive, CORPUS)
    assert urls(ask(archive, query, source)) == found


@pytest.mark.parametrize("query", ["", " ", '""', "!!! ' \" \\", "\0", "\ud800", "*", "👍"])
def test_a_query_without_a_word(archive: Archive, query: str) -> None:
    with pytest.raises(NotFound, match="no word to search for"):
        ask(archive, query)


@pytest.mark.parametrize(
    "query",
    [
        "x" * 100_000,
        "bridge\0",
        " ".join(f"word{n}" for n in range(10_000)),
        '"' + " ".join(f"word{n}" for n in range(10_000)) + '"',
        "京" * 100_000,
        "a." * 100_000,
        '" ' * 100_000 + "zz",
        "(" * 10_000 + "zz",
        "bridge " * 10_000,
    ],
    ids=["a long word", "NUL", "terms", "a phrase", "Han", "parts", "quotes", "brackets", "one"],
)
def test_a_hostile_query_is_answered(archive: Archive, query: str) -> None:
    fill(archive, CORPUS)
    assert sum(map(len, parse_query(query))) <= MOST_WORDS
    began = time.process_time()
    hits = ask(archive, query)
    assert time.process_time() - began < 5
    assert bool(hits) is query.startswith("bridge")


WORDS = st.sampled_from(
    [
        "a",
        "A",
        "b",
        "é",
        "e",
        "京",
        "東",
        "ñandú",
        "n",
        "10",
        "Ⅷ",
        "ẞ",
        "हिन्दी",
        "𞤀𞤁",
        "𐵀",
        "ﷺ",
        "ꙮ",
    ]
)
SEPARATORS = st.sampled_from([" ", "\n", ", ", "-", "'", "\u00a0", "", "_", "·", "\u200b"])
TEXTS = st.lists(st.tuples(WORDS, SEPARATORS), max_size=12).map(
    lambda parts: "".join(word + separator for word, separator in parts)
)
CHARACTERS = st.text(st.characters(), max_size=12)
QUERIES = st.lists(
    st.one_of(TEXTS, CHARACTERS, TEXTS.map(lambda phrase: f'"{phrase}"')), min_size=1, max_size=3
).map(" ".join)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    documents=st.lists(st.tuples(TEXTS, st.one_of(TEXTS, CHARACTERS)), min_size=1, max_size=5),
    queries=st.lists(QUERIES, min_size=1, max_size=5),
)
@example(documents=[("京" * 300 + "a 東京", "b")], queries=['"a 東"', "東京", "京東", "b"])
def test_both_databases_find_what_the_words_say(
    archive: Archive, documents: list[tuple[str, str]], queries: list[str]
) -> None:
    source = fill(archive, documents)
    for query in queries:
        terms = parse_query(query)
        if not terms:
            continue
        expected = {
            str(number)
            for number, (title, body) in enumerate(documents)
            if all(_contains(list(words(f"{title}\n{body}")), term) for term in terms)
        }
        assert set(urls(ask(archive, query, source))) == expected


def _contains(found: list[str], term: tuple[str, ...]) -> bool:
    seen: dict[str, int] = {}
    kept = []
    for word in found:
        seen[word] = seen.get(word, 0) + 1
        kept.append(word if seen[word] <= 255 else "")
    return any(tuple(kept[at : at + len(term)]) == term for at in range(len(kept)))


def test_the_best_come_first_and_of_equals_the_latest(archive: Archive) -> None:
    source = fill(
        archive,
        [
            ("News", "bridge"),
            ("Bridge", "news"),
            ("News", "bridge bridge bridge"),
            ("News", "bridge"),
        ],
    )
    hits = ask(archive, "bridge", source)
    assert urls(hits) == ["1", "2", "3", "0"]
    assert [hit.rank for hit in hits] == sorted((hit.rank for hit in hits), reverse=True)
    assert urls(ask(archive, "bridge", source, limit=2)) == ["1", "2"]
    assert ask(archive, "bridge", source, limit=0) == []


def test_a_search_is_of_one_source_and_of_a_time(archive: Archive) -> None:
    first, second = fill(archive, CORPUS[:1] * 3), fill(archive, CORPUS[:1])
    assert {hit.source for hit in ask(archive, "bridge")} == {first, second}
    hour = timedelta(hours=1)
    with archive.reading() as session:

        def between(since: datetime | None, until: datetime | None) -> list[str]:
            return urls(search(session, "bridge", source=first, since=since, until=until))

        assert between(START + hour, None) == ["2", "1"]
        assert between(None, START + hour) == ["0"]
        assert between(START + hour, START + 2 * hour) == ["1"]
        assert between(datetime(2030, 1, 1, tzinfo=UTC), None) == []


def test_only_what_is_current_is_found(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    desk.read("/a", "Title", "The second wording")
    assert ask(archive, "first") == []
    (hit,) = ask(archive, "second")
    assert (hit.version, hit.source, hit.url) == (2, "example.org", "https://example.org/a")
    assert hit.snippet == "The [second] wording"


@pytest.mark.parametrize(
    ("body", "query", "shown"),
    [
        ("The Élysée and the river", "elysee RIVER", "The [Élysée] and the [river]"),
        ("今日の東京は晴れ", "東京", "今日の[東][京]は晴れ"),
        ("line\n\nbreaks and  spaces", "spaces", "line breaks and [spaces]"),
        ("今日iPhoneの日", "iphone", "今日[iPhone]の日"),
        ("यह हिन्दी में", "हिन्दी", "यह [हिन्दी] में"),
        ("nothing here", "elsewhere", "nothing here"),
        ("", "elsewhere", ""),
    ],
)
def test_a_snippet_shows_what_matched(body: str, query: str, shown: str) -> None:
    assert snippet(body, parse_query(query)) == shown


@pytest.mark.parametrize("filler", ["word ", "京", "\n"])
def test_a_snippet_of_a_long_text_is_short_and_has_the_match(filler: str) -> None:
    shown = snippet(filler * 2_000 + "bridge " + filler * 2_000, parse_query("bridge"))
    assert "[bridge]" in shown
    assert len(shown) < 250


def test_a_search_goes_by_the_index(new_archive: Archive) -> None:
    desk = Desk(new_archive)
    numbers = range(3_000)
    dialect = new_archive.engine.dialect.name
    with new_archive.writing() as session:
        session.execute(
            insert(Article),
            [
                {"id": n, "source_id": desk.source.id, "url": str(n), "first_seen_at": START}
                | {"current_version_id": n}
                for n in numbers
            ],
        )
        digest, one = b"1" * 32, {"fetch_id": 1, "first_seen_at": START}
        session.execute(insert(Payload), {"digest": digest, "size": 1, "encoding": "", "data": b""})
        reading = NewReading(digest, "1", "", "Title", "Text", digest)
        ((reading_id, _),) = store_readings(session, [reading]).values()
        read = {"reading_id": reading_id, "recorded_content": reading.content["digest"]}
        session.execute(
            insert(Version),
            [
                {"id": n, "article_id": n, "number": 1, "digest": digest} | one | read
                for n in numbers
            ],
        )
        session.execute(
            insert(VersionState),
            [
                {
                    "version_id": n,
                    "article_id": n,
                    "number": 1,
                    "last_seen_at": START,
                    "best_reading": reading_id,
                }
                for n in numbers
            ],
        )
        session.execute(
            insert(SearchDocument),
            [{"article_id": n, "words": search_words("", f"word{n}", dialect)} for n in numbers],
        )
        session.execute(text("ANALYZE"))
    plan = query_plan(new_archive, lambda: ask(new_archive, "word7"))
    assert "ix_search_document_words" in plan or "SCAN search_index VIRTUAL TABLE" in plan
