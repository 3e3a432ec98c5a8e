"""Coverage-guided fuzzing of extraction, from pages of ours.

    pip install -e ".[fuzz]"
    python -m tests.fuzz.fuzz_extraction WORK -max_total_time=600

Options are libFuzzer's. WORK keeps what was found worth keeping, so that the next run goes on from
there. An input that breaks a promise is written to WORK/found and the run ends; `python -m
tests.fuzz.replay FILE` tells what it does. Time is judged there too: instrumented code is slower.
"""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import atheris  # type: ignore[import-untyped, unused-ignore]

with atheris.instrument_imports(include=["crawler.extraction", "w3lib"]):
    from tests.fuzz import bounds

from tests.fuzz.inputs import mutate, seeds
from tests.fuzz.replay import PAGES

# the longest input, before its repeats
MAXIMUM_INPUT = 40_000


def main() -> None:
    """Fuzz until the time is up or a promise is broken."""
    work = Path(sys.argv[1])
    corpus, found = work / "corpus", work / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds(page.read_bytes() for page in PAGES):
        (corpus / sha256(seed).hexdigest()).write_bytes(seed)

    def try_one(data: bytes) -> None:
        cost = bounds.read(data)
        try:
            cost.check()
        except bounds.BoundPassed:
            suspect = found / f"slow-{sha256(data).hexdigest()[:16]}"
            suspect.write_bytes(data)
            command = [sys.executable, "-m", "tests.fuzz.replay", str(suspect)]
            if subprocess.run(command, check=False).returncode:
                raise
            suspect.unlink()

    def mutate_one(data: bytes, maximum: int, seed: int) -> bytes:
        return mutate(data, maximum, seed, lambda page: atheris.Mutate(page, maximum - 4))

    arguments = [
        sys.argv[0],
        f"-max_len={MAXIMUM_INPUT}",
        f"-artifact_prefix={found}/",
        "-rss_limit_mb=0",
        "-timeout=60",
        "-print_final_stats=1",
        *sys.argv[2:],
        str(corpus),
    ]
    atheris.Setup(arguments, try_one, custom_mutator=mutate_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
