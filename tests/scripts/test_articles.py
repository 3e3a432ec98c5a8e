import pytest

from tests.scripts.conftest import OLD_TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented

BRIDGE = "https://example.org/bridge"
FERRY = "https://example.org/ferry"
COPY = "https://example.org/copy"


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def ids(desk: Desk) -> tuple[int, int]:
    """Of the bridge's article and of the ferry's."""
    return desk.article("/bridge").id, desk.article("/ferry").id


def test_an_articles_addresses_and_why(console: Console, desk: Desk, ids: tuple[int, int]) -> None:
    desk.read("/amp", OLD_TITLE, "The council met.", canonical_url=BRIDGE)
    shown = words(console.shows("articles", "show", "example.org/bridge"))
    assert f"article {ids[0]} of example.org · versions: 3" in shown
    assert "named as canonical by" in shown
    document = console.run("articles", "show", str(ids[0]), "--json").json()
    assert document["url"] == BRIDGE
    assert [one["url"] for one in document["addresses"]] == [BRIDGE, "https://example.org/amp"]
    assert document["addresses"][1]["ties"][0]["relation"] == "names-canonical"
    assert document["decisions"] == []
    assert undocumented(document) == set()


def test_a_merge_and_its_undoing(console: Console, ids: tuple[int, int]) -> None:
    bridge, ferry = ids
    shown = words(console.shows("articles", "merge", "example.org/bridge", FERRY))
    assert f": merge of article {ferry} into article {bridge}" in shown
    assert f"article {bridge} of example.org · versions: 3" in shown
    assert "merge by decision" in shown
    history = console.run("history", str(ferry), "--json").json()
    assert (history["id"], [one["version"] for one in history["versions"]]) == (bridge, [1, 2, 3])
    assert f"article {bridge} of" in console.shows("articles", "show", str(ferry))
    undone = console.shows("articles", "undo")
    assert f" undone: merge of article {ferry} into article {bridge}" in undone
    assert console.run("history", FERRY, "--json").json()["id"] == ferry
    assert "nothing to undo" in console.fails("articles", "undo")


def test_a_split(console: Console, desk: Desk, ids: tuple[int, int]) -> None:
    desk.read("/copy", OLD_TITLE, "The council met.", canonical_url=BRIDGE)
    shown = words(console.shows("articles", "split", "example.org/copy"))
    copy = console.run("show", "example.org/copy", "--json").json()["id"]
    assert f": split of article {copy} from article {ids[0]}: {COPY}" in shown
    desk.read("/same", OLD_TITLE, "The council met.", canonical_url=COPY)
    assert "No version yet" in console.shows("articles", "split", "example.org/same")


def test_json(console: Console, ids: tuple[int, int]) -> None:
    bridge, ferry = ids
    made = console.run("articles", "merge", str(bridge), str(ferry), "--json").json()
    decision = made["decision"]
    assert decision["change"] == "merge"
    assert (decision["from_article"], decision["to_article"]) == (ferry, bridge)
    assert decision["urls"] == [FERRY]
    assert decision["undone_at"] is None
    assert [one["id"] for one in made["articles"]] == [bridge]
    undone = console.run("articles", "undo", str(decision["id"]), "--json").json()
    assert undone["decision"]["undone_at"] is not None
    assert [one["id"] for one in undone["articles"]] == [ferry, bridge]
    assert undocumented(made) == undocumented(undone) == set()


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("show", "example.org/none"), "no article", 1),
        (("merge", BRIDGE, BRIDGE), "are one article already", 1),
        (("merge", BRIDGE, "nonsense of a name"), "no article id and no URL", 1),
        (("split", "example.org/bridge"), "the only address of article", 1),
        (("undo", "7777777"), "no decision 7777777", 1),
        (("undo", "x"), "'x' is not a valid integer", 2),
        (("merge", "1"), "Missing argument 'OTHER'", 2),
    ],
)
def test_what_cannot_be_done(
    console: Console, desk: Desk, arguments: tuple[str, ...], says: str, code: int
) -> None:
    assert says in console.fails("articles", *arguments, code=code)
