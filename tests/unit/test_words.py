"""Words that are not wanted are found however they are dressed up, and innocent ones are not."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lookalikes import fold
from bot.domain.words import WordFilter

LIST = (
    "bomb", "ass", "cunt", "kill", "red dragon", "h1tler", "c4", "ed", "fall", "über", "Disney",
    "рана", "裸体", "サムライ", "ระเบิด", "AV女优", "grape", "rape",
)  # fmt: skip
WORDS = WordFilter(LIST)


@pytest.mark.parametrize(
    "prompt",
    [
        "a BOMB here", "bómb", "ｂｏｍｂ", "𝓫𝓸𝓶𝓫", "ⓑⓞⓜⓑ", "🅱omb", "b\u0336o\u0336mb",
        "bоmb",  # Cyrillic о
        "βοmb",  # Greek β and ο
        "bo\u200bmb", "b\u202eomb", "bo\u00admb", "b\ufe0fomb", "b0mb", "80mb", "(bomb)", "bomb!!",
        "bomb's", "_bomb_", "Disney™ castle", "UBER", "a55", "@ss", "@$$", "a$$", "ass@home",
        "k1ll", "k!ll", "ki11", "k111", "k||l", "fa1l", "HITLER", "h!tl3r", "C4",
        "Red\n Dragon", "red-dragon", "r3d drag0n!", "РАНА",
        "b o m b", "b.o.m.b", "B-O-M-B!", "b_0_m_b", "draw a b o m b", "i k i l l",
        "画裸体女人", "裸 体", "サムライの絵", "วางระเบิดไว้", "看av女优", "画一个bomb吧",
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_dressed_up(prompt: str) -> None:
    assert WORDS.blocks(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "", "Scunthorpe", "a class of grass", "bombastic", "the 1st one", "455 people in 1455",
        "$455", "3D, 4K, 1080p, 50s", "ca. 1900", "hi!", "red and dragon", "reddragon", "fail",
        "dragon red", "bo mb", "G.R.A.S.S", "s c r a p e", "I a m", "c 4", "体裸", "ран",
        "a\u0301" * 2000,
    ],
)  # fmt: skip
def test_innocent_words_pass(prompt: str) -> None:
    assert not WORDS.blocks(prompt)


def test_an_entry_is_folded_as_the_prompt_is() -> None:
    assert WordFilter(["ＢÓМВ"]).blocks("bomb")
    assert WordFilter(["sh1t"]).blocks("shit")
    assert WordFilter(["fal1"]).blocks("fall")
    assert WordFilter(["a\nb c d"]).blocks("A b, c d")


def test_numbers_and_names_with_digits_are_meant_as_they_are_written() -> None:
    assert WordFilter(["1488"]).blocks("1488!")
    assert WordFilter(["ak47"]).blocks("an AK47")
    assert not WordFilter(["ak47"]).blocks("akat")
    assert not WordFilter(["c4"]).blocks("ca")


def test_nothing_is_blocked_by_entries_of_nothing() -> None:
    assert not WordFilter(["", " ", "!!!", "\u200b", "—", "\u0301"]).blocks("! — \u0301 a \u200b")


@pytest.mark.parametrize("entry", [".*", "(a+)+$", "[a-z]", "a|b", "\\w", "(", "bo.b"])
def test_entries_are_no_patterns(entry: str) -> None:
    assert not WordFilter([entry, "never"]).blocks("aaaaaaaaaaaaaaaaaaaaaaaa bomb !")


def test_the_filter_of_the_same_list_is_made_once() -> None:
    assert WordFilter.of(("a", "b")) is WordFilter.of(("a", "b"))
    assert WordFilter.of(("a", "b")).blocks("b")
    assert not WordFilter.of(("a",)).blocks("b")


ordinary = st.text(string.ascii_lowercase, min_size=2, max_size=8)


@given(st.lists(ordinary, max_size=40), st.lists(ordinary, max_size=60))
def test_a_prompt_is_blocked_if_and_only_if_it_has_one_of_the_words(
    entries: list[str], words: list[str]
) -> None:
    assert WordFilter(entries).blocks(" ".join(words)) is not set(entries).isdisjoint(words)


PHRASES = st.lists(st.sampled_from(["aa", "bb", "cc"]), min_size=1, max_size=5)


@given(st.lists(PHRASES, max_size=6), st.lists(st.sampled_from(["aa", "bb", "cc"]), max_size=12))
def test_rows_of_words_are_found_as_looking_at_every_place_finds_them(
    entries: list[list[str]], words: list[str]
) -> None:
    filter_ = WordFilter(" ".join(entry) for entry in entries)
    spaced = f" {' '.join(words)} "
    assert filter_.blocks(spaced) is any(f" {' '.join(entry)} " in spaced for entry in entries)


@given(st.lists(st.text("裸体画猫", min_size=1, max_size=4), max_size=6), st.text("裸体画猫"))
def test_words_of_scripts_without_spaces_are_found_anywhere(entries: list[str], text: str) -> None:
    assert WordFilter(entries).blocks(text) is any(entry in text for entry in entries)


DRESS = {
    "a": "aAаαａ4@á", "b": "bBвⓑ8", "e": "eEеε3ê", "g": "gGｇ6", "i": "iIі1!", "l": "lLł1|",
    "o": "oOоο0ø", "s": "sSѕ5$", "t": "tTтτ7",
}  # fmt: skip
UNSEEN = ["", "", "", "\u200b", "\u200d", "\u2066", "\u00ad", "\u0301", "\ufe0f"]


@st.composite
def dressed(draw: st.DrawFn) -> tuple[str, str]:
    """A word, and the same with look-alikes for its letters and something unseen between them.

    The first letter stays a letter: all in digits it would be a number, a sign at an edge is one.
    """
    word = draw(st.text("".join(DRESS), min_size=3, max_size=12))
    twins = [word[0], *(draw(st.sampled_from(DRESS[one])) for one in word[1:-1]), word[-1]]
    return word, "".join(twin + draw(st.sampled_from(UNSEEN)) for twin in twins)


@given(dressed(), ordinary)
def test_a_word_is_found_in_any_dress(pair: tuple[str, str], other: str) -> None:
    word, dress = pair
    assert WordFilter([word, "x" + word]).blocks(f"{other}, {dress}.")


@given(st.text("bdghkmopqruvwxyz", min_size=4, max_size=8), st.sampled_from(" .-_,*·\n"))
def test_letters_apart_are_a_word_again(word: str, gap: str) -> None:
    assert WordFilter([word]).blocks(f"draw a {gap.join(word)}")
    assert not WordFilter([word[:-1]]).blocks(f"draw {gap.join(word)}")


@given(st.text())
def test_any_text_folds_to_something_that_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text(), max_size=20), st.text())
def test_no_list_and_no_prompt_is_too_strange(entries: list[str], prompt: str) -> None:
    filter_ = WordFilter(entries)
    assert filter_.blocks(prompt) in {True, False}
