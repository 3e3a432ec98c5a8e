"""What commands say of a version that is none."""

from scripts.output import moment
from storage.history.retractions import Retraction


def told(it: Retraction) -> str:
    """Since when the version is none, why, and which counts in its stead."""
    return (
        f"this version was retracted on {moment(it.at)} ({it.reason}): "
        f"version {it.version} ({it.counts_as}) counts in its stead"
    )
