from crawler.extraction.page.wording import plain, squash, squeeze, word_count, words


def test_plain_text_has_its_entities_decoded_twice_and_its_spaces_squeezed() -> None:
    assert plain("  Fish &amp;amp; chips\n\u00a0here ") == "Fish & chips here"


def test_white_space_is_squeezed_but_the_ideographic_space_stays() -> None:
    assert squeeze(" one\n\t two\u00a0three ") == "one two three"
    assert squeeze("\u3000朝市 \u3000 魚屋\u3000") == "朝市\u3000魚屋"


def test_squashed_spellings_of_one_name_are_equal() -> None:
    assert squash("The Ｅxample-Times") == squash("the exampletimes ") == "theexampletimes"
    assert squash("Zürich") != squash("Zurich")


def test_words_are_lower_case() -> None:
    assert words("Don’t stop, ÄRGER!") == ["don", "t", "stop", "ärger"]


def test_scripts_without_spaces_have_words_too() -> None:
    assert word_count("three little words") == 3
    assert 5 <= word_count("首相は記者会見で発表した") <= 8
    assert word_count("") == 0
