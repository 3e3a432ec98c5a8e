"""The API as a whole: what it describes is what it does."""

from typing import Any

import openapi_spec_validator
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from reader.api.routes import OPERATIONS
from storage.copying import copy_archive
from storage.database.archive import Archive
from storage.frontier.sources import add_source
from storage.models import Reuse
from tests.reader.api.archives import fill
from tests.support.archiving import START, Desk
from tests.support.console import undocumented
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.reading import asking, reader_of


def addresses(desk: Desk) -> list[str]:
    """One of each operation, and of what it may be asked."""
    article = desk.article("/bridge").id
    first, second, third = (it.identifier for it in desk.history("/bridge"))
    return [
        "/api/search?q=council",
        "/api/search?q=bridge&versions=all&sort=newest&limit=1",
        "/api/search?as_of=2026-03-01T08:35:00Z&source=example.org",
        "/api/search?known_by=2026-03-01&since=2026-03-01&until=2026-03-02",
        "/api/counts?q=bridge&interval=month&by_source=true",
        "/api/article?url=example.org/bridge%3Fpage=amp",
        f"/api/articles/{article}?version=1&removed=true",
        f"/api/articles/{third}",
        f"/api/articles/{article}/versions?limit=2",
        f"/api/articles/{article}/versions?after=2",
        f"/api/articles/{article}/addresses",
        f"/api/articles/{article}/diff",
        f"/api/articles/{article}/diff?from=1&to=3",
        f"/api/articles/{article}/diff?from={third}&to={first}",
        f"/api/versions/{second.upper()}",
        f"/api/versions/{second}/page",
        f"/api/versions/{second}/cite",
        f"/api/versions/{second}/cite?format=csl-json&lang=fr",
        "/api/edits?words=true",
        "/api/edits?source=example.org&event=removal&event=return",
        f"/api/edits?article={article}&kind=headline&declared=false&limit=1",
        "/api/changes?limit=1000",
        "/api/sources",
        "/api/sources/example.org",
        "/api/sources/example.org/coverage?days=2",
    ]


def test_the_description_is_of_openapi(client: TestClient) -> None:
    description = client.get("/api/openapi.json").json()
    openapi_spec_validator.validate(description)
    assert description["openapi"].startswith("3.1.")
    assert set(description["paths"]) == {it.path for it in OPERATIONS}


def test_every_answer_is_as_described(client: TestClient, desk: Desk) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    for address in addresses(desk):
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        path = address.partition("?")[0]
        operation = next(it for it in OPERATIONS if it.route().matches(_scope(path))[0].value == 2)
        schema[operation.path]["GET"].validate_response(answer)
        if "csl-json" not in address:
            assert undocumented(answer.json()) - _OURS == set(), address


_OURS = {
    "hits",
    "total",
    "behind",
    "notes",
    "counts",
    "events",
    "cursor",
    "changes",
    "position",
} | {
    "more",
    "sources",
    "month",
}


def _scope(path: str) -> dict[str, Any]:
    return {"type": "http", "path": path, "method": "GET"}


def test_both_databases_give_the_same(
    sqlite_archive: Archive, postgresql: PostgreSQLServer
) -> None:
    desk = fill(sqlite_archive)
    with fresh_database(postgresql) as url:
        empty = Archive(url)
        copy_archive(sqlite_archive, empty, progress=lambda *_: None)
        with asking(sqlite_archive) as one, asking(empty) as other:
            for address in addresses(desk):
                if not address.startswith("/api/changes"):  # the log of each database is its own
                    assert one.get(address).json() == other.get(address).json(), address
        empty.close()


def test_an_answer_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/search?q=council")
    again = client.get("/api/search?q=council", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_no_page_elsewhere_may_read_it(client: TestClient) -> None:
    answer = client.get("/api/search", headers={"Origin": "https://elsewhere.example"})
    assert not [it for it in answer.headers if it.startswith("access-control-")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert client.options("/api/search").status_code == 405


FAULTS = [
    ("/api/nothing", 404, "no such address"),
    ("/api/search?nothing=1", 400, "no parameter nothing"),
    ("/api/search?q=(", 400, "a word is missing"),
    ("/api/search?q=a&q=b", 400, "too often"),
    ("/api/search?q=" + "a" * 1_001, 400, "1,001 characters"),
    ("/api/search?q=" + "NOT+" * 249 + "a", 400, "deep"),
    ("/api/search?limit=0", 400, "limit"),
    ("/api/search?limit=501", 400, "limit"),
    ("/api/search?limit=" + "9" * 100, 400, "limit"),
    ("/api/search?since=2026-02-30", 400, "since is no day"),
    ("/api/search?since=0001-01-01T00:00:00%2B14:00", 400, "since is no day"),
    ("/api/search?as_of=9999-12-31", 200, ""),
    ("/api/search?since=2026-01-01T00:00:00", 400, "no time with its zone"),
    ("/api/search?since=2026-W01-1", 400, "since is no day"),
    ("/api/search?source=nowhere", 200, ""),
    ("/api/search?cursor=x", 400, "no cursor"),
    (
        "/api/search?cursor=" + "WyJyZWxldmFuY2UiLCAxODQ0Njc0NDA3MzcwOTU1MTYxNV0",
        400,
        "100,000 hits",
    ),
    ("/api/search?q=%00", 400, "q"),
    ("/api/search?q=%ED%A0%80", 400, "no word"),
    ("/api/counts?interval=hour", 400, "interval is none of day"),
    ("/api/counts?by_source=1", 400, "neither true nor false"),
    ("/api/article", 400, "url is missing"),
    ("/api/article?url=ftp://x", 404, "ftp://x"),
    ("/api/article?url=https://example.org/none", 404, "no article"),
    ("/api/articles/999999999", 404, "no article"),
    ("/api/articles/0", 400, "article"),
    ("/api/articles/" + "9" * 30, 404, "no article"),
    ("/api/articles/x", 400, "article is put wrongly: An article's number, or"),
    ("/api/articles/1?version=x", 400, "version is put wrongly: A version's number"),
    ("/api/versions/aaaaaaaaaaaaaaaa", 404, ""),
    ("/api/versions/1", 400, "version"),
    ("/api/edits?cursor=1.2.9", 400, "no cursor"),
    ("/api/edits?source=%20", 404, "no source"),
    ("/api/edits?since=0001-01-01&until=9999-12-31", 200, ""),
    ("/api/edits?kind=loud", 400, "kind is none of"),
    ("/api/changes?since=1.2.3", 404, "position"),
    ("/api/sources/none.example", 404, "no source"),
    ("/api/sources/example.org/coverage?days=400", 400, "days"),
]


def test_a_fault_is_told(client: TestClient) -> None:
    for address, status, says in FAULTS:
        answer = client.get(address)
        assert answer.status_code == status, (address, answer.text)
        assert says in answer.text, address
        if status != 200:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["status"] == status
            assert problem["detail"]


def test_a_page_of_what_was_found_follows_another(client: TestClient) -> None:
    for name, of in (("search?sort=newest", "hits"), ("edits?", "events"), ("changes?", "changes")):
        seen = []
        address = f"/api/{name}&limit=1"
        parameter = "since" if of == "changes" else "cursor"
        asked = address
        for _ in range(100):
            answer = client.get(asked).json()
            seen += answer[of]
            cursor = answer["position" if of == "changes" else "cursor"]
            if cursor is None or answer.get("more") is False:
                break
            asked = f"{address}&{parameter}={cursor}"
        whole = client.get(f"/api/{name}&limit=100").json()[of]
        assert len(seen) == len(whole) > 2
        # Where a page ends is part of the position of what ends it.
        assert [{**it, "position": ""} for it in seen] == [{**it, "position": ""} for it in whole]


def test_what_may_not_be_shown(desk: Desk, client: TestClient) -> None:
    asked = addresses(desk)
    for right in (Reuse.METADATA, Reuse.NONE):
        with desk.archive.writing() as session:
            session.merge(desk.source).may_show = right
        for address in asked:
            answer = client.get(address)
            assert answer.status_code in (200, 403), address
            assert "engineers" not in answer.text, address
            assert "It heard nobody" not in answer.text, address
            if "/diff" in address or address.endswith("/page"):
                assert answer.status_code == 403, address
            if right is Reuse.NONE and ("/article" in address or "/versions/" in address):
                assert answer.status_code == 403, address
            if right is Reuse.NONE and "/api/sources/" in address:
                assert answer.status_code == 403, address
    assert client.get("/api/sources").json()["sources"] == []


def test_what_an_operator_noted_is_the_operators(desk: Desk, client: TestClient) -> None:
    with desk.archive.writing() as session:
        session.merge(desk.source).notes = "Ask Jane."
    for address in ("/api/sources", "/api/sources/example.org"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "Jane" not in answer.text


def test_any_number_of_sources_may_be_hidden(desk: Desk, client: TestClient) -> None:
    """A query of that many words would be refused."""
    with desk.archive.writing() as session:
        for number in range(300):
            source, _ = add_source(session, f"https://{number}.example", now=START)
            source.may_show = Reuse.NONE
    for address in ("/api/search", "/api/counts?interval=day", "/search", "/search/download.csv"):
        assert client.get(address).status_code == 200, address
    assert client.get("/api/search").json()["total"] > 0


@pytest.mark.parametrize(
    "examples", [6, pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])]
)
def test_no_server_error_and_no_undocumented_status(desk: Desk, examples: int) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", reader_of(desk.archive))
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        for mode in GenerationMode:

            @settings(
                max_examples=examples,
                deadline=None,
                derandomize=examples < 100,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                # A search or a cursor may be wrong that the schema lets pass.
                case.call_and_validate(excluded_checks=[positive_data_acceptance])

            ask()
