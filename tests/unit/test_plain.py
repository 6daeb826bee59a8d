"""User-made text is shown as typed and does nothing."""

from hypothesis import given
from hypothesis import strategies as st

from bot.ui.plain import block, cut, name, one_line, quoted

HOSTILE = "`@everyone` **bold** [x](https://evil.example) <@1> \u202etxt\u202c\x00\nnext"


def test_a_prompt_on_one_line_keeps_its_words_and_loses_what_turns_text_round() -> None:
    assert one_line("a\n\tfox \u202e in\x00 rain", 50) == "a fox in rain"


def test_a_code_span_cannot_be_left_from_within() -> None:
    shown = quoted(HOSTILE)
    assert shown.count("`") == 2
    assert shown[0] == shown[-1] == "`"
    assert "\u202e" not in shown


def test_a_code_block_cannot_be_left_from_within_and_keeps_its_lines() -> None:
    shown = block("one ``` two\nthree", 100)
    assert shown == "```\none ˋˋˋ two\nthree\n```"


def test_a_name_renders_nothing_and_mentions_nobody() -> None:
    assert name("**Ana**") == r"\*\*Ana\*\*"
    assert "@everyone" not in name("@everyone")


def test_a_family_emoji_is_cut_whole() -> None:
    family = "👨‍👩‍👧"
    assert cut(f"ab{family}cdef", 6) == "ab…"
    assert one_line(f"x{family}", 10) == f"x{family}"


@given(st.text(max_size=300), st.integers(min_value=1, max_value=200))
def test_cut_text_is_never_longer_than_allowed(text: str, limit: int) -> None:
    assert len(cut(text, limit)) <= limit


@given(st.text(max_size=300))
def test_no_text_ends_its_own_code_span_or_block(text: str) -> None:
    assert quoted(text).count("`") == 2
    assert block(text, 300).count("`") == 6
