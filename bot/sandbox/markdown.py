"""Discord's markdown as HTML elements. Text only enters as text, so it cannot become markup.

The rules are those of Discord's help page "Markdown Text 101" and its reference "Message
Formatting". CommonMark has other ones (underline, subtext, line breaks, spoilers, quotes that end
with their line), so a library for it would be bent at every turn.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

Node = Element | str

DEEPEST: Final = 12  # of styles in styles; what is nested further is shown as typed

_BLOCK = re.compile(
    r"""(?<!\\)```(?:[a-zA-Z0-9_+.\#-]+\n)?\n*(?P<fence>[^\n].*?)\n*```\n?
      | ^>>>\ (?P<rest>.+)
      | (?P<quote>(?:^>\ [^\n]*(?:\n|\Z))+)
      | ^(?P<level>\#{1,3})\ +(?P<heading>[^\n]+)\n?
      | ^-\#\ +(?P<subtext>[^\n]+)\n?""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(
    r"""\\(?P<escaped>[^0-9A-Za-z\s])
      | (?P<ticks>`+)(?P<code>.*?[^`])(?P=ticks)(?!`)
      | \|\|(?P<spoiler>.+?)\|\|
      | \*\*(?P<strong>(?:\\.|[^\\])+?)\*\*(?!\*)
      | __(?P<u>(?:\\.|[^\\])+?)__(?!_)
      | ~~(?P<s>.+?)~~
      | \*(?=\S)(?P<em>(?:\*\*|\\.|\s+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)
      | \b_(?P<em_>(?:__|\\.|[^\\_])+?)_\b
      | \[(?P<label>(?:(?!://)[^\[\]<])+)\]\(<?(?P<url>https?://(?:[^\s<>()]|\([^\s<>()]*\))+)>?\)
      | <(?P<hushed>https?://[^\s<>]+)>
      | (?P<bare>https?://(?:[^\s<>()\[\]]|\([^\s<>()]*\))+(?<![.,:;!?"']))
      | <t:(?P<unix>\d{1,11})(?::(?P<style>[tTdDfFR]))?>
      | <@!?(?P<user>\d{1,20})>
      | <\#(?P<channel>\d{1,20})>""",
    re.VERBOSE | re.DOTALL,
)
_DISCORD_LINK = re.compile(r"https://discord\.com/channels/(?:\d+|@me)/(\d+)(?:/(\d+))?/?")
_UNITS = (  # seconds, name, how many of it are told in the next one
    (1, "second", 60),
    (60, "minute", 60),
    (3600, "hour", 24),
    (86_400, "day", 30),
    (2_592_000, "month", 12),
    (31_536_000, "year", 10_000),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """Names by id, and which channels and messages are on this page."""

    users: Mapping[int, str]
    channels: Mapping[int, str]
    columns: frozenset[int]
    messages: frozenset[int]

    def target(self, url: str) -> str | None:
        """Where a link leads: out to the web, to a place on this page, or (None) nowhere."""
        place = _DISCORD_LINK.fullmatch(url)
        if place is None:
            return url if url.startswith(("https://", "http://")) else None
        channel, message = int(place[1]), int(place[2] or 0)
        if message in self.messages:
            return f"#m{message}"
        return f"#c{channel}" if channel in self.columns else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who reads a text: what they know, and when they read it (aware)."""

    index: Index
    now: datetime


def element(tag: str, *children: Node, **attributes: str) -> Element:
    """An HTML element; a trailing underscore and inner ones make `class_`, `aria_label` names."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    made = Element(tag, names)
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def blocks(text: str, reader: Reader, *, quoted: bool = False) -> list[Node]:
    """A message's text, line breaks kept as they are (show it with `white-space: pre-wrap`)."""
    nodes: list[Node] = []
    end = 0
    for match in _BLOCK.finditer(text):
        if quoted and (match["quote"] or match["rest"]):
            continue
        nodes += inline(text[end : match.start()], reader)
        nodes.append(_block(match, reader))
        end = match.end()
    return nodes + inline(text[end:], reader)


def _block(match: re.Match[str], reader: Reader) -> Element:
    if match["fence"] is not None:
        return element("pre", element("code", match["fence"]))
    if match["heading"]:
        tag = f"h{len(match['level']) + 2}"
        return element(tag, *inline(match["heading"], reader))
    if match["subtext"]:
        return element("small", *inline(match["subtext"], reader))
    quote = match["rest"] or re.sub("^> ", "", match["quote"].rstrip("\n"), flags=re.MULTILINE)
    return element("blockquote", *blocks(quote, reader, quoted=True))


def inline(text: str, reader: Reader, depth: int = 0) -> list[Node]:
    """Text within a line: styles, links, mentions, times."""
    if depth > DEEPEST:
        return [text]
    nodes: list[Node] = []
    end = 0
    for match in _INLINE.finditer(text):
        nodes.append(text[end : match.start()])
        nodes.append(_RULES[match.lastgroup or ""](match, reader, depth))
        end = match.end()
    return [*nodes, text[end:]]


def _escaped(match: re.Match[str], _: Reader, __: int) -> Node:
    return match["escaped"]


def _code(match: re.Match[str], _: Reader, __: int) -> Node:
    return element("code", match["code"].strip())


def _styled(tag: str, group: str) -> Callable[[re.Match[str], Reader, int], Node]:
    def rule(match: re.Match[str], reader: Reader, depth: int) -> Node:
        return element(tag, *inline(match[group], reader, depth + 1))

    return rule


def _spoiler(match: re.Match[str], reader: Reader, depth: int) -> Node:
    box = element("input", type="checkbox", aria_label="Show the spoiler")
    hidden = element("span", *inline(match["spoiler"], reader, depth + 1))
    return element("label", box, hidden, class_="spoiler")


def _masked_link(match: re.Match[str], reader: Reader, depth: int) -> Node:
    return link(match["url"], inline(match["label"], reader, depth + 1), reader)


def _plain_link(match: re.Match[str], reader: Reader, _: int) -> Node:
    url = match["hushed"] or match["bare"]
    place = _DISCORD_LINK.fullmatch(url)
    if place is None:
        return link(url, [url], reader)
    name = "#" + reader.index.channels.get(int(place[1]), "unknown")
    label = f"{name} › message" if place[2] else name
    return link(url, [label], reader, class_="mention")


def link(url: str, label: list[Node], reader: Reader, **attributes: str) -> Element:
    """A link that tells nothing to where it leads; text where it leads nowhere."""
    target = reader.index.target(url)
    if target is None:
        return element("span", *label, **attributes)
    if target.startswith("#"):
        return element("a", *label, href=target, **attributes)
    return element("a", *label, href=target, rel="noopener noreferrer", **attributes)


def _time(match: re.Match[str], reader: Reader, _: int) -> Node:
    when = datetime.fromtimestamp(int(match["unix"]), reader.now.tzinfo)
    style = match["style"] or "f"
    shown = _relative(when, reader.now) if style == "R" else _clock(when, style)
    return element("time", shown, datetime=when.isoformat(), title=_clock(when, "F"))


def _clock(when: datetime, style: str) -> str:
    if style in "tT":
        return f"{when:%H:%M}" if style == "t" else f"{when:%H:%M:%S}"
    if style == "d":
        return f"{when:%d/%m/%Y}"
    date = f"{when.day} {when:%B %Y}"
    if style == "D":
        return date
    return f"{date} {when:%H:%M}" if style == "f" else f"{when:%A}, {date} {when:%H:%M}"


def _relative(when: datetime, now: datetime) -> str:
    seconds = round((when - now).total_seconds())
    if seconds == 0:
        return "now"
    counts = ((round(abs(seconds) / size), unit, limit) for size, unit, limit in _UNITS)
    count, unit = next((count, unit) for count, unit, limit in counts if count < limit)
    text = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {text}" if seconds > 0 else f"{text} ago"


def _user(match: re.Match[str], reader: Reader, _: int) -> Node:
    name = reader.index.users.get(int(match["user"]), "unknown-user")
    return element("span", element("bdi", f"@{name}"), class_="mention")


def _channel(match: re.Match[str], reader: Reader, _: int) -> Node:
    channel = int(match["channel"])
    name = element("bdi", f"#{reader.index.channels.get(channel, 'unknown')}")
    if channel not in reader.index.columns:
        return element("span", name, class_="mention")
    return element("a", name, href=f"#c{channel}", class_="mention")


_RULES: Final[dict[str, Callable[[re.Match[str], Reader, int], Node]]] = {
    "escaped": _escaped,
    "code": _code,
    "spoiler": _spoiler,
    "strong": _styled("strong", "strong"),
    "u": _styled("u", "u"),
    "s": _styled("s", "s"),
    "em": _styled("em", "em"),
    "em_": _styled("em", "em_"),
    "url": _masked_link,
    "hushed": _plain_link,
    "bare": _plain_link,
    "unix": _time,
    "style": _time,
    "user": _user,
    "channel": _channel,
}
