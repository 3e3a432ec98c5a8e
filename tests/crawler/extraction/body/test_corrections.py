"""Notes of correction are an article's own, however many articles carry them."""

import pytest

from crawler.extraction.article import ParagraphKind
from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.extract import extract, learn_template
from crawler.extraction.page_input import PageInput
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
    template = learn_template([(body, None) for body in pages])
    text = extract(PageInput(pages[3]), templates=template).text
    assert NOTE.format(3) in text
    assert PROMPT not in text


@pytest.mark.parametrize(
    "note",
    [
        "Correction: the bridge is 80 years old.",
        "Correction (3 March 2026): an earlier version gave another figure.",
        "CLARIFICATION – the bridge is 80 years old.",
        "[Editor’s note: this text was changed.]",
        "An earlier version of this article misspelled a name.",
        "This article was amended on 3 March.",
        "This story has been updated to correct the spelling of a name.",
        "Rectificatif : le pont a 80 ans.",
        "Une version précédente de cet article donnait un autre chiffre.",
        "Précision : contrairement à ce que nous écrivions, le pont a 80 ans.",
        "Contrairement à ce que nous avions écrit, le pont a 80 ans.",
        "Article modifié le 3 mars à 18 heures : correction du nom du maire.",
        "L’article a été corrigé : le pont a 80 ans.",
        "Korrektur: Die Brücke ist 80 Jahre alt.",
        "In einer früheren Version hieß es, die Brücke sei neu.",
        "Anders als zunächst berichtet, ist die Brücke 80 Jahre alt.",
        "Anm. d. Red.: Die Brücke ist 80 Jahre alt.",
        "Fe de errores: el puente tiene 80 años.",
        "Esta noticia ha sido corregida: el puente tiene 80 años.",
        "Errata corrige: il ponte ha 80 anni.",
        "Erramos: a ponte tem 80 anos.",
        "Diferentemente do publicado, a ponte tem 80 anos.",
        "Correctie 3 maart 2026: de brug is 80 jaar oud.",
        "W pierwotnej wersji artykułu podano inną liczbę.",
        "I en tidligere versjon av saken sto det et annet tall.",
        "Исправление: мосту 80 лет.",
        "تصحيح: عمر الجسر 80 عاما.",
        "【訂正】橋は築80年です。",
    ],
)
def test_how_notes_open(note: str) -> None:
    assert is_correction_note(note)


@pytest.mark.parametrize(
    "text",
    [
        "Corrections officers guarded it.",
        "Correction-fluid makers met on Monday.",
        "La précision des mesures a surpris les ingénieurs.",
        "Article modifié le soir même, le décret a été publié mardi.",
        "This article was published on 3 March.",
        "Contrairement à ce que pense le maire, le pont a tenu.",
        "Anders als zunächst gedacht, hielt die Brücke.",
        "Contrariamente a quanto si crede, il ponte regge.",
        "Entgegen dem Rat der Ärzte ging er zur Arbeit.",
        "In einer anderen Stadt wäre das nicht geschehen.",
    ],
)
def test_what_opens_no_note(text: str) -> None:
    assert not is_correction_note(text)


def test_a_note_is_marked() -> None:
    article = extract(PageInput(page(next(generate_articles(1)), 3, note=True)))
    marked = [p.text for p in article.paragraphs if p.kind is ParagraphKind.CORRECTION]
    assert marked[0] == NOTE.format(3)
