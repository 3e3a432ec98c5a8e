"""What stops a re-extraction, whatever page it is at. The message says what to do.

CannotRead
|- BadExtractor    a function of one's own is not there, or gives what is no reading
|- NoDask          Dask is not installed
`- ClusterGone     the Dask cluster does not answer, or has another extractor
"""


class CannotRead(Exception):
    """Stop, and show the message."""


class BadExtractor(CannotRead):
    """There is no such function, or it gave what is no reading."""


class NoDask(CannotRead):
    """Dask is not installed."""


class ClusterGone(CannotRead):
    """The cluster does not answer, or can't do this."""
