"""Words the owner does not want in prompts."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"\w+")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


class WordFilter:
    """Finds whole words, whatever their case."""

    def __init__(self, words: Iterable[str]) -> None:
        self._blocked = frozenset(_fold(word.strip()) for word in words if word.strip())

    def blocks(self, prompt: str) -> bool:
        """Tell whether a prompt holds one of them."""
        return not self._blocked.isdisjoint(_WORD.findall(_fold(prompt)))
