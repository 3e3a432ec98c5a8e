"""What discovery raises. A body is never half an error: what could be read of it is the result.

DiscoveryError           nothing can be found in this body, and another try at it gives the same
|- NotAFeed
|- NotASitemap
|- NotAPage
`- NotOPML
"""


class DiscoveryError(Exception):
    """These bytes are not what they were taken for; the message says what they look like."""


class NotAFeed(DiscoveryError):
    """No RSS, Atom, RDF or JSON Feed."""


class NotASitemap(DiscoveryError):
    """No sitemap, sitemap index or list of URLs."""


class NotAPage(DiscoveryError):
    """No HTML document, or one that passes a bound of `crawler.extraction`."""


class NotOPML(DiscoveryError):
    """No OPML document."""
