"""What extraction raises.

ExtractionError          the page can't be read, and never will be by this extractor
|- UnreadableBody        no document is in these bytes
`- TooLarge              the document passes a bound on bytes, nodes or depth
"""


class ExtractionError(Exception):
    """This page yields no article; it costs itself alone, and another try gives the same."""


class UnreadableBody(ExtractionError):
    """No HTML document can be made of the bytes."""


class TooLarge(ExtractionError):
    """The document passes a bound on bytes, nodes or depth."""
