"""`/privacy`: told once, shown, exported, erased; end to end."""

import asyncio
import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.domain.job import Job, NewJob, Status
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session
from bot.services import export
from bot.storage.database import Database
from bot.ui.texts.privacy import ERASING, NOTICE
from tests.discord.conftest import Server, said, until
from tests.leftovers import holding, stored
from tests.pictures import jpeg
from tests.storage_views import all_jobs, budget_rows, job_rows

WORDS = (
    "First time here: your words and pictures go to Segmind, where copies stay under an "
    "unguessable address that I cannot delete. Results are public here unless you choose "
    "`private`. `/privacy` shows and erases what I keep."
)


async def all_told(server: Server) -> bool:
    rows = await job_rows(server.session.parts.database)
    return all(row.delivery_worker is None and row.delivery_due_at is None for row in rows)


async def made(server: Server, prompt: str = "a marzipan fox", **options: Any) -> None:
    await server.imagine(prompt, **options)
    await server.settled(len(await server.jobs()))
    await until(lambda: all_told(server))


async def all_delivered(server: Server, count: int) -> bool:
    return [job.status for job in await server.jobs()] == [Status.DELIVERED] * count


async def press(
    actor: simcord.MemberActor, answer: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert answer.response is not None
    return await actor.click(answer.response.message, label=label)


# --- the notice ---


async def test_the_first_request_is_told_where_it_goes_once(server: Server) -> None:
    eva = server.guild.add_member(server.session.env.create_user("Eva"))
    first = said(await eva.slash(server.art, "imagine", prompt="a fox"))
    assert first.startswith(f"{WORDS}\n\nIn line as #")
    second = said(await eva.slash(server.art, "imagine", prompt="a dog"))
    assert second.startswith("In line as #")


async def test_a_restart_does_not_tell_it_again(server: Server) -> None:
    eva = server.guild.add_member(server.session.env.create_user("Eva"))
    await eva.slash(server.art, "imagine", prompt="a fox")
    await server.session.restart()
    told = said(await eva.slash(server.art, "imagine", prompt="a dog"))
    assert told.startswith("In line as #")


async def test_it_stands_before_anything_is_submitted(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    eva = server.guild.add_member(server.session.env.create_user("Eva"))
    seen: list[str] = []
    submit = server.session.parts.store.submit

    async def watched(job: NewJob) -> Job:
        backend = server.session.env.backend
        texts = [
            one["content"] if isinstance(one, dict) else one.content
            for channel in backend.messages.values()
            for one in channel.values()
        ]
        seen.extend(text for text in texts if "First time" in text)
        return await submit(job)

    monkeypatch.setattr(server.session.parts.store, "submit", watched)
    await eva.slash(server.art, "imagine", prompt="a fox")
    assert seen == [WORDS]


async def test_a_refused_first_request_is_told_too_and_words_come_back_whole(
    server: Server,
) -> None:
    eva = server.guild.add_member(server.session.env.create_user("Eva"))
    files = {f"image{n}": (f"{n}.jpg", jpeg(64, 64)) for n in range(1, 9)}
    told = said(await eva.slash(server.art, "imagine", prompt="x", max_images=10, **files))
    assert told.startswith(f"{WORDS}\n\n8 pictures in and 10 out are more")
    carla = server.guild.add_member(server.session.env.create_user("Carla"))
    long = "w" * 1650
    answer = await carla.slash(server.art, "imagine", prompt=long, max_images=10, **files)
    assert said(answer) == WORDS
    (more,) = answer.followups
    assert more.ephemeral
    assert long in more.content


async def test_the_first_form_and_the_first_pressed_reroll_are_told(server: Server) -> None:
    await made(server)
    eva = server.guild.add_member(server.session.env.create_user("Eva"))
    told = said(await eva.click(server.results[0], label="Reroll"))
    assert told.startswith(f"{WORDS}\n\nRerolling for you as #")
    flo = server.guild.add_member(server.session.env.create_user("Flo"))
    shown = await flo.slash(server.art, "compose")
    told = said(await flo.submit_modal(shown, {"prompt": "a fox"}))
    assert told.startswith(f"{WORDS}\n\nIn line as #")


# --- about ---


async def test_about_counts_what_is_kept_and_says_where_it_goes(server: Server) -> None:
    await made(server, image1=("a.jpg", jpeg(64, 64)), max_images=2)
    shown = await server.ana.slash(server.art, "privacy about")
    lines = said(shown).splitlines()
    assert lines[0] == (
        "**Kept of you now:** 1 request, 3 pictures, 0 stars you gave, 0 showcase entries."
    )
    assert lines[1].startswith("**How long:** pictures 30 days")
    told = await press(server.ana, shown, "Keep all mine out of showcases")
    assert said(told).startswith("None of your results is shown")
    shown = await server.ana.slash(server.art, "privacy about")
    await press(server.ana, shown, "Let mine into showcases")
    assert await server.session.parts.store.is_shown(server.ana.id)


async def test_about_works_in_direct_messages(server: Server) -> None:
    shown = await server.ana.user.slash("privacy about")
    assert said(shown).startswith("**Kept of you now:** 0 requests")


# --- export ---


async def zips_of(answer: simcord.InteractionResult) -> list[zipfile.ZipFile]:
    assert answer.response is not None
    return [
        zipfile.ZipFile(io.BytesIO(await one.read())) for one in answer.response.message.attachments
    ]


async def test_an_export_holds_jobs_and_pictures_as_they_are_kept(server: Server) -> None:
    await made(server, image1=("hat.jpg", jpeg(64, 64)), private=False)
    await made(server, "a second one", max_images=2)
    await server.ana.react(server.results[0], "⭐")
    answer = await server.ana.slash(server.art, "privacy export")
    assert said(answer) == "Here is all I keep of you: `data.json`, and your pictures."
    (found,) = await zips_of(answer)
    first, second = await server.jobs()
    assert found.namelist()[0] == "data.json"
    data = json.loads(found.read("data.json"))
    assert data["user_id"] == server.ana.id
    assert [job["id"] for job in data["jobs"]] == [second.id, first.id]
    assert data["jobs"][1]["prompt"] == "a marzipan fox"
    assert data["jobs"][1]["server_id"] == server.guild.id
    assert data["jobs"][1]["inputs"][0]["name"] == "hat.jpg"
    assert [vote["job"] for vote in data["votes"]] == [first.id]
    images = server.session.parts.images
    names = data["jobs"][0]["results"] + data["jobs"][1]["results"]
    keys = [one.key for job in (second, first) for one in job.results]
    for name, key in zip(names, keys, strict=True):
        assert found.read(name) == await images.get(key)
    name = data["jobs"][1]["inputs"][0]["file"]
    assert found.read(name) == await images.get(first.request.images[0].key)
    assert sorted(found.namelist()) == sorted(["data.json", *names, name])


async def test_a_fourth_export_within_a_day_is_refused_in_words(server: Server) -> None:
    for _ in range(3):
        await server.ana.slash(server.art, "privacy export")
    told = said(await server.ana.slash(server.art, "privacy export"))
    assert told.startswith("You had 3 exports within a day, the most allowed. Again <t:")


async def test_what_is_too_much_for_one_file_comes_in_parts_by_direct_message(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(server, max_images=12)
    await allow_a_third(server, monkeypatch)
    told = said(await server.ana.slash(server.art, "privacy export"))
    sent = server.ana.user.dm_channel.history()
    assert told == f"Your export is in your direct messages, in {len(sent)} parts."
    assert [one.content for one in sent] == [
        f"Your export, part {number} of {len(sent)}." for number in range(1, len(sent) + 1)
    ]
    found = [zipfile.ZipFile(io.BytesIO(await one.attachments[0].read())) for one in sent]
    assert found[0].namelist()[0] == "data.json"
    names = [name for one in found for name in one.namelist()]
    (job,) = await server.jobs()
    assert len(names) == len(set(names)) == 13
    assert len(found) > 2
    assert all(f"{job.id}-{n}." in " ".join(names) for n in range(1, 13))


async def allow_a_third(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file take a third of Ana's pictures, beside the list of what is left out."""
    (job,) = await server.jobs()
    limit = sum(one.byte_count for one in job.results) // 3 + 210_000
    monkeypatch.setattr(export, "ZIP_BYTES", limit)
    service = server.session.bot.services.export
    begun = service.begun
    monkeypatch.setattr(service, "begun", lambda user_id, _: begun(user_id, limit))


async def test_with_direct_messages_closed_the_first_part_comes_as_the_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(server, max_images=12)
    await allow_a_third(server, monkeypatch)
    server.session.env.inject_error(
        "POST", "/channels/*/messages", status=403, code=50007, times=None
    )
    answer = await server.ana.slash(server.art, "privacy export")
    assert "I may not send you direct messages" in said(answer)
    (found,) = await zips_of(answer)
    assert found.namelist()[0] == "data.json"


async def test_one_export_at_a_time(server: Server) -> None:
    await server.session.parts.store.begin_export(server.ana.id)
    told = said(await server.ana.slash(server.art, "privacy export"))
    assert told.startswith("Your last export is still being made; one at a time.")


# --- erase ---


async def erase(server: Server) -> None:
    question = await server.ana.slash(server.art, "privacy erase")
    assert said(question).startswith("Erase everything of yours: ")
    told = await press(server.ana, question, "Erase everything of mine")
    assert said(told) == ERASING


async def no_erasure(server: Server) -> bool:
    return await server.session.parts.store.erasures() == []


def hers(server: Server) -> tuple[str, ...]:
    return (str(server.ana.id), "Ana", "marzipan")


async def test_erase_leaves_nothing(server: Server) -> None:
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, threshold=1)
    await made(server, image1=("marzipan.jpg", jpeg(300, 200)))
    await server.bob.react(server.results[0], "⭐")
    await until(lambda: on_board(server, 1))
    await server.imagine("a private marzipan", private=True)
    await server.bob.slash(server.art, "imagine", prompt="a dog")
    await until(lambda: all_delivered(server, 3))
    spent = {(row.scope, row.period, row.spent) for row in await budget_rows(database(server))}
    assert await holding(database(server), *hers(server)) != []
    await erase(server)
    await until(lambda: no_erasure(server))
    assert await holding(database(server), *hers(server)) == []
    (job,) = await server.jobs()
    assert job.requester.name == "Bob"
    assert {key.partition("/")[0] for key in await stored(server.session.parts.images)} == {
        str(server.bob.id)
    }
    assert not (Path(images_folder(server)) / str(server.ana.id)).exists()
    assert server.board.history() == []
    assert len(server.results) == 1
    assert not any("marzipan" in one.content or "Ana" in one.content for one in server.cards)
    assert not any("marzipan" in (thread.name or "") for thread in server.art.threads)
    assert server.ana.user.dm_channel.history() == []
    await server.session.parts.store.reconcile()
    after = {(row.scope, row.period, row.spent) for row in await budget_rows(database(server))}
    assert after == spent


def database(server: Server) -> Database:
    return server.session.parts.database


def images_folder(server: Server) -> str:
    return server.session.parts.settings.image_store_url.removeprefix("file:")


async def on_board(server: Server, count: int) -> bool:
    return len(server.board.history()) == count


async def test_a_running_job_is_erased_after_it_ends(server: Server, segmind: LocalSegmind) -> None:
    segmind.behaviour.run_seconds = 1
    await server.imagine("a marzipan fox")
    await until(lambda: submitted(server))
    await erase(server)
    await until(lambda: no_erasure(server))
    assert await holding(database(server), *hers(server)) == []
    assert server.cards == []
    assert await stored(server.session.parts.images) == []


async def submitted(server: Server) -> bool:
    rows = await job_rows(database(server))
    return [row.status for row in rows] == ["submitted"]


async def test_her_rerolled_pictures_go_and_bobs_results_stay(server: Server) -> None:
    await made(server, image1=("hat.jpg", jpeg(300, 200)))
    await server.bob.click(server.results[0], label="Reroll")
    await server.settled(2)
    await until(lambda: all_told(server))
    await erase(server)
    await until(lambda: no_erasure(server))
    (job,) = await all_jobs(database(server))
    assert await holding(database(server), str(server.ana.id), "hat.jpg") == []
    assert len(server.results) == 1
    told = said(await server.bob.click(server.results[0], label="Reroll"))
    assert told.startswith(f"The stored pictures of #{job.id} are gone")
    shown = await server.bob.slash(server.art, "results")
    assert shown.response is not None
    assert len(shown.response.message.attachments) == 1


async def test_a_thread_others_talk_in_loses_the_words_of_its_name(server: Server) -> None:
    await made(server)
    (thread,) = server.art.threads
    await server.bob.send(thread, "lovely")
    await erase(server)
    await until(lambda: no_erasure(server))
    assert thread.name == "deleted"
    assert [one.content for one in thread.history() if not one.is_system()] == ["lovely"]


class TestLimits:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_images_per_hour": 1, "user_images_per_day": 1}

    async def test_erasing_frees_nothing_for_a_day(self, server: Server) -> None:
        await made(server)
        await erase(server)
        await until(lambda: no_erasure(server))
        told = await server.imagine("again")
        assert told.startswith(f"{NOTICE}\n\nYou have used 1 of 1 pictures for today.")
        database(server).shift += 86_401
        assert (await server.imagine("again")).startswith("In line as #")


async def test_after_a_restart_it_goes_on(server: Server) -> None:
    await made(server)
    await server.session.stop_worker()
    await erase(server)
    session: Session = server.session
    await session.restart()
    await until(lambda: no_erasure(server))
    assert await holding(database(server), *hers(server)) == []


async def test_the_owner_erases_by_id_and_the_running_bot_takes_the_messages_down(
    server: Server,
) -> None:
    await made(server)
    settings = server.session.parts.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "erase", str(server.ana.id), "--yes"),
        env={
            "PATH": os.environ["PATH"],
            "DISCORD_TOKEN": "x",
            "SEGMIND_API_KEY": "y",
            "DATABASE_URL": settings.database_url,
            "IMAGE_STORE_URL": settings.image_store_url,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    said_there, _ = await process.communicate()
    assert process.returncode == 0
    assert b"The running bot takes it down" in said_there
    await until(lambda: no_erasure(server))
    assert await holding(database(server), *hers(server)) == []
    assert server.results == []
    assert server.cards == []
