from scripts.demo.articles import SITE, read_articles
from scripts.demo.desks import read_desks


def test_every_desk_is_whole() -> None:
    desks = read_desks()
    assert sorted(desks) == sorted(folder.name for folder in (SITE / "articles").iterdir())
    fronts = {desk.front for desk in desks.values()}
    for key, desk in desks.items():
        assert (SITE / "themes" / desk.theme / "article.html").is_file()
        assert set(desk.links.values()) == fronts - {desk.front}
        assert len(set(desk.adverts)) == len(desk.adverts) > 1
        own = [article for article in read_articles(1).values() if article.desk == key]
        assert {article.section for article in own} == desk.sections.keys()


def test_the_desks_differ_in_what_they_send_for_conditional_get() -> None:
    validators = [desk.validators for desk in read_desks().values()]
    assert len(set(validators)) == len(validators)
