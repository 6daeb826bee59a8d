"""One self-contained HTML page of a transcript: no script, nothing fetched, pictures embedded."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from operator import attrgetter
from xml.etree.ElementTree import Element, tostring
from zlib import crc32

from bot.sandbox.framed import picture, pictures
from bot.sandbox.markdown import Index, Node, Reader, blocks, element, inline, link
from bot.sandbox.transcript import (
    Button,
    Column,
    ColumnKind,
    Command,
    Gallery,
    Message,
    Reaction,
    Reply,
    Select,
    ThreadLink,
    Transcript,
)

_AVATAR_TONES = 8
_APART = timedelta(minutes=7)  # after which the same author's next message gets a header again
_ICONS = {
    ColumnKind.CHANNEL: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
    ColumnKind.THREAD: "M4 5h16v10H10l-5 4v-4H4zM8 9h8M8 12h5",
    ColumnKind.SHOWCASE: "m12 3 2.8 5.8 6.2.9-4.5 4.4 1 6.3-5.5-3-5.5 3 1-6.3L3 9.7l6.2-.9z",
}
_EYE = "M2 12q10-14 20 0-10 14-20 0zM12 9.5a2.5 2.5 0 1 0 .01 0"


def render(transcript: Transcript) -> str:
    """The page as HTML text, to be written as UTF-8."""
    style = files("bot.sandbox").joinpath("page.css").read_text(encoding="utf-8")
    root = element("html", _head(transcript.title, style), _body(transcript), lang="en")
    page = "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"
    return page.encode("utf-8", "replace").decode()  # a lone surrogate could not be written


def _head(title: str, style: str) -> Element:
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", style),
    )


def _body(transcript: Transcript) -> Element:
    places = {column.id: column.name for column in transcript.columns}
    index = Index(
        users=transcript.users,
        channels={**transcript.channels, **places},
        columns=frozenset(places),
        messages=frozenset(m.id for column in transcript.columns for m in column.messages),
    )
    columns = (_column(column, index) for column in transcript.columns)
    return element("body", _masthead(transcript), element("main", *columns))


def _masthead(transcript: Transcript) -> Element:
    figures = [
        element("div", element("dt", label), element("dd", value))
        for label, value in transcript.figures
    ]
    places = [
        element("a", _icon(_ICONS[column.kind]), element("bdi", column.name), href=f"#c{column.id}")
        for column in transcript.columns
    ]
    return element(
        "header",
        element("p", transcript.note, class_="note", role="note"),
        element("h1", transcript.title),
        element("dl", *figures),
        element("nav", *places, aria_label="Places on this page"),
        class_="masthead",
    )


def _column(column: Column, index: Index) -> Element:
    heading = element("h2", element("bdi", column.name), id=f"h{column.id}")
    bar = element("header", _icon(_ICONS[column.kind]), heading)
    if column.topic:
        bar.append(element("p", column.topic))
    messages = [
        _message(
            message, Reader(index=index, now=message.at), continued=_continues(before, message)
        )
        for before, message in zip((None, *column.messages), column.messages, strict=False)
    ]
    section = element("section", bar, *messages, id=f"c{column.id}", class_=column.kind.value)
    section.set("aria-labelledby", f"h{column.id}")
    return section


def _continues(before: Message | None, message: Message) -> bool:
    """Whether a message goes on under the header of the one before."""
    if before is None or before.thread or message.reply_to or message.command:
        return False
    traits = attrgetter("author", "is_bot", "only_for", "deleted")
    return traits(before) == traits(message) and message.posted_at - before.posted_at < _APART


def _message(message: Message, reader: Reader, *, continued: bool) -> Element:
    states = {
        "continued": continued,
        "ephemeral": message.only_for is not None,
        "deleted": message.deleted,
    }
    classes = " ".join(["message", *(name for name, holds in states.items() if holds)])
    shown = element("article", id=f"m{message.id}", class_=classes)
    if message.reply_to:
        shown.append(_reply(message.reply_to, reader))
    if message.command:
        shown.append(_command_line(message.command))
    if not continued:
        shown.append(_byline(message))
    shown.extend(_content(message, reader))
    return shown


def _content(message: Message, reader: Reader) -> list[Element]:
    asked = message.command
    parts = [_request(asked)] if asked and (asked.prompt or asked.options) else []
    if message.earlier:
        parts.append(_earlier(message, reader))
    if message.content:
        text = _text(message.content, reader)
        if message.edited:
            text.append(element("small", " (edited)", class_="edited"))
        parts.append(text)
    if message.attachments:
        parts.append(pictures(message.attachments))
    buttons = [_buttons(message.buttons, reader)] if message.buttons else []
    if message.components:
        parts.append(_container(message, reader, buttons))
    else:
        parts += buttons
    if message.reactions:
        parts.append(_reactions(message.reactions))
    if message.thread:
        parts.append(_thread_box(message.thread, reader))
    if message.only_for:
        member = element("bdi", message.only_for)
        parts.append(element("p", _icon(_EYE), "Only ", member, " sees this", class_="only"))
    return parts


def _text(markdown: str, reader: Reader) -> Element:
    return element("div", *blocks(markdown, reader), class_="text", dir="auto")


def _avatar(name: str, *, is_bot: bool = False) -> Element:
    number = crc32(name.encode("utf-8", "replace")) % _AVATAR_TONES
    tone = "bot" if is_bot else f"tone{number}"
    return element("span", name[:1].upper(), class_=f"avatar {tone}", aria_hidden="true")


def _byline(message: Message) -> Element:
    avatar = _avatar(message.author, is_bot=message.is_bot)
    line = element("p", avatar, element("strong", element("bdi", message.author)), class_="byline")
    if message.is_bot:
        line.append(element("span", "BOT", class_="badge"))
    at = message.posted_at
    line.append(element("time", f"{at:%H:%M}", datetime=at.isoformat()))
    if message.deleted:
        line.append(element("span", "deleted", class_="badge gone"))
    return line


def _reply(reply: Reply, reader: Reader) -> Element:
    first_line = reply.snippet.partition("\n")[0]
    author = element("strong", element("bdi", reply.author))
    snippet = element("bdi", *inline(first_line, reader))
    line = element("p", _avatar(reply.author, is_bot=reply.is_bot), author, snippet, class_="above")
    if reply.message_id in reader.index.messages:
        href = f"#m{reply.message_id}"
        line.append(element("a", "↑", href=href, aria_label="To the answered message"))
    return line


def _command_line(command: Command) -> Element:
    return element(
        "p",
        _avatar(command.user),
        element("strong", element("bdi", command.user)),
        " used ",
        element("span", f"/{command.name}", class_="mention"),
        class_="above",
    )


def _request(command: Command) -> Element:
    box = element("div", class_="request")
    if command.prompt:
        box.append(element("p", command.prompt, class_="prompt", dir="auto"))
    if command.pictures:
        box.append(element("div", *map(picture, command.pictures), class_="inputs"))
    options = [
        element("li", element("span", name), " ", element("bdi", value))
        for name, value in command.options
    ]
    if options:
        box.append(element("ul", *options, class_="options"))
    return box


def _earlier(message: Message, reader: Reader) -> Element:
    versions = [
        element("li", *blocks(version.content, replace(reader, now=version.at)), dir="auto")
        for version in message.earlier
    ]
    return element("ol", *versions, class_="earlier", aria_label="What this message said before")


def _container(message: Message, reader: Reader, buttons: list[Element]) -> Element:
    parts = [_block(part, reader) for part in message.components]
    return element("div", *parts, *buttons, class_="container")


def _block(part: str | Gallery | Select, reader: Reader) -> Element:
    if isinstance(part, Gallery):
        return pictures(part.items)
    if isinstance(part, Select):
        arrow = element("span", "▾", aria_hidden="true")
        return element("p", element("bdi", part.chosen), arrow, class_="select")
    return _text(part, reader)


def _buttons(buttons: tuple[Button, ...], reader: Reader) -> Element:
    return element("ul", *(element("li", _button(b, reader)) for b in buttons), class_="buttons")


def _button(button: Button, reader: Reader) -> Element:
    label: list[Node] = [f"{button.emoji} {button.label}".strip()]
    style = f"button {button.style.value}" + (" off" if button.disabled else "")
    if button.url:
        return link(button.url, label, reader, class_=style)
    return element("span", *label, class_=style)


def _reactions(reactions: tuple[Reaction, ...]) -> Element:
    shown = [
        element("li", f"{given.emoji} {given.count}", class_="mine" if given.mine else "others")
        for given in reactions
    ]
    return element("ul", *shown, class_="reactions", aria_label="Reactions")


def _thread_box(thread: ThreadLink, reader: Reader) -> Element:
    count = f"{thread.messages} message" + ("" if thread.messages == 1 else "s")
    inside = (
        _icon(_ICONS[ColumnKind.THREAD]),
        element("strong", element("bdi", thread.name)),
        element("span", f"{count} ›"),
    )
    box = element("a", *inside, class_="thread-box")
    if thread.id in reader.index.columns:
        box.set("href", f"#c{thread.id}")
    return box


def _icon(path: str) -> Element:
    return element(
        "svg", element("path", d=path), viewBox="0 0 24 24", class_="icon", aria_hidden="true"
    )
