"""Watches a simulated Discord and writes down what members see, and when they saw it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import discord
import simcord

from bot.domain.pictures import Picture
from bot.sandbox.transcript import (
    Attachment,
    Button,
    ButtonStyle,
    Command,
    Gallery,
    Message,
    Reaction,
    Reply,
    Select,
    ThreadLink,
    Version,
)

BOT_NAME = "Seedream Studio"
LOOK_SECONDS = 0.1


@dataclass
class _Seen:
    """A message as it was last seen, and what it said before."""

    message: discord.Message
    versions: list[Version] = field(default_factory=list)


class Recorder:
    """Looks at channels many times a second, so that every edit has its real time.

    simcord stamps every message with the same moment; the recorder's clock is the wall's.
    `shrink` makes a picture small enough for a page.
    """

    def __init__(self, shrink: Callable[[bytes], Awaitable[Picture]]) -> None:
        self._shrink = shrink
        self._seen: dict[int, dict[int, _Seen]] = {}
        self._commands: dict[int, tuple[str, Command]] = {}

    async def watch(self, channels: Iterable[simcord.ChannelHandle]) -> None:
        """Look until cancelled."""
        watched = list(channels)
        while True:
            self.look(watched)
            await asyncio.sleep(LOOK_SECONDS)

    def look(self, channels: Iterable[simcord.ChannelHandle]) -> None:
        """Note what is new in some channels and their threads."""
        for channel in channels:
            for place in (channel, *channel.threads):
                there = [message for message in place.history() if not message.is_system()]
                for message in there:
                    self._note(place.id, message)
                self._forget(place.id, {message.id for message in there})

    def only_for(self, answer: discord.Message, member: str, command: Command) -> None:
        """Note the answer to a member's command, which only they see."""
        self._commands[answer.id] = (member, command)
        self._note(answer.channel.id, answer)

    async def messages(self, channel: simcord.ChannelHandle) -> tuple[Message, ...]:
        """Give a channel's conversation, oldest first, with the bytes of its pictures."""
        seen = self._seen.get(channel.id, {})
        in_order = sorted(seen.values(), key=lambda one: one.message.id)
        return tuple([await self._message(channel, one) for one in in_order])

    def _note(self, channel_id: int, message: discord.Message) -> None:
        seen = self._seen.setdefault(channel_id, {}).setdefault(message.id, _Seen(message))
        seen.message = message
        if not seen.versions or seen.versions[-1].content != message.content:
            seen.versions.append(Version(content=message.content, at=datetime.now(UTC)))

    def _forget(self, channel_id: int, there: set[int]) -> None:
        """Drop what was deleted; a private answer is not in the history, and stays."""
        seen = self._seen.get(channel_id, {})
        for message_id in seen.keys() - there - self._commands.keys():
            del seen[message_id]

    async def _message(self, channel: simcord.ChannelHandle, seen: _Seen) -> Message:
        message = seen.message
        member, command = self._commands.get(message.id, (None, None))
        versions = seen.versions
        attachments = {one.filename: await self._attachment(one) for one in message.attachments}
        return Message(
            id=message.id,
            author=_author(message),
            is_bot=message.author.bot,
            at=versions[-1].at,
            content=message.content,
            earlier=tuple(versions[:-1]),
            command=command,
            only_for=member,
            reply_to=self._reply(channel.id, message),
            attachments=() if message.flags.components_v2 else tuple(attachments.values()),
            components=_blocks(message, attachments),
            buttons=_buttons(message),
            reactions=tuple(
                Reaction(emoji=str(one.emoji), count=one.count, mine=one.me)
                for one in message.reactions
            ),
            thread=_thread(channel, message),
        )

    async def _attachment(self, attachment: discord.Attachment) -> Attachment:
        small = await self._shrink(await attachment.read())
        return Attachment(
            data=small.data,
            content_type=small.content_type,
            name=attachment.filename,
            alt=attachment.description or "",
            width=small.width,
            height=small.height,
            spoiler=attachment.is_spoiler(),
        )

    def _reply(self, channel_id: int, message: discord.Message) -> Reply | None:
        target_id = message.reference and message.reference.message_id
        target = self._seen.get(channel_id, {}).get(target_id or 0)
        if target is None:
            return None
        return Reply(
            author=_author(target.message),
            snippet=target.message.content.partition("\n")[0],
            is_bot=target.message.author.bot,
            message_id=target.message.id,
        )


def _author(message: discord.Message) -> str:
    return BOT_NAME if message.author.bot else message.author.display_name


def _thread(channel: simcord.ChannelHandle, message: discord.Message) -> ThreadLink | None:
    for thread in channel.threads:
        if thread.id == message.id:
            return ThreadLink(id=thread.id, name=thread.name or "", messages=len(thread.history()))
    return None


def _blocks(
    message: discord.Message, attachments: dict[str, Attachment]
) -> tuple[str | Gallery | Select, ...]:
    blocks: list[str | Gallery | Select] = []
    for component in message.components:
        if isinstance(component, discord.TextDisplay):
            blocks.append(component.content)
        elif isinstance(component, discord.MediaGalleryComponent):
            names = [item.media.url.rpartition("/")[2] for item in component.items]
            blocks.append(Gallery(items=tuple(attachments[name] for name in names)))
        elif isinstance(component, discord.ActionRow):
            selects = [one for one in component.children if isinstance(one, discord.SelectMenu)]
            blocks += [Select(chosen=_chosen(message, one)) for one in selects]
    return tuple(blocks)


def _chosen(message: discord.Message, select: discord.SelectMenu) -> str:
    """Write what a select shows: its choice, the channels or roles it names, or what it is for."""
    named = [option.label for option in select.options if option.default]
    for one in select.default_values:
        there = message.guild and (
            message.guild.get_channel(one.id) or message.guild.get_role(one.id)
        )
        named.append(f"{select.placeholder}: {there.name}" if there else str(one.id))
    return ", ".join(named) or select.placeholder or ""


def _buttons(message: discord.Message) -> tuple[Button, ...]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return tuple(
        Button(
            label=child.label or "",
            emoji=str(child.emoji or ""),
            style=ButtonStyle[child.style.name.upper()],
            disabled=child.disabled,
            url=child.url,
        )
        for row in rows
        for child in row.children
        if isinstance(child, discord.Button)
    )
