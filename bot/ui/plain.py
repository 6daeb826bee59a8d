"""User-made text shown as it was typed: it pings nobody, links nowhere and turns nothing round."""

import unicodedata

import discord

# Emoji are joined by ZWJ (U+200D), which is of the same category as the marks that turn text round.
_KEPT = {"\u200d"}


def one_line(text: str, limit: int) -> str:
    """Fold white space, drop control and direction marks, cut with an ellipsis."""
    return cut(" ".join(_visible(text).split()), limit)


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` characters, never within a character built of several."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (unicodedata.combining(text[end]) or _joins(text, end)):
        end -= 1
    return text[:end].rstrip() + "…"


def _joins(text: str, at: int) -> bool:
    joiners = "\u200d\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
    return text[at] in joiners or text[at - 1] == "\u200d"


def quoted(text: str, limit: int = 200) -> str:
    """Show text on one line in a code span, where nothing is rendered."""
    return f"`{one_line(text, limit).replace('`', 'ˋ') or ' '}`"


def block(text: str, limit: int) -> str:
    """Show text in a code block, lines kept, where nothing is rendered."""
    kept = "\n".join(_visible(line) for line in text.splitlines())
    return f"```\n{cut(kept, limit).replace('`', 'ˋ')}\n```"


def name(text: str) -> str:
    """Show a member's name, markdown and mentions inert."""
    return discord.utils.escape_mentions(discord.utils.escape_markdown(one_line(text, 32)))


def _visible(text: str) -> str:
    return "".join(
        letter
        for letter in text
        if letter in _KEPT or letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
