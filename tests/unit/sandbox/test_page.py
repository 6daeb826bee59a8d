"""The page shows a conversation as members saw it, and nothing members typed becomes markup."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page import render
from bot.sandbox.transcript import (
    Attachment,
    Button,
    ButtonStyle,
    Column,
    ColumnKind,
    Command,
    Gallery,
    Message,
    Reaction,
    Reply,
    ThreadLink,
    Transcript,
    Version,
)

NOON = datetime(2026, 9, 28, 12, 0, tzinfo=UTC)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")
JUMP = "https://discord.com/channels/1"


class Page(HTMLParser):
    """What a browser finds: elements in order as (tag, attributes, text inside)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in {"meta", "img", "input"}:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for position in self._open:
            self.elements[position][2].append(data)

    def texts(self, tag: str, class_: str | None = None) -> list[str]:
        """The text of every element of a kind."""
        return ["".join(text) for _, text in self._found(tag, class_)]

    def values(self, tag: str, name: str) -> list[str]:
        """An attribute of every element of a kind that has it."""
        return [found[name] for found, _ in self._found(tag, None) if name in found]

    def _found(self, tag: str, class_: str | None) -> list[tuple[dict[str, str], list[str]]]:
        return [
            (attributes, text)
            for found, attributes, text in self.elements
            if found == tag and (class_ is None or class_ in attributes.get("class", "").split())
        ]


def picture(alt: str = "Picture 1 of 1: a fox", **more: bool) -> Attachment:
    return Attachment(data=GIF, content_type="image/gif", name="fox.gif", alt=alt, **more)


def said(content: str, message_id: int = 1) -> Message:
    return Message(id=message_id, author="Ana", at=NOON, content=content)


def transcript(*messages: Message) -> Transcript:
    return Transcript(
        title="A demo",
        note="Simulated service: no account, no network, no money",
        columns=(Column(id=7, kind=ColumnKind.CHANNEL, name="art", messages=messages),),
        users={42: "Ana", 43: "<b>Bob"},
        channels={9: "elsewhere"},
    )


def page(*messages: Message) -> Page:
    return Page(render(transcript(*messages)))


def text_of(content: str) -> str:
    """The HTML inside a message's text."""
    html = render(transcript(said(content)))
    return html.partition('<div class="text" dir="auto">')[2].partition("</div>")[0]


EVERYTHING = transcript(
    Message(
        id=100,
        author="Studio",
        is_bot=True,
        at=NOON,
        only_for="Ana",
        command=Command(
            user="Ana",
            name="imagine",
            prompt="a fox",
            options=(("size", "3K"),),
            pictures=(picture("image1"),),
        ),
        content="Taken.",
    ),
    Message(
        id=101,
        author="Studio",
        is_bot=True,
        at=NOON + timedelta(seconds=50),
        earlier=(Version(content=f"Ready <t:{int(NOON.timestamp()) + 40}:R>.", at=NOON),),
        content="Done in 48 s.",
        edited=True,
        attachments=(picture(), picture("Hidden", spoiler=True)),
        buttons=(
            Button(label="Reroll", emoji="🔁"),
            Button(label="Jump", style=ButtonStyle.LINK, url=f"{JUMP}/7/100"),
        ),
        reactions=(Reaction(emoji="⭐", count=4, mine=True),),
        thread=ThreadLink(id=7, name="a fox", messages=2),
    ),
    Message(
        id=102,
        author="Studio",
        is_bot=True,
        at=NOON,
        reply_to=Reply(author="Studio", snippet="Done in 48 s.\nMore", message_id=101),
        components=("⭐ 4 · by Ana", Gallery(items=(picture("On the board"),)), "`a fox`"),
        deleted=True,
    ),
)


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("**bold**", "<strong>bold</strong>"),
        ("*a* _b_ snake_case_name", "<em>a</em> <em>b</em> snake_case_name"),
        ("***both***", "<strong><em>both</em></strong>"),
        ("__under__ ~~gone~~", "<u>under</u> <s>gone</s>"),
        ("`**code**` ``a`b``", "<code>**code**</code> <code>a`b</code>"),
        ("```py\n**x**\n  y\n```after", "<pre><code>**x**\n  y</code></pre>after"),
        ("```one line```", "<pre><code>one line</code></pre>"),
        ("> *a*\n> > b\nc", "<blockquote><em>a</em>\n&gt; b</blockquote>c"),
        (">>> a\nb", "<blockquote>a\nb</blockquote>"),
        ("a > b >c\n>d", "a &gt; b &gt;c\n&gt;d"),
        ("# A\n## B\n### C\n#d", "<h3>A</h3><h4>B</h4><h5>C</h5>#d"),
        ("up\n-# *small*\ndown", "up\n<small><em>small</em></small>down"),
        (r"\*no\* \`no\` \# \\ \a", r"*no* `no` # \ \a"),
        ("# not\n\\# heading", "<h3>not</h3># heading"),
        ("<:fox:123456>", "&lt;:fox:123456&gt;"),
        ("@everyone @here", "@everyone @here"),
    ],
)
def test_discords_markdown_reads_as_in_discord(content: str, html: str) -> None:
    assert text_of(content) == html


def test_links_lead_to_the_web_only_by_http() -> None:
    shown = page(
        said("[a **b**](https://a.test/x_(y)) <http://b.test> (see https://c.test/_d_.)"),
        said(
            "[x](javascript:alert(1)) [y](data:text/html,z) [https://a.test](https://evil.test)", 2
        ),
    )
    links = [href for href in shown.values("a", "href") if not href.startswith("#")]

    assert links == [
        "https://a.test/x_(y)",
        "http://b.test",
        "https://c.test/_d_",
        "https://a.test",
        "https://evil.test",
    ], "a name that poses as another address is no masked link, both are shown"
    assert shown.values("a", "rel") == ["noopener noreferrer"] * 5
    assert "a b" in shown.texts("a")


def test_a_button_never_leads_to_a_script() -> None:
    button = Button(label="Press", style=ButtonStyle.LINK, url="javascript:alert(1)")
    shown = page(replace(said("x"), buttons=(button,)))

    assert "javascript" not in str(shown.values("a", "href"))
    assert shown.texts("span", "button") == ["Press"]


def test_discord_links_lead_within_the_page_or_nowhere() -> None:
    shown = page(said(f"<#7> <#9> {JUMP}/7/1 [here]({JUMP}/7) [gone]({JUMP}/8/9) {JUMP}/9/5"))

    assert shown.values("a", "href") == ["#c7", "#c7", "#m1", "#c7"]  # the first: navigation
    mentions = shown.texts("span", "mention") + shown.texts("a", "mention")
    assert mentions == ["#elsewhere", "#elsewhere › message", "#art", "#art › message"]
    assert "discord.com" not in render(transcript(said(f"[gone]({JUMP}/8/9)")))


def test_mentions_are_named_and_names_are_text() -> None:
    assert page(said("<@42> <@!43> <@44>")).texts("span", "mention") == [
        "@Ana",
        "@<b>Bob",
        "@unknown-user",
    ]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "now"),
        (1, "in 1 second"),
        (-59, "59 seconds ago"),
        (118, "in 2 minutes"),
        (3_590, "in 1 hour"),
        (-7_200, "2 hours ago"),
        (86_400 * 3, "in 3 days"),
        (86_400 * 60, "in 2 months"),
        (-86_400 * 800, "2 years ago"),
    ],
)
def test_relative_times_count_from_the_moment_of_reading(seconds: int, shown: str) -> None:
    assert page(said(f"<t:{int(NOON.timestamp()) + seconds}:R>")).texts("time") == ["12:00", shown]


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("", "28 September 2026 12:00"),
        (":t", "12:00"),
        (":T", "12:00:00"),
        (":d", "28/09/2026"),
        (":D", "28 September 2026"),
        (":f", "28 September 2026 12:00"),
        (":F", "Monday, 28 September 2026 12:00"),
    ],
)
def test_clock_times_are_shown_in_the_readers_zone(style: str, shown: str) -> None:
    assert page(said(f"<t:{int(NOON.timestamp())}{style}>")).texts("time") == ["12:00", shown]


def test_a_time_that_is_none_is_shown_as_typed() -> None:
    assert text_of("<t:99999999999999:R> <t:1:x>") == "&lt;t:99999999999999:R&gt; &lt;t:1:x&gt;"


def test_what_a_card_said_before_is_shown_as_it_was_read_then() -> None:
    shown = Page(render(EVERYTHING))

    assert shown.texts("li")[1] == "Ready in 40 seconds."
    assert "Done in 48 s. (edited)" in shown.texts("div", "text")


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> </p></style> \"'> &lt; @everyone "
    "**b** [l](https://evil.test) \u202egnp.exe\u2066 <@42> <!-- -->"
)


def test_a_prompt_is_shown_as_typed() -> None:
    """Markdown, markup, mentions and bidi marks of a prompt are all just characters."""
    used = Command(user="Ana", name="imagine", prompt=HOSTILE, options=(("size", HOSTILE),))
    shown = page(replace(said("Taken."), command=used))

    assert shown.texts("p", "prompt") == [HOSTILE]
    assert f"size {HOSTILE}" in shown.texts("li")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_prompt_changes_the_page_around_it(prompt: str) -> None:
    with_it = page(replace(said("x"), command=Command(user="A", name="i", prompt=prompt)))
    plain = page(replace(said("x"), command=Command(user="A", name="i", prompt="a fox")))

    assert with_it.texts("p", "prompt") == [prompt]
    assert [tag for tag, _, _ in with_it.elements] == [tag for tag, _, _ in plain.elements]


@given(st.text("*_~`|>#-\\[]()<@t:1/h ps\n", max_size=80) | st.just(HOSTILE))
def test_no_text_becomes_an_element_that_markdown_has_not(content: str) -> None:
    allowed = {"strong", "em", "u", "s", "code", "pre", "blockquote", "h3", "h4", "h5", "small"}
    allowed |= {"a", "span", "bdi", "time", "label", "input"}
    inside = {tag for tag, _, _ in Page(text_of(content)).elements}

    assert inside <= allowed


@pytest.mark.parametrize("content", ["*" * 4000, "> " * 2000, "||_" * 1300, "([`" * 1300])
def test_a_wall_of_marks_is_shown(content: str) -> None:
    shown = page(said(content)).texts("div", "text")

    assert len(shown) == 1
    assert set(shown[0]) <= set(content)


def test_names_titles_and_alt_texts_are_text_wherever_they_stand() -> None:
    everywhere = replace(
        said(HOSTILE),
        author=HOSTILE,
        only_for=HOSTILE,
        reply_to=Reply(author=HOSTILE, snippet=HOSTILE),
        attachments=(picture(HOSTILE), replace(picture(), name=HOSTILE, content_type=HOSTILE)),
        components=(HOSTILE,),
        buttons=(Button(label=HOSTILE),),
        reactions=(Reaction(emoji=HOSTILE, count=1),),
        thread=ThreadLink(id=5, name=HOSTILE, messages=1),
    )
    column = Column(
        id=7, kind=ColumnKind.THREAD, name=HOSTILE, topic=HOSTILE, messages=(everywhere,)
    )
    shown = Page(
        render(
            Transcript(
                title=HOSTILE, note=HOSTILE, columns=(column,), figures=((HOSTILE, HOSTILE),)
            )
        )
    )

    tags = [tag for tag, _, _ in shown.elements]
    assert "script" not in tags
    assert tags.count("img") == 1
    assert shown.texts("h1") == shown.texts("title") == shown.texts("dd") == [HOSTILE]
    assert shown.values("img", "alt") == [HOSTILE]


def test_half_a_character_does_not_break_the_page() -> None:
    assert "fox ? " in render(transcript(said("fox \ud83d "))).encode().decode()


def test_the_page_runs_nothing_and_fetches_nothing() -> None:
    html = render(EVERYTHING)
    shown = Page(html)
    style = shown.texts("style")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert shown.values("meta", "content")[0] == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert all(source.startswith("data:image/") for source in shown.values("img", "src"))
    names = {name for _, attributes, _ in shown.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert "url(" not in style
    assert "@import" not in style
    assert "http:" not in html
    assert "https:" not in html


def test_pictures_are_embedded_whole_with_their_alt_text_readable() -> None:
    shown = Page(render(EVERYTHING))
    alts = ["image1", "Picture 1 of 1: a fox", "Hidden", "On the board"]

    assert shown.values("img", "alt") == alts
    assert shown.texts("figcaption") == [f"ALT {alt}" for alt in alts]
    embedded = f"data:image/gif;base64,{base64.b64encode(GIF).decode()}"
    assert shown.values("img", "src") == [embedded] * 4


def test_a_file_that_is_no_picture_is_named_not_embedded() -> None:
    file = Attachment(data=b"<b>12</b>", content_type="text/html", name="page.html")
    shown = page(replace(said("x"), attachments=(file,)))

    assert shown.texts("p", "file") == ["page.html 9 bytes"]
    assert not shown.values("img", "src")


def test_spoilers_are_covered_until_asked_for() -> None:
    shown = page(replace(said("||the end||"), attachments=(picture(spoiler=True),)))

    assert shown.texts("label", "spoiler") == ["the end", ""]
    assert not shown.values("input", "checked")


def test_an_ephemeral_message_says_who_sees_it() -> None:
    assert Page(render(EVERYTHING)).texts("p", "only") == ["Only Ana sees this"]


def test_the_line_over_an_answer_says_who_used_which_command() -> None:
    above = Page(render(EVERYTHING)).texts("p", "above")

    assert above[0].endswith("Ana used /imagine")
    assert "Done in 48 s." in above[1]
    assert "More" not in above[1]


def test_buttons_reactions_threads_and_deletions_are_seen() -> None:
    shown = Page(render(EVERYTHING))

    assert shown.texts("span", "button") == ["🔁 Reroll"]
    assert shown.texts("a", "button") == ["Jump"]
    assert shown.texts("li", "mine") == ["⭐ 4"]
    assert shown.texts("a", "thread-box") == ["a fox2 messages ›"]
    assert shown.texts("span", "gone") == ["deleted"]
    assert shown.texts("div", "container") == ["⭐ 4 · by AnaALT On the boarda fox"]


def test_links_within_the_page_find_their_place() -> None:
    shown = Page(render(EVERYTHING))
    ids = [attributes["id"] for _, attributes, _ in shown.elements if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in shown.values("a", "href")} <= set(ids)
    assert set(shown.values("section", "aria-labelledby")) <= set(ids)


def test_the_next_message_of_the_same_author_goes_on_under_one_header() -> None:
    later = replace(said("later", 3), at=NOON + timedelta(minutes=8))
    shown = page(said("one"), said("two", 2), later, replace(said("bob", 4), author="Bob"))

    assert shown.texts("p", "byline") == ["AAna12:00", "AAna12:08", "BBob12:00"]


def test_a_message_after_a_thread_has_its_own_header() -> None:
    card = replace(said("card"), thread=ThreadLink(id=5, name="a fox", messages=1))

    assert len(page(card, said("next", 2)).texts("p", "byline")) == 2


def test_the_strip_and_the_banner_stand_on_top() -> None:
    shown = Page(render(replace(EVERYTHING, figures=(("requests", "4"), ("spent", "$0.105")))))

    assert shown.texts("p", "note") == ["Simulated service: no account, no network, no money"]
    assert shown.texts("dt") == ["requests", "spent"]
    assert shown.texts("dd") == ["4", "$0.105"]
    assert shown.values("html", "lang") == ["en"]
