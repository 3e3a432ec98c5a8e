"""What time it is by the archive's clock, which can be rehearsed."""

from storage.database.clock import utc_now

__all__ = ["utc_now"]
