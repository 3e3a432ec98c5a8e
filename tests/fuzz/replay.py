"""What an input that the fuzzer found does to extraction as it is.

    python -m tests.fuzz.replay FILE…

Raises what the input makes extraction raise, or BoundPassed.
"""

import sys
from pathlib import Path

from tests.fuzz.bounds import read

PAGES = sorted(Path(__file__).parents[1].glob("crawler/extraction/pages/*/page.html"))


def main() -> None:
    """Try each file."""
    for name in sys.argv[1:]:
        data = Path(name).read_bytes()
        read(b"")  # what is imported and learned once is nobody's cost
        cost = read(data)
        sys.stdout.write(f"{name}: {cost.seconds:.2f} s, {cost.mebibytes:.0f} MiB\n")
        cost.check()


if __name__ == "__main__":
    main()
