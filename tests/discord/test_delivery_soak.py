"""Many results through a Discord on a bad day: each stands once, in one place, paid once."""

import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
import simcord

from bot.domain.job import UNDER_WAY, Job, Requester, Stage, Status
from bot.domain.money import micros
from tests.discord.conftest import Server, until
from tests.discord.strict import strict
from tests.discord.trouble import DONE, hurry
from tests.makers import PRICE, new_job, place, request
from tests.pictures import jpeg
from tests.storage_views import budget_rows, job_rows, lane_rows, ledger_rows

WAVE = 20
MANY = 12  # pictures of every tenth job: two messages
FAULTS = 0.1
AHEAD = 1.0  # seconds the clock is moved at each look while only Discord is waited for
MESSAGES = "/channels/{channel_id}/messages"


class BadDay:
    """Loses calls, and the answers to calls that were carried out; the dice are seeded.

    `faults` counts them, `sent` is what was posted, by the message's id.
    """

    def __init__(self, server: Server, seed: int) -> None:
        self.faults: Counter[str] = Counter()
        self.sent: dict[str, dict[str, Any]] = {}
        self._session = server.session
        self._dice = random.Random(seed)

    def attach(self) -> None:
        """Stand before the bot there is now; a restart makes another."""
        http: Any = self._session.bot.http
        http.request = self._shaken(http.request)

    def _shaken(self, carry_out: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def request(route: discord.http.Route, **options: Any) -> object:
            fault = self._draw()
            if fault and (isinstance(fault, discord.RateLimited) or self._dice.random() < 0.5):
                self.faults[f"before {route.method}"] += 1
                raise fault
            answer = await carry_out(route, **options)
            if (route.method, route.path) == ("POST", MESSAGES):
                self.faults["same nonce"] += answer["id"] in self.sent
                self.sent[answer["id"]] = answer
            if fault:
                self.faults[f"after {route.method}"] += 1
                raise fault
            return answer

        return request

    def _draw(self) -> Exception | None:
        if self._dice.random() >= FAULTS:
            return None
        response: Any = SimpleNamespace(status=503, reason="simulated")
        return self._dice.choice([
            discord.DiscordServerError(response, "upstream"),
            aiohttp.ServerDisconnectedError(),
            discord.RateLimited(5.0),
        ])  # fmt: skip


@pytest.fixture
def changes() -> dict[str, Any]:
    budgets = ("budget_usd_per_day", "budget_usd_per_month")
    limits = ("user_max_waiting", "user_images_per_hour", "user_images_per_day")
    enough = [*limits, *budgets, *(f"guild_{one}" for one in budgets)]
    return {"user_max_running": 4} | dict.fromkeys(enough, 1000)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    small = jpeg(64, 36)
    monkeypatch.setattr("bot.sandbox.segmind.jobs.paint", lambda *_: small)


def members(server: Server) -> list[simcord.MemberActor]:
    return [server.ana, server.bob, server.carl, server.dora]


async def submit_wave(server: Server, first: int) -> None:
    """Each member asks for some; every fifth result answers its card, the others have threads."""
    for number in range(first, first + WAVE):
        member = members(server)[number % 4]
        there = place(channel_id=server.art.id, guild_id=server.guild.id, threads=number % 5 > 0)
        asked = request(prompt=f"fox {number}", max_images=1 if number % 10 else MANY)
        requester = Requester(id=member.id, name=member.name)
        job = new_job(requester, place=there, request=asked)
        await server.session.parts.store.submit(job)


async def until_delivered(server: Server, count: int) -> None:
    """Wait for that many results; time passes quickly once only Discord is waited for."""

    async def so_many() -> bool:
        jobs = await server.jobs()
        if not any(job.status in UNDER_WAY for job in jobs):
            server.session.parts.database.shift += AHEAD
        return sum(job.status is Status.DELIVERED for job in jobs) >= count

    await until(so_many)


async def until_quiet(server: Server) -> None:
    """Wait until nobody has to be told anything."""

    async def nothing_due() -> bool:
        server.session.parts.database.shift += AHEAD
        rows = await job_rows(server.session.parts.database)
        return not any(row.delivery_worker or row.delivery_due_at for row in rows)

    await until(nothing_due)


async def bad_day(server: Server, waves: int, seed: int) -> BadDay:
    """Carry waves of jobs through, each with a restart in the making and one in the posting."""
    day = BadDay(server, seed)
    server.session.segmind.behaviour.balance = 1000 * micros(1)
    with strict(server.session.env):  # of one nonce one message, of one message one thread
        day.attach()
        for wave in range(waves):
            await submit_wave(server, wave * WAVE)
            for share in (1, WAVE // 2):
                await until_delivered(server, wave * WAVE + share)
                await server.session.restart()
                day.attach()
            await until_delivered(server, wave * WAVE + WAVE)
            await until_quiet(server)
    return day


def check_places(server: Server, jobs: list[Job]) -> None:
    """Hold every message with files against what its job says: once, in one place, in order."""
    standing: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    direct = [one.user.dm_channel for one in members(server)]
    for channel in [server.art, *server.art.threads, *direct]:
        for message in channel.history():
            for one in message.attachments:
                job_id, _, name = one.filename.partition("-")
                standing[job_id].append((channel.id, message.id, name))
    assert len(standing.pop("preview")) == len(jobs) == len(standing)
    for job in jobs:
        where = job.delivery.card_id if job.place.threads else server.art.id
        assert len(job.results) == job.request.max_images
        assert standing[job.id] == [
            (where, job.delivery.message_ids[position > 10], f"{position}.jpg")
            for position in range(1, len(job.results) + 1)
        ]


async def check_money(server: Server, jobs: list[Job]) -> None:
    """Hold the ledger and every counter to one payment a job."""
    database = server.session.parts.database
    booked = defaultdict(list)
    for row in await ledger_rows(database):
        booked[row.job_id].append((row.event, row.amount))
    prices = {job.id: PRICE * job.request.max_images for job in jobs}
    assert booked == {name: [("reserve", it), ("settle", it)] for name, it in prices.items()}
    assert len(server.session.segmind.accepted) == len(jobs)
    assert {(row.queued, row.running) for row in await lane_rows(database)} == {(0, 0)}
    assert {row.reserved for row in await budget_rows(database)} == {0}


async def check_all(server: Server, day: BadDay, count: int) -> None:
    jobs = await server.jobs()
    told = {(job.status, job.delivery.stage) for job in jobs}
    assert (len(jobs), told) == (count, {(Status.DELIVERED, Stage.DONE)})
    check_places(server, jobs)
    cards = {one.id: one.content for one in server.cards if one.content.startswith("**")}
    assert set(cards) == {job.delivery.card_id for job in jobs}
    assert [text for text in cards.values() if DONE not in text] == []
    pings = Counter(user["id"] for message in day.sent.values() for user in message["mentions"])
    assert pings == Counter(str(job.requester.id) for job in jobs)
    await check_money(server, jobs)


async def test_every_result_stands_once_whatever_discord_loses(server: Server) -> None:
    await check_all(server, await bad_day(server, waves=1, seed=1), WAVE)


@pytest.mark.soak
async def test_two_hundred_results_stand_in_two_hundred_places(server: Server) -> None:
    day = await bad_day(server, waves=10, seed=2)
    await check_all(server, day, 10 * WAVE)
    lost = {f"{when} {call}" for when in ("before", "after") for call in ("POST", "PATCH", "PUT")}
    assert lost | {"same nonce"} <= set(+day.faults)
