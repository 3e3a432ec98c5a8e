import pytest

from crawler.judging.comparison import Signature
from crawler.judging.telling import Told, What, keys_of, tell

EXAMPLES = {"k1": "Give to the paper"}


@pytest.mark.parametrize(
    ("signature", "told"),
    [
        (("+", "k1"), Told(What.CAME, "k1", after="Give to the paper")),
        (("+", "k2"), Told(What.CAME, "k2")),
        (("-", "k1"), Told(What.WENT, "k1", before="Give to the paper")),
        (("#", "k1"), Told(What.COUNTED, "k1", after="Give to the paper")),
        (("+@", "div/p"), Told(What.CAME, place="div/p")),
        (("-@", "div/p"), Told(What.WENT, place="div/p")),
        (("~@", "div/p", "main/p"), Told(What.REWORDED, place="main/p")),
        (("t@",), Told(What.TITLE)),
        (("order",), Told(What.ORDER)),
        (("~", "no", "other", "→", "one"), Told(What.REWORDED, before="no other", after="one")),
        (("~", "→", "one"), Told(What.REWORDED, after="one")),
        (("t", "|", "The", "Post", "→"), Told(What.TITLE, before="| The Post")),
    ],
)
def test_a_signature_in_words(signature: Signature, told: Told) -> None:
    assert tell(signature, EXAMPLES) == told
    assert keys_of(signature) == ({told.key} if told.key else set())


@pytest.mark.parametrize("signature", [(), ("?", "k1"), ("~", "no arrow")])
def test_what_is_no_signature_is_refused(signature: Signature) -> None:
    with pytest.raises(ValueError, match="no signature"):
        tell(signature, EXAMPLES)
