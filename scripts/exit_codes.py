"""The exit codes of every command; docs/operating.md has the same table."""

from typing import Final

OK: Final = 0
FAILED: Final = 1
"""It could not be done, or there is something that a person has to look at."""
USAGE: Final = 2
"""The command was put wrongly: nothing was done."""
DAMAGED: Final = 3
"""The archive does not match itself: `permalien verify` names what."""
INTERRUPTED: Final = 130
"""By Ctrl-C, as a shell reports a program that it ended."""
