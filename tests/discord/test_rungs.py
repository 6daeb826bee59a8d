"""Every rung of the way down, as Discord really refuses: thread, channel, direct message, kept.

Each job is stopped just before its result is there; then the trouble begins.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO
from math import inf
from typing import Any

import discord
import pytest
import simcord
from simcord.backend.errors import BackendError
from simcord.backend.models import Overwrite, Reaction
from simcord.enums import OverwriteType
from simcord.http import router

from bot.domain.job import Job, Status
from tests.discord.conftest import Server, until
from tests.discord.strict import Strict, strict
from tests.discord.trouble import hurry
from tests.storage_views import job_rows, ledger_rows

LONGEST_WAIT, MINUTES = 121.0, 60.0
THREADS, IN_THREAD = "/channels/*/messages/*/threads", "/channels/{card}/messages"
READY, READY_ALL = "your picture is ready.", "your pictures are ready."
INSTEAD = "I could not post in <#{}> ({}), so here is your picture."
SAFE = "I could not post it. Your pictures are safe"
NOT_ALLOWED, UNSEEN, GONE = "I am not allowed to", "I cannot see it", "it is gone"
FULL_LIST = "the server has reached its limit of threads"


@dataclass
class Scene:
    """A server under Discord's rules, whose results are there only when `finish` is set."""

    server: Server
    rules: Strict
    finish: asyncio.Event

    async def job(self) -> Job:
        return (await self.server.jobs())[0]

    async def begin(self, place: simcord.ChannelHandle | None = None, **options: Any) -> int:
        """Let Ana ask, until her card stands and her pictures are stored; return the card's id."""
        where, database = place or self.server.art, self.server.session.parts.database
        await self.server.ana.slash(where, "imagine", prompt="a fox", size="2K", **options)

        async def stands() -> bool:
            idle = (await job_rows(database))[0].delivery_worker is None
            job = await self.job()
            return (
                idle and bool(job.delivery.card_id) and len(job.results) == job.request.max_images
            )

        await until(stands)
        return (await self.job()).delivery.card_id or 0

    async def end(
        self, status: Status = Status.DELIVERED, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        """Let the result be there, make due what waits, until all is said."""
        self.finish.set()
        database = self.server.session.parts.database

        async def said_all() -> bool:
            row = (await job_rows(database))[0]
            if row.delivery_worker is None and row.delivery_tries and row.delivery_due_at:
                meanwhile()
                database.shift += LONGEST_WAIT
            idle = row.delivery_worker is None and row.delivery_due_at is None
            return idle and row.status == status

        await until(said_all)

    def full_size(self) -> dict[str, list[discord.Message]]:
        """Find every message with a picture of full size, by the kind of its place."""
        server = self.server
        places = [("thread", one) for one in server.art.threads]
        places += [("channel", server.art), ("channel", server.board)]
        places += [("direct", one.user.dm_channel) for one in (server.ana, server.bob)]
        found: dict[str, list[discord.Message]] = {}
        for kind, place in places:
            for message in place.history():
                if any(not one.filename.startswith("preview") for one in message.attachments):
                    found.setdefault(kind, []).append(message)
        return found

    async def check(self, place: str, opening: str, pictures: int = 1) -> None:
        """Hold it to one place, one post of every picture, one sentence, one price."""
        found = self.full_size()
        assert list(found) == [place]
        names = [one.filename for message in found[place] for one in message.attachments]
        assert names == [f"{(await self.job()).id}-{one}.jpg" for one in range(1, pictures + 1)]
        assert found[place][0].content.splitlines()[0] == f"<@{self.server.ana.id}> {opening}"
        await self.check_ledger()

    async def check_ledger(self) -> None:
        rows = await ledger_rows(self.server.session.parts.database)
        assert [row.event for row in rows] == ["reserve", "settle"]

    def delete_card(self) -> None:
        self.rules.backend.delete_message(self.server.art.id, self.server.cards[-1].id)

    def delete_channel(self) -> None:
        self.rules.backend.delete_channel(self.server.art.id)

    def delete_thread(self) -> None:
        self.rules.backend.delete_channel(self.server.art.threads[0].id)

    def archive(self, *, locked: bool = False) -> None:
        about = {"archived": True, "locked": locked}
        self.rules.backend.edit_channel(self.server.art.threads[0].id, {}, thread_metadata=about)

    def lock(self) -> None:
        self.archive(locked=True)

    def kick(self) -> None:
        self.rules.kick(self.server.guild.id)

    def kick_but_meet_elsewhere(self) -> None:
        self.server.session.env.create_guild(name="Elsewhere").add_member(self.server.ana.user)
        self.kick()

    def block(self) -> None:
        path = f"/channels/{self.server.ana.user.dm_channel.id}/messages"
        self.server.session.env.inject_error("POST", path, status=403, code=50007, times=None)


Act = Callable[[Scene], None]


def deny(*rights: str) -> Act:
    """Take rights in #art away from the bot."""
    deny = discord.Permissions(**dict.fromkeys(rights, True)).value
    return lambda scene: scene.rules.backend.set_overwrite(
        scene.server.art.id,
        Overwrite(scene.rules.backend.bot_user.id, OverwriteType.MEMBER, deny=deny),
    )


def refuse(path: str, status: int, code: int) -> Act:
    """Refuse for good what is posted; `{card}` is the card's id, and its thread's."""
    return lambda scene: scene.server.session.env.inject_error(
        "POST", path.format(card=scene.server.cards[-1].id), status=status, code=code, times=None
    )


@pytest.fixture
async def scene(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    hurry(monkeypatch)
    store, finish = server.session.parts.store, asyncio.Event()
    mark = store.mark_generated

    async def when_told(*args: Any) -> None:
        await finish.wait()
        await mark(*args)

    monkeypatch.setattr(store, "mark_generated", when_told)
    with strict(server.session.env) as rules:
        yield Scene(server, rules, finish)


@pytest.mark.parametrize(
    ("trouble", "place", "refused", "why"),
    [
        (refuse(THREADS, 400, 160006), "channel", "art", FULL_LIST),
        (refuse(THREADS, 403, 50013), "channel", "art", NOT_ALLOWED),
        (refuse(THREADS, 403, 50001), "channel", "art", UNSEEN),
        (refuse(IN_THREAD, 403, 160005), "channel", "thread", "it is locked"),
        (refuse(IN_THREAD, 403, 50001), "channel", "thread", UNSEEN),
        (refuse(IN_THREAD, 404, 10003), "channel", "thread", GONE),
        (refuse(IN_THREAD, 403, 30033), "channel", "thread", "it is full"),
        (refuse(IN_THREAD, 400, 240000), "channel", "thread", "Discord refused it"),
        (deny("create_public_threads"), "channel", "art", NOT_ALLOWED),
        (deny("send_messages_in_threads"), "channel", "thread", NOT_ALLOWED),
        (deny("attach_files"), "direct", "thread", NOT_ALLOWED),
        (deny("view_channel"), "direct", "art", UNSEEN),
        (Scene.delete_card, "channel", "art", GONE),
        (Scene.delete_channel, "direct", "art", GONE),
        (Scene.kick_but_meet_elsewhere, "direct", "art", UNSEEN),
    ],
)
async def test_what_its_thread_does_not_take_stands_on_the_next_rung_that_does_and_says_why(
    scene: Scene, trouble: Act, place: str, refused: str, why: str
) -> None:
    card_id = await scene.begin()
    trouble(scene)
    await scene.end()
    where = card_id if refused == "thread" else scene.server.art.id
    await scene.check(place, INSTEAD.format(where, why))


@pytest.mark.parametrize("rights", ["create_public_threads", "attach_files"])
async def test_the_card_says_that_it_is_done_where_no_picture_may_stand(
    scene: Scene, rights: str
) -> None:
    await scene.begin()
    deny(rights)(scene)
    await scene.end()
    assert "Done in " in scene.server.cards[0].content


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (Scene.archive, None),
        (Scene.lock, "it is locked"),
        (Scene.delete_thread, GONE),
        (deny("send_messages_in_threads"), NOT_ALLOWED),
    ],
)
async def test_what_was_asked_for_in_a_thread_stands_there_or_in_a_direct_message(
    scene: Scene, trouble: Act, why: str | None
) -> None:
    scene.rules.backend.create_thread(scene.server.art.id, "talk", scene.server.ana.id)
    (thread,) = scene.server.art.threads
    await scene.begin(thread)
    trouble(scene)
    await scene.end()
    opening = INSTEAD.format(thread.id, why) if why else READY
    await scene.check("direct" if why else "thread", opening)


@pytest.mark.parametrize(
    ("trouble", "card"),
    [
        (refuse("/channels/*", 403, 50013), SAFE),
        (deny("send_messages", "send_messages_in_threads"), SAFE),
        (deny("attach_files"), SAFE),
        (Scene.kick, None),
    ],
)
async def test_what_no_rung_takes_is_kept(scene: Scene, trouble: Act, card: str | None) -> None:
    await scene.begin()
    scene.block()
    trouble(scene)
    await scene.end(Status.GENERATED)
    (picture,) = (await scene.job()).results
    assert await scene.server.session.parts.images.get(picture.key)
    assert scene.full_size() == {}
    await scene.check_ledger()
    assert card is None or card in scene.server.cards[0].content


@pytest.mark.parametrize(
    "what",
    [
        {"status": 503, "times": 3},
        {"status": 502, "times": 11},
        {"status": 500, "after": True},
        {"status": 503, "after": True},
        {"status": 429},
        {"limit": 61.0},
        {"drop": True},
        {"drop": True, "after": True},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "route",
    [
        f"POST {THREADS}",
        f"POST {IN_THREAD}",
        "PUT /channels/*/messages/*/reactions/*/@me",
        "PATCH /channels/*/messages/{card}",
    ],
)
async def test_what_passes_is_tried_again_in_the_same_place_and_posted_once(
    scene: Scene, route: str, what: dict[str, Any]
) -> None:
    method, path = route.format(card=await scene.begin()).split()
    scene.rules.trouble(method, path, **what)
    await scene.end()
    await scene.check("thread", READY)
    assert "Done in " in scene.server.cards[0].content


@pytest.mark.parametrize(("pictures", "opening"), [(1, READY), (12, READY_ALL)])
async def test_a_message_that_was_taken_is_found_when_its_nonce_is_forgotten(
    scene: Scene, pictures: int, opening: str
) -> None:
    card_id = await scene.begin(max_images=pictures)
    path = IN_THREAD.format(card=card_id)
    scene.rules.trouble("POST", path, drop=True, after=True, times=2)
    await scene.end(meanwhile=lambda: scene.rules.backend.advance_clock(10 * MINUTES))
    await scene.check("thread", opening, pictures)


async def test_a_message_that_was_taken_and_cannot_be_found_is_known_by_its_nonce(
    scene: Scene,
) -> None:
    card_id = await scene.begin()
    scene.rules.trouble("POST", IN_THREAD.format(card=card_id), drop=True, after=True)
    await scene.end(meanwhile=lambda: deny("read_message_history")(scene))
    await scene.check("thread", READY)


@pytest.mark.parametrize("broken", [False, True])
async def test_an_interaction_that_has_expired_does_not_matter(scene: Scene, broken: bool) -> None:
    await scene.begin()
    scene.rules.backend.advance_clock(16 * MINUTES)
    for method in ("POST", "PATCH", "DELETE") if broken else ():
        scene.rules.trouble(method, "/webhooks/*", status=404, times=inf)
    before = len(scene.rules.sent)
    await scene.end()
    await scene.check("thread", READY)
    assert not [one for one in scene.rules.sent[before:] if "/webhooks/" in one]


@pytest.mark.parametrize(("pictures", "opening"), [(1, READY), (2, READY_ALL)])
async def test_what_is_too_large_after_all_is_made_smaller_and_stands_in_its_place(
    scene: Scene, pictures: int, opening: str
) -> None:
    await scene.begin(max_images=pictures)
    scene.rules.limit = max(one.byte_count for one in (await scene.job()).results) * 9 // 10
    await scene.end()
    await scene.check("thread", opening, pictures)


@pytest.mark.parametrize("what", [{"status": 503}, {"drop": True}, {"hold": True}], ids=str)
async def test_a_channel_that_fails_for_ever_disturbs_no_other(
    scene: Scene, what: dict[str, Any]
) -> None:
    await scene.begin()
    passed = asyncio.Event()
    what |= {"hold": passed} if "hold" in what else {}
    scene.rules.trouble("POST", f"/channels/{scene.server.art.id}/*", times=inf, **what)
    await scene.server.bob.slash(scene.server.board, "imagine", prompt="a heron", size="2K")
    scene.finish.set()

    async def bob_has_his() -> bool:
        scene.server.session.parts.database.shift += LONGEST_WAIT / 10
        ana, bob = [job.status for job in await scene.server.jobs()]
        assert ana in {Status.SUBMITTED, Status.GENERATED}
        return bob is Status.DELIVERED

    await until(bob_has_his)
    scene.rules.troubles.clear()
    passed.set()
    await scene.end()
    assert len(scene.full_size()["thread"]) == 2
