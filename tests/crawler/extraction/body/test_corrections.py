"""Notes of correction are an article's own, however many articles carry them."""

from crawler.extraction.body import corrections
from crawler.extraction.extract import extract, learn_profile
from storage.history import edits
from tests.support.generated_news import GeneratedArticle, generate_articles

NOTE = "Correction: An earlier version of this article misstated the figure in file {}."
PROMPT = "Corrections: have you seen a mistake? Write to the editors at any time of the day."


def page(article: GeneratedArticle, number: int, *, note: bool) -> bytes:
    notes = [NOTE.format(number)] if note else []
    body = "".join(f"<p>{text}</p>" for text in [*article.paragraphs, *notes, PROMPT])
    return f"<html><body><article><h1>{article.title}</h1>{body}</article></body></html>".encode()


def test_a_note_that_a_third_of_the_articles_carry_stays_and_what_all_carry_goes() -> None:
    pages = [
        page(article, number, note=number % 3 == 0)
        for number, article in enumerate(generate_articles(30))
    ]
    profile = learn_profile([(body, None) for body in pages])
    text = extract(pages[3], profile=profile).text
    assert NOTE.format(3) in text
    assert PROMPT not in text


def test_a_note_is_told_as_an_edit_is() -> None:
    assert corrections.CORRECTION_NOTE.pattern == edits.CORRECTION_NOTE.pattern
    assert corrections.CORRECTION_NOTE.flags == edits.CORRECTION_NOTE.flags
