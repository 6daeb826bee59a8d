"""Words that are not wanted, 10,000 of them: `python -m tests.bench.bench_words`.

Lists and prompts of the ordinary and of the hostile kind; the best of five, as other programs only
ever make it slower.
"""

import random
import string
import time
from collections.abc import Callable
from functools import partial

from bot.domain.words import WordFilter

ENTRIES, LENGTH = 10_000, 4000
DICE = random.Random(1)


def word(letters: str = string.ascii_lowercase) -> str:
    return "".join(DICE.choices(letters, k=DICE.randint(4, 10)))


def han(length: int) -> str:
    return "".join(chr(DICE.randint(0x4E00, 0x9000)) for _ in range(length))


LISTS: dict[str, list[str]] = {
    "words": [word() for _ in range(ENTRIES)],
    "words with digits": [word(string.ascii_lowercase + "01345") for _ in range(ENTRIES)],
    "pairs of words": [f"{word()} {word()}" for _ in range(ENTRIES)],
    "Chinese words": [han(DICE.randint(2, 4)) for _ in range(ENTRIES)],
    "one word again and again": [" ".join(["aaaa"] * (n % 50 + 1) + ["b"]) for n in range(ENTRIES)],
}
PROMPTS = {
    "prose": " ".join(word() for _ in range(LENGTH)),
    "Chinese": han(LENGTH),
    "digits for letters": "a1l0 " * LENGTH,
    "letters apart": "z " * LENGTH,
    "one word again and again": "aaaa " * LENGTH,
    "accents": "a" + "\u0301\u0323" * LENGTH,
    "longest when folded": "\ufdfa" * LENGTH,
    "every character once": "".join(map(chr, range(0x100, 0x100 + LENGTH))),
}


def best(work: Callable[[], object]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def main() -> None:
    for title, entries in LISTS.items():
        print(f"{ENTRIES} {title}: built in {best(partial(WordFilter, entries)):.0f} ms")
        words = WordFilter(entries)
        for name, prompt in PROMPTS.items():
            print(f"    {name}: {best(partial(words.blocks, prompt[:LENGTH])):.2f} ms")


if __name__ == "__main__":
    main()
