"""Words the owner or a server does not want in prompts.

Entries are words, never patterns: no list, however hostile, makes this slow. All of it is linear in
the prompt and in the list.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Self

from bot.domain.lookalikes import SPACELESS, SYMBOLS, fold, half_spell_out, spell_out

SPACED_LETTERS = 4
"""The shortest word that is found when its letters stand apart ("b o m b")."""

_SIGNS = re.compile(f"[{re.escape(SYMBOLS)}]")
_STANDS_FOR_A_LETTER = re.compile(rf"[0-9{re.escape(SYMBOLS)}]")
_EDGES = "!|"  # letters within a word only: "hi!" has two
_NUMBER = re.compile(  # what people write with digits and mean so: 455, 1st, 3d, 4k, 1980s, 5am
    rf"[{re.escape(SYMBOLS)}]*\d+(?:st|nd|rd|th|s|d|k|g|p|m|x|am|pm|mm|cm|km|px|ft|in|kg|mp|gb)?"
    rf"[{re.escape(SYMBOLS)}]*"
)
_KEPT = 64


class WordFilter:
    """Finds whole words, however they are dressed up.

    An entry of several words is found as these words in a row. One with characters of a script
    that has no spaces between words (Chinese, Japanese, Thai, …) is found anywhere. Entries
    without a letter or digit are ignored.
    """

    def __init__(self, words: Iterable[str]) -> None:
        entries = fold("\n".join(word.replace("\n", " ") for word in words)).split("\n")
        anywhere = [_close_up(entry) for entry in entries if SPACELESS.search(entry)]
        rows = [row for entry in entries if not SPACELESS.search(entry) for row in _readings(entry)]
        self._single = frozenset(row[0] for row in rows if len(row) == 1)
        self._rows = _Finder(row for row in rows if len(row) > 1)
        self._anywhere = _Finder(anywhere)
        parts = (word for row in rows for word in row if len(row) > 1)
        # single words last: they are the ones that must not be hidden by another's spelling
        self._spelt = {spell_out(word): word for part in (parts, self._single) for word in part}

    @classmethod
    @lru_cache(maxsize=_KEPT)
    def of(cls, words: tuple[str, ...]) -> Self:
        """Make the filter of a list, or return the one made before; the last 64 are kept."""
        return cls(words)

    def blocks(self, prompt: str) -> bool:
        """Tell whether a prompt holds one of them."""
        folded = fold(prompt)
        words = SPACELESS.sub(" ", folded)
        dressed = [word for word in (one.strip(_EDGES) for one in words.split()) if word]
        return (
            self._has(_SIGNS.sub(" ", words).split())
            or self._has([self._undressed(word) for word in dressed])
            or any(self._undressed(word) in self._single for word in _spaced_out(dressed))
            or self._anywhere.finds(_close_up(folded))
        )

    def _has(self, words: Sequence[str]) -> bool:
        return not self._single.isdisjoint(words) or self._rows.finds(words)

    def _undressed(self, word: str) -> str:
        """Find the entry's word that is written here with digits or signs; else return it as is."""
        if word in self._single or not _is_dressed(word):
            return word
        return self._spelt.get(spell_out(word), word)


class _Finder:
    """Finds any of many rows of symbols in a longer row, in one walk (Aho and Corasick, 1975)."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._shorter = [0]
        self._ends = [False]
        for row in rows:
            self._add(row)
        self._link()

    def _add(self, row: Sequence[str]) -> None:
        state = 0
        for symbol in row:
            following = self._next[state].get(symbol)
            if following is None:
                following = self._next[state][symbol] = len(self._next)
                self._next.append({})
                self._shorter.append(0)
                self._ends.append(False)
            state = following
        self._ends[state] = True

    def _link(self) -> None:
        """Let every state know the longest shorter one that ends alike, shortest states first."""
        states = list(self._next[0].values())
        for state in states:
            for symbol, following in self._next[state].items():
                states.append(following)  # the walk goes on through what is added
                shorter = self._step(self._shorter[state], symbol)
                self._shorter[following] = shorter
                self._ends[following] |= self._ends[shorter]

    def _step(self, state: int, symbol: str) -> int:
        while symbol not in self._next[state]:
            if not state:
                return 0
            state = self._shorter[state]
        return self._next[state][symbol]

    def finds(self, row: Iterable[str]) -> bool:
        """Tell whether one of the rows is part of this one."""
        if not self._next[0]:
            return False
        state = 0
        for symbol in row:
            state = self._step(state, symbol)
            if self._ends[state]:
                return True
        return False


def _close_up(text: str) -> str:
    return "".join(text.split())


def _readings(entry: str) -> Iterator[list[str]]:
    """An entry as it is written, and as the words its digits and signs stand for.

    Only what is mostly letters is read so: "h1tler" is a dressed-up word, "c4" and "ak47" are not.
    """
    plain = _SIGNS.sub(" ", entry).split()
    if plain:
        yield plain
    dressed = [word.strip(_EDGES) for word in entry.split()]
    if any(map(_is_mostly_letters, dressed)):
        for at in range(2):
            read = (half_spell_out(w)[at] if _is_mostly_letters(w) else w for w in dressed)
            yield [word for word in read if word]


def _is_mostly_letters(word: str) -> bool:
    letters = sum(one.isalpha() for one in word)
    return len(word) >= SPACED_LETTERS and len(word) / 2 < letters < len(word)


def _is_dressed(word: str) -> bool:
    """Tell whether digits or signs may stand for letters here."""
    return bool(_STANDS_FOR_A_LETTER.search(word)) and not _NUMBER.fullmatch(word)


def _spaced_out(words: Sequence[str]) -> Iterator[str]:
    """Words made of single letters in a row; "a" and "I" at either end may be words themselves."""
    for single, group in groupby(words, key=lambda word: len(word) == 1):
        run = "".join(group) if single else ""
        for start in {0, int(run[:1] in {"a", "i"})}:
            for end in {len(run), len(run) - int(run[-1:] in {"a", "i"})}:
                if end - start >= SPACED_LETTERS:
                    yield run[start:end]
