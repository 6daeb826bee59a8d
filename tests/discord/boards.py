"""Boards in tests: set, filled, looked at; and events as the gateway sends them, not waited for."""

import asyncio
from typing import Any

import discord
import simcord
from simcord import interactions
from simcord.backend import serializers

from bot.domain.job import Job
from tests.discord.conftest import Server, said, until
from tests.storage_views import entry_rows

ADD, REMOVE = "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"


async def set_board(
    server: Server, channel: simcord.ChannelHandle | None = None, **options: Any
) -> str:
    """Have a manager choose a board; return what they were told."""
    manager = server.member("Mara", manage_guild=True)
    options = {"channel": channel or server.board, "threshold": 1} | options
    return said(await manager.slash(server.art, "showcase set", **options))


async def made(server: Server, prompt: str = "a fox", **options: Any) -> Job:
    """Have a picture made by Ana; return its job."""
    before = len(await server.jobs())
    await server.imagine(prompt, **options)
    return (await server.settled(before + 1))[-1]


async def on_board(server: Server, prompt: str = "a fox", **options: Any) -> Job:
    """Have a picture made that Bob stars, and wait until its entry stands."""
    job = await made(server, prompt, **options)
    before = await standing(server)
    await server.bob.react(message_of(server, job), "⭐")
    await until(lambda: stand(server, before + 1))
    return job


def message_of(server: Server, job: Job) -> discord.Message:
    """Find the last message of a job's result, where its reactions are."""
    (message,) = [one for one in server.results if one.id == job.delivery.message_ids[-1]]
    return message


async def standing(server: Server) -> int:
    """Count the entries that stand, as far as the database knows."""
    rows = await entry_rows(server.session.parts.database)
    return sum(row.message_id is not None for row in rows)


async def stand(server: Server, count: int) -> bool:
    """Whether so many entries stand and nobody is busy with any."""
    rows = await entry_rows(server.session.parts.database)
    return await standing(server) == count and all(row.worker is None for row in rows)


async def idle(server: Server) -> bool:
    """Whether no entry has anything to do now."""
    rows = await entry_rows(server.session.parts.database)
    now = await server.session.parts.database.read(lambda tx: tx.now)
    return all(row.worker is None and (row.due_at is None or row.due_at > now) for row in rows)


async def later(server: Server, seconds: float) -> None:
    """Let so much time pass, and what is due then be done."""
    server.session.parts.database.shift += seconds
    await until(lambda: idle(server))


def text_of(message: discord.Message) -> str:
    """Everything a message's components say."""
    return str([one.to_dict() for one in message.components])


def react_raw(
    server: Server, event: str, message: discord.Message, user_id: int, emoji: str, **changes: Any
) -> None:
    """Have the gateway say that somebody reacted, whatever Discord has; nothing waits for it."""
    backend = server.session.env.backend
    guild = backend.get_guild(server.guild.id)
    payload: dict[str, Any] = {
        "user_id": str(user_id),
        "channel_id": str(message.channel.id),
        "message_id": str(message.id),
        "guild_id": str(server.guild.id),
        "emoji": discord.PartialEmoji.from_str(emoji).to_dict(),
        "burst": False,
        "type": 0,
    }
    if event == ADD and user_id in guild.members:
        payload["member"] = serializers.member_payload(backend, guild, guild.members[user_id])
    backend.emit(event, payload | changes)


def reaction(
    event: str, message: discord.Message, member: discord.Member, emoji: str
) -> discord.RawReactionActionEvent:
    """Make what discord.py makes of a reaction in a server."""
    given = event == ADD
    data: Any = {
        "user_id": member.id,
        "channel_id": message.channel.id,
        "message_id": message.id,
        "guild_id": member.guild.id,
        "burst": False,
        "type": 0,
    }
    heard = discord.RawReactionActionEvent(
        data, discord.PartialEmoji.from_str(emoji), "REACTION_ADD" if given else "REACTION_REMOVE"
    )
    heard.member = member if given else None
    return heard


def hear(server: Server, heard: discord.RawReactionActionEvent) -> None:
    """Let the bot hear of a reaction and do what it does in real time, as simcord lets no crowd."""
    given = heard.event_type == "REACTION_ADD"
    server.session.bot.dispatch("raw_reaction_add" if given else "raw_reaction_remove", heard)


async def heard_all() -> None:
    """Wait until the bot has done what the events it heard asked for."""
    hearing = [
        task
        for task in asyncio.all_tasks()
        if task.get_name().startswith("discord.py: on_raw_reaction")
    ]
    _, late = await asyncio.wait(hearing, timeout=60)
    assert not late


def press_raw(
    server: Server, member: simcord.MemberActor, message: discord.Message, custom_id: str
) -> simcord.InteractionResult:
    """Press a button, one that is there or not; what is answered stands in the result later."""
    env = server.session.env
    record, payload = interactions.base_payload(
        env.backend,
        type=discord.InteractionType.component.value,
        channel_id=message.channel.id,
        guild_id=server.guild.id,
        user_id=member.id,
        data={"custom_id": custom_id, "component_type": discord.ComponentType.button.value},
    )
    stored = env.backend.get_message(message.channel.id, message.id)
    payload["message"] = dict(serializers.message_payload(env.backend, stored))
    env.backend.emit("INTERACTION_CREATE", payload)
    return simcord.InteractionResult(env, record)


async def settle(server: Server) -> None:
    """Wait until the bot has done what the events asked for."""
    await server.session.env.settle()
    await asyncio.sleep(0)
