import importlib

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawler import settings


def test_a_contact_goes_into_the_user_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.CONTACT_VARIABLE, " archive@example.org ")
    try:
        importlib.reload(settings)
        assert settings.USER_AGENT.endswith("(news archive; archive@example.org)")
        monkeypatch.delenv(settings.CONTACT_VARIABLE)
        importlib.reload(settings)
        assert settings.USER_AGENT.endswith("(news archive; no contact given)")
    finally:
        monkeypatch.undo()
        importlib.reload(settings)


def test_what_is_named_is_there() -> None:
    named = [*settings.DOWNLOADER_MIDDLEWARES, *settings.ITEM_PIPELINES, *settings.EXTENSIONS]
    for path in (*named, settings.TWISTED_DNS_RESOLVER):
        assert load_object(path)


def test_scrapy_knows_every_setting() -> None:
    """A setting that Scrapy dropped or renamed would be a rule that is not kept."""
    ours = {name for name in vars(settings) if name.isupper()}
    known = set(Settings())
    own = {
        "BROWSER",
        "BROWSERS",
        "CONTACT",
        "CONTACT_VARIABLE",
        "VERSION",
        "ADDRESS_CONCURRENCY",
        "ADDRESS_RATE",
        "READERS",
    }
    assert ours - known == (own | {"ROBOTSTXT_OBEY"}) - known


def test_nothing_listens() -> None:
    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.REMOTE_CONTROL_ENABLED is False
