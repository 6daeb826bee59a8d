"""One spelling for what looks alike: case, accents, other alphabets, invisible characters.

Letters and their twins are from Unicode's confusables table, as far as they pass for Latin letters
in running text.
"""

import re
import unicodedata

_TWINS = {
    # Cyrillic, Greek, Armenian, and Latin letters without a decomposition, in lower case
    "a": "аαɑᴀ", "b": "вβьʙ", "c": "сϲᴄ", "d": "ԁđɖᴅ", "e": "еεєɛᴇ", "f": "ғϝ", "g": "ɡցɢ",
    "h": "нһհħʜ", "i": "іιıɩɪ", "j": "јϳᴊ", "k": "кκᴋ", "l": "ӏłʟ", "m": "мᴍ", "n": "ηпոɴ",
    "o": "оοσօøᴏ", "p": "рρᴘ", "q": "ԛզ", "r": "гʀ", "s": "ѕꜱ", "t": "тτŧᴛ", "u": "υսᴜ",
    "v": "νѵᴠ", "w": "ԝωᴡ", "x": "хχ", "y": "уγүʏ", "z": "ᴢ", "ae": "æ", "oe": "œ",
}  # fmt: skip
_LETTERS = {twin: letter for letter, twins in _TWINS.items() for twin in twins}
# 🅰 🅐 🇦 and their like: letters in boxes and circles that Unicode calls symbols
_BOXED = (0x1F150, 0x1F170, 0x1F1E6)
# Unicode's combining classes; those between are vowels and tones that are read
_ACCENTS = {1, *range(10, 37), *range(200, 256)}
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_TRADE_MARKS = "™℠"

SYMBOLS = "@$€¢!|"
"""Signs that may stand for letters; `fold` keeps them where other signs become spaces."""

_SPELT = str.maketrans("013456789@$€¢!|il", "oleasgtbgasecllll")
_HALF_SPELT = str.maketrans("034567@$€¢", "oeasgtasec")

# No word space stands between words of these: Tibetan, Lao, Thai, Myanmar, Khmer, Chinese, Japanese
SPACELESS = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)


def fold(text: str) -> str:
    """Spell a text with letters, digits, marks of spaceless scripts, SYMBOLS and spaces only.

    Accents, invisible characters and direction marks go, compatibility forms (fullwidth, styled,
    circled) become plain, twins become the Latin letter. Line breaks stay.
    """
    # by characters: normalising a whole text takes time to the square of the marks in a row
    return text.translate({ord(one): _fold_one(one) for one in set(text)})


def _fold_one(one: str) -> str:
    if one in _TRADE_MARKS:
        return " "
    return "".join(map(_plain, unicodedata.normalize("NFKD", one).casefold()))


def _plain(one: str) -> str:
    if one in _LETTERS:
        return _LETTERS[one]
    if _is_unseen(one):
        return ""
    if one.isalnum() or one in SYMBOLS or one == "\n" or unicodedata.category(one)[0] == "M":
        return one
    for first in _BOXED:
        if first <= ord(one) < first + 26:
            return chr(ord("a") + ord(one) - first)
    return " "


def _is_unseen(one: str) -> bool:
    """Tell accents, enclosing marks, and what takes no room, from what is read."""
    return (
        unicodedata.combining(one) in _ACCENTS
        or unicodedata.category(one) in {"Cf", "Me"}
        or one in _FILLERS
        or "\ufe00" <= one <= "\ufe0f"
        or "\U000e0100" <= one <= "\U000e01ef"
    )


def spell_out(word: str) -> str:
    """Read digits and SYMBOLS as letters; `i`, `l` and their likes become one, so compare alike."""
    return word.translate(_SPELT)


def half_spell_out(word: str) -> tuple[str, str]:
    """Read digits and SYMBOLS as letters, once with every 1 an `i`, once an `l`."""
    half = word.translate(_HALF_SPELT).replace("8", "b").replace("9", "g")
    return tuple(re.sub("[1!|]", letter, half) for letter in "il")  # type: ignore[return-value]
