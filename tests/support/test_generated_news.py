from tests.support.generated_news import generate_articles


def test_the_same_seed_gives_the_same_articles_and_another_others() -> None:
    assert list(generate_articles(5, seed=1)) == list(generate_articles(5, seed=1))
    assert list(generate_articles(5, seed=1)) != list(generate_articles(5, seed=2))


def test_no_path_and_no_sentence_is_used_twice() -> None:
    articles = list(generate_articles(300))
    assert len({article.path for article in articles}) == 300
    sentences = [
        sentence
        for article in articles
        for text in (article.standfirst, *article.paragraphs)
        for sentence in text.split(". ")
    ]
    assert len(set(sentences)) == len(sentences)
