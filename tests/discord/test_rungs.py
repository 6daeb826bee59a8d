"""Every rung of the way down, as Discord really refuses: thread, channel, direct message, kept."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import inf
from typing import Any

import discord
import pytest
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import Overwrite
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
NO_THREAD = "I could not open a thread here ({}), so here is your picture."
SAFE = "I could not post it. Your pictures are safe"
FULL = "the server has reached its limit of threads"
NOT_ALLOWED, UNSEEN, GONE = "I am not allowed to", "I cannot see it", "it is gone"
REACTIONS, CARD = "/channels/*/messages/*/reactions/*/@me", "/channels/*/messages/{card}"
ROUTES = [f"POST {THREADS}", f"POST {IN_THREAD}", f"PUT {REACTIONS}", f"PATCH {CARD}"]
BEFORE = [{"status": 502, "times": 11}, {"status": 429}, {"limit": 61.0}, {"drop": 1}]
AFTER = [{"status": 500, "after": 1}, {"status": 503, "after": 1}, {"drop": 1, "after": 1}]
Act = Callable[["Scene"], object]


@dataclass
class Scene:
    """A server under Discord's rules, whose results are there only when `finish` is set."""

    server: Server
    rules: Strict
    finish: asyncio.Event
    backend: Backend
    place_id: int = 0
    card_id: int = 0

    async def job(self) -> Job:
        return (await self.server.jobs())[0]

    async def begin(self, *, in_thread: bool = False, **options: Any) -> None:
        """Let Ana ask, until her card stands and her pictures are stored."""
        place, database = self.server.art, self.server.session.parts.database
        if in_thread:
            self.backend.create_thread(place.id, "talk", self.server.ana.id)
            (place,) = place.threads
        await self.server.ana.slash(place, "imagine", prompt="a fox", size="2K", **options)

        async def stands() -> bool:
            idle = (await job_rows(database))[0].delivery_worker is None
            job = await self.job()
            self.place_id, self.card_id = place.id, job.delivery.card_id or 0
            return idle and bool(self.card_id) and len(job.results) == job.request.max_images

        await until(stands)

    async def end(
        self, status: Status = Status.DELIVERED, *, tries: int = 0, meanwhile: Act = lambda _: None
    ) -> None:
        """Let the result be there, make due what waits, until all is said or tried so often."""
        self.finish.set()
        database = self.server.session.parts.database

        async def said_all() -> bool:
            row = (await job_rows(database))[0]
            if row.delivery_worker is None and row.delivery_tries and row.delivery_due_at:
                meanwhile(self)
                database.shift += LONGEST_WAIT
            told = row.delivery_due_at is None or row.delivery_tries == (tries or None)
            return row.delivery_worker is None and told and row.status == status

        await until(said_all)
        ana, rows = (await self.job()).id, await ledger_rows(database)
        assert [row.event for row in rows if row.job_id == ana] == ["reserve", "settle"]

    def full_size(self) -> dict[str, list[discord.Message]]:
        """Find every message with a picture of full size, by the kind of its place."""
        server = self.server
        places = [("thread", one) for one in (*server.art.threads, *server.board.threads)]
        places += [("channel", server.art), ("channel", server.board)]
        places += [("direct", one.user.dm_channel) for one in (server.ana, server.bob)]
        found: dict[str, list[discord.Message]] = {}
        for kind, place in places:
            for message in place.history():
                if any(not one.filename.startswith("preview") for one in message.attachments):
                    found.setdefault(kind, []).append(message)
        return found

    async def check(self, place: str, opening: str = READY, pictures: int = 1) -> None:
        """Hold it to one place, one post of every picture, one sentence."""
        found = self.full_size()
        assert list(found) == [place]
        names = [one.filename for message in found[place] for one in message.attachments]
        assert names == [f"{(await self.job()).id}-{one}.jpg" for one in range(1, pictures + 1)]
        assert found[place][0].content.splitlines()[0] == f"<@{self.server.ana.id}> {opening}"


def deny(*rights: str) -> Act:
    """Take rights in #art away from the bot."""
    deny = discord.Permissions(**dict.fromkeys(rights, True)).value
    return lambda scene: scene.backend.set_overwrite(
        scene.server.art.id, Overwrite(scene.backend.bot_user.id, OverwriteType.MEMBER, deny=deny)
    )


def refuse(path: str, status: int, code: int) -> Act:
    """Refuse for good what is posted; `{card}` is the card's id, and its thread's."""
    return lambda scene: scene.server.session.env.inject_error(
        "POST", path.format(card=scene.card_id), status=status, code=code, times=None
    )


def archive(*, locked: bool) -> Act:
    about = {"archived": True, "locked": locked}
    return lambda scene: scene.backend.edit_channel(scene.place_id, {}, thread_metadata=about)


def delete_card(scene: Scene) -> None:
    scene.backend.delete_message(scene.place_id, scene.card_id)


def kick_but_meet_elsewhere(scene: Scene) -> None:
    scene.server.session.env.create_guild(name="Elsewhere").add_member(scene.server.ana.user)
    scene.rules.kick(scene.server.guild.id)


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
        yield Scene(server, rules, finish, rules.backend)


@pytest.mark.parametrize(
    ("trouble", "place", "refused", "why"),
    [
        (refuse(THREADS, 400, 160006), "channel", "no thread", FULL),
        (refuse(IN_THREAD, 403, 160005), "channel", "thread", "it is locked"),
        (refuse(IN_THREAD, 404, 10003), "channel", "thread", GONE),
        (refuse(IN_THREAD, 400, 240000), "channel", "thread", "Discord refused it"),
        (deny("create_public_threads"), "channel", "no thread", NOT_ALLOWED),
        (deny("send_messages_in_threads"), "channel", "thread", NOT_ALLOWED),
        (deny("attach_files"), "direct", "thread", NOT_ALLOWED),
        (deny("view_channel"), "direct", "art", UNSEEN),
        (delete_card, "channel", "no thread", "its message is gone"),
        (lambda it: it.backend.delete_channel(it.place_id), "direct", "art", GONE),
        (kick_but_meet_elsewhere, "direct", "art", UNSEEN),
        (archive(locked=False), "thread", "talk", None),
        (archive(locked=True), "direct", "talk", "it is locked"),
        (lambda it: it.backend.delete_channel(it.place_id), "direct", "talk", GONE),
        (deny("send_messages_in_threads"), "direct", "talk", NOT_ALLOWED),
    ],
)
async def test_what_one_place_does_not_take_stands_in_the_next_that_does_and_says_why(
    scene: Scene, trouble: Act, place: str, refused: str, why: str | None
) -> None:
    await scene.begin(in_thread=refused == "talk")
    trouble(scene)
    await scene.end()
    where = scene.card_id if refused == "thread" else scene.place_id
    said = NO_THREAD.format(why) if refused == "no thread" else INSTEAD.format(where, why)
    await scene.check(place, said if why else READY)


async def test_the_card_says_that_it_is_done_where_no_picture_may_stand(scene: Scene) -> None:
    await scene.begin()
    deny("attach_files")(scene)
    await scene.end()
    assert "Done in " in scene.server.cards[0].content


@pytest.mark.parametrize(
    ("trouble", "card"),
    [
        (refuse("/channels/*", 403, 50013), SAFE),
        (deny("send_messages", "send_messages_in_threads"), SAFE),
        (deny("attach_files"), SAFE),
        (lambda scene: scene.rules.kick(scene.server.guild.id), None),
    ],
)
async def test_what_no_rung_takes_is_kept(scene: Scene, trouble: Act, card: str | None) -> None:
    await scene.begin()
    refuse(f"/channels/{scene.server.ana.user.dm_channel.id}/messages", 403, 50007)(scene)
    trouble(scene)
    await scene.end(Status.GENERATED)
    (picture,) = (await scene.job()).results
    assert await scene.server.session.parts.images.get(picture.key)
    assert scene.full_size() == {}
    assert card is None or card in scene.server.cards[0].content


@pytest.mark.parametrize("what", [*BEFORE, *AFTER], ids=str)
@pytest.mark.parametrize("route", ROUTES)
async def test_what_passes_is_tried_again_in_the_same_place_and_posted_once(
    scene: Scene, route: str, what: dict[str, Any]
) -> None:
    await scene.begin()
    method, path = route.format(card=scene.card_id).split()
    scene.rules.trouble(method, path, **what)
    await scene.end()
    await scene.check("thread")
    assert "Done in " in scene.server.cards[0].content
    assert scene.rules.troubles[0].times <= 0


@pytest.mark.parametrize(("pictures", "forgotten"), [(1, True), (12, True), (1, False)])
async def test_a_message_that_was_taken_is_known_by_its_nonce_or_else_by_its_files(
    scene: Scene, pictures: int, forgotten: bool
) -> None:
    await scene.begin(max_images=pictures)
    path = IN_THREAD.format(card=scene.card_id)
    scene.rules.trouble("POST", path, drop=True, after=True, times=min(pictures, 2))
    unread = deny("read_message_history")
    await scene.end(meanwhile=(lambda _: scene.backend.advance_clock(600)) if forgotten else unread)
    await scene.check("thread", READY if pictures == 1 else READY_ALL, pictures)


async def test_an_interaction_that_has_expired_does_not_matter(scene: Scene) -> None:
    await scene.begin()
    scene.backend.advance_clock(16 * MINUTES)
    scene.rules.trouble("*", "/webhooks/*", status=404, times=inf)
    scene.rules.sent.clear()
    await scene.end()
    await scene.check("thread")
    assert "/webhooks/" not in str(scene.rules.sent)


@pytest.mark.parametrize("pictures", [1, 2])
async def test_what_is_too_large_after_all_is_made_smaller(scene: Scene, pictures: int) -> None:
    await scene.begin(max_images=pictures)
    scene.rules.limit = max(one.byte_count for one in (await scene.job()).results) * 9 // 10
    await scene.end()
    await scene.check("thread", READY if pictures == 1 else READY_ALL, pictures)


@pytest.mark.parametrize("what", ["status", "drop", "hold"])
async def test_a_channel_that_fails_for_ever_disturbs_no_other(scene: Scene, what: str) -> None:
    await scene.begin()
    passed = asyncio.Event()
    how: Any = {"status": 503, "drop": True, "hold": passed}[what]
    scene.rules.trouble("POST", f"/channels/{scene.place_id}/*", times=inf, **{what: how})
    scene.finish.set()
    if what != "hold":
        await scene.end(Status.GENERATED, tries=4)
    await scene.server.bob.slash(scene.server.board, "imagine", prompt="a heron", size="2K")

    async def bob_has_his() -> bool:
        return [job.status for job in await scene.server.jobs()][1] is Status.DELIVERED

    await until(bob_has_his)
    assert (await scene.job()).status is Status.GENERATED
    scene.rules.troubles.clear()
    passed.set()
    await scene.end()
    owners = [one.content.split()[0] for one in scene.full_size()["thread"]]
    assert owners == [scene.server.ana.mention, scene.server.bob.mention]


def code_of(scene: Scene, call: str, sizes: Sequence[int] = ()) -> int:
    """Send something with files of some MiB, straight to Discord; return the refusal's code."""
    files = [discord.File(BytesIO(bytes(size << 20)), "a.png") for size in sizes]
    with pytest.raises(BackendError) as refusal:
        router.dispatch(scene.backend, *call.split(), files=files)
    return refusal.value.code


async def test_discord_refuses_here_what_it_refuses_there(scene: Scene) -> None:
    await scene.begin()
    await scene.end()
    art = f"/channels/{scene.place_id}/messages"
    sizes = [[1] * 11, [11], [9, 9, 9]]
    assert [code_of(scene, f"POST {art}", some) for some in sizes] == [50035, 40005, 40005]
    assert code_of(scene, f"POST {art}/{scene.card_id}/threads") == 160004
    for emoji in map(str, range(18)):  # besides the bot's own two
        scene.backend.add_reaction(scene.place_id, scene.card_id, emoji, scene.server.bob.id)
    assert code_of(scene, f"PUT {art}/{scene.card_id}/reactions/x/@me") == 30010
    scene.backend.advance_clock(16 * MINUTES)
    token = f"{scene.backend.application_id}/{next(iter(scene.backend.interaction_tokens))}"
    assert code_of(scene, f"PATCH /webhooks/{token}/messages/@original") == 50027
    scene.place_id = scene.card_id
    archive(locked=True)(scene)
    thread = f"/channels/{scene.card_id}/messages"
    assert code_of(scene, f"PATCH {thread}/{scene.card_id}") == 50083
    assert code_of(scene, f"POST {thread}") == 160005
