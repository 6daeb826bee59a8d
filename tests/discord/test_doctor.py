"""`python -m bot doctor` on an installation that is well, and with each thing broken."""

import json
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import Connection, text

from bot.doctor import discord_side, examination, texts
from bot.doctor.examination import CHECKS, examine
from bot.doctor.findings import Finding, Row, Status
from bot.doctor.report import all_hold, document, table, without_secrets
from bot.domain.money import micros
from bot.domain.showcase import Board
from bot.parts import open_parts
from bot.roles import make_bot
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import sandbox_settings
from bot.settings import Settings
from bot.storage import database as database_module
from bot.storage import examination as examination_of_database
from bot.storage.database import Database
from bot.storage.lock import only_process
from bot.storage.migrate import alembic_config
from tests.contract.images.conftest import bucket, s3  # noqa: F401 - fixtures
from tests.discord.real_http import TOKEN, Discord, served
from tests.makers import new_job, place


@dataclass
class Installation:
    """A bot that was started once: database made, store marked, commands told."""

    settings: Settings
    discord: Discord
    segmind: LocalSegmind

    def changed(self, **changes: Any) -> Settings:
        return self.settings.model_copy(update=changes)

    async def in_database(self, statement: str) -> None:
        opened = Database(self.settings.database_url)
        await opened.run(lambda tx: tx.connection.execute(text(statement)))
        await opened.close()

    async def start(self, settings: Settings | None = None) -> None:
        """Start the bot as far as its login."""
        async with open_parts(settings or self.settings) as parts, make_bot(parts) as bot:
            await bot.login(TOKEN)

    async def asked_in(self, channel_id: int, **where: Any) -> None:
        """Note a request of a member in a channel."""
        asked = place(channel_id=channel_id, guild_id=self.discord.guild.id, **where)
        async with open_parts(self.settings) as parts:
            await parts.store.submit(new_job(place=asked))


@pytest.fixture
async def installed(
    tmp_path: Path, segmind: LocalSegmind, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    async with served() as simulated:
        monkeypatch.setattr(discord.http.Route, "BASE", simulated.base)
        settings = sandbox_settings(tmp_path, segmind, discord_token=TOKEN)
        installation = Installation(settings, simulated, segmind)
        await installation.start()
        yield installation


async def finding_of(settings: Settings, name: str) -> Finding:
    """Return what one check finds."""
    return next(row.finding for row in await examine(settings) if row.name == name)


async def finding(settings: Settings, name: str) -> Finding:
    """Examine, see that the status is 1, and return one check's finding."""
    rows = await examine(settings)
    assert [row.name for row in rows] == [check.name for check in CHECKS]
    assert not all_hold(rows)
    return next(row.finding for row in rows if row.name == name)


def assert_broken(found: Finding, words: str, todo: str) -> None:
    assert found.status is Status.BROKEN
    assert words in found.found
    assert found.todo == todo


async def test_everything_holds_in_an_installation_that_is_well(installed: Installation) -> None:
    rows = await examine(installed.settings)
    assert all_hold(rows), table(rows)
    written = table(rows)
    assert written.count("✓") == len(CHECKS)
    assert written.endswith(texts.ALL_WELL)
    assert "Studio" in written
    assert "$12.30, about 351 pictures" in written
    assert installed.segmind.accepted == []


async def test_a_bot_may_run_meanwhile(installed: Installation) -> None:
    with only_process(installed.settings.database_url):
        async with open_parts(installed.settings):
            assert all_hold(await examine(installed.settings))


async def test_a_refused_token_leaves_what_needs_it_unchecked_and_the_rest_checked(
    installed: Installation,
) -> None:
    settings = installed.changed(discord_token=SecretStr("another"))
    rows = {row.name: row.finding for row in await examine(settings)}
    assert_broken(rows["Discord token"], "refuses DISCORD_TOKEN", texts.TOKEN_STEP)
    for name in ("intents", "application", "servers", "permissions", "commands", "alert channel"):
        assert rows[name].status is Status.UNCHECKED
        assert rows[name].found == "not checked (needs Discord token)"
    assert rows["Segmind key"].status is Status.OK
    assert rows["clock"].status is Status.OK


async def test_a_discord_that_is_away(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:1/api")
    rows = {row.name: row.finding for row in await examine(installed.settings)}
    assert_broken(rows["Discord token"], "Discord cannot be reached", texts.DISCORD_STEP)
    assert rows["clock"].status is Status.UNCHECKED
    assert rows["clock"].found == texts.NO_DATE


async def test_a_discord_that_does_not_answer_in_time(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.discord.status = 500  # discord.py asks again, for half a minute
    monkeypatch.setattr(examination, "SECONDS", 0.5)
    found = await finding(installed.settings, "Discord token")
    assert_broken(found, "no answer within", texts.DISCORD_STEP)


async def test_a_privileged_intent_that_is_switched_off(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = discord.Intents(guilds=True, message_content=True)
    monkeypatch.setattr(discord_side, "INTENTS", wanted)
    found = await finding(installed.settings, "intents")
    assert_broken(found, "message_content", texts.INTENTS_STEP)
    granted = discord.ApplicationFlags(gateway_message_content_limited=True)
    installed.discord.application["flags"] = granted.value
    assert all_hold(await examine(installed.settings))


async def test_a_public_application_without_guild_ids(installed: Installation) -> None:
    installed.discord.application["bot_public"] = True
    found = await finding(installed.settings, "application")
    assert_broken(found, "anyone can add it", texts.PUBLIC_STEP)
    settings = installed.changed(guild_ids=frozenset({installed.discord.guild.id}))
    assert all_hold(await examine(settings))


async def test_interactions_that_go_elsewhere(installed: Installation) -> None:
    installed.discord.application["interactions_endpoint_url"] = "https://elsewhere.example"
    found = await finding(installed.settings, "application")
    assert_broken(found, "never reach this bot", texts.ENDPOINT_STEP)


async def test_a_bot_in_no_server_gets_the_link_that_brings_it_there(
    installed: Installation,
) -> None:
    installed.discord.backend.remove_guild(installed.discord.guild.id)
    found = await finding(installed.settings, "servers")
    assert found.status is Status.BROKEN
    assert "permissions=309237763136" in found.todo


async def test_a_server_of_guild_ids_it_is_not_in(installed: Installation) -> None:
    here = installed.discord.guild.id
    found = await finding(installed.changed(guild_ids=frozenset({here, 42})), "servers")
    assert found.status is Status.BROKEN
    assert found.found == "GUILD_IDS names servers it is not in: 42"
    assert found.todo.startswith("Take them out of GUILD_IDS")


async def test_rights_missing_in_a_channel_it_is_used_in(installed: Installation) -> None:
    await installed.asked_in(installed.discord.art)
    installed.discord.deny(installed.discord.art, attach_files=True, create_public_threads=True)
    found = await finding(installed.settings, "permissions")
    assert_broken(found, "", texts.RIGHTS_STEP)
    assert found.found == "Studio: #art: Create Public Threads, Attach Files"


async def test_a_channel_it_is_used_in_and_cannot_see(installed: Installation) -> None:
    await installed.asked_in(installed.discord.art)
    installed.discord.deny(installed.discord.art, view_channel=True)
    found = await finding(installed.settings, "permissions")
    assert found.found == "Studio: #art: View Channel"


async def test_rights_missing_where_it_is_not_used_are_nobodys_business(
    installed: Installation,
) -> None:
    await installed.asked_in(installed.discord.art)
    await installed.asked_in(installed.discord.board, private=True)
    installed.discord.deny(installed.discord.board, send_messages=True)
    assert all_hold(await examine(installed.settings))


async def test_rights_missing_in_a_server_that_may_not_spend_do_not_count(
    installed: Installation,
) -> None:
    here = installed.discord.guild.id
    other = installed.discord.backend.create_guild("Elsewhere")
    for role in other.roles.values():
        role.permissions = 0
    installed.discord.backend.create_channel(other.id, "talk")
    found = await finding(installed.settings, "permissions")
    assert_broken(found, "Elsewhere: not used yet", texts.RIGHTS_STEP)
    assert all_hold(await examine(installed.changed(guild_ids=frozenset({here}))))


async def test_rights_missing_on_a_board(installed: Installation) -> None:
    board = Board(channel_id=installed.discord.board, threshold=3, emoji="⭐", set_by=1)
    async with open_parts(installed.settings) as parts:
        await parts.store.set_board(installed.discord.guild.id, board)
    installed.discord.deny(installed.discord.board, embed_links=True, create_public_threads=True)
    found = await finding(installed.settings, "permissions")
    assert found.found == "Studio: #showcase: Embed Links"


async def test_rights_missing_in_a_thread_are_those_of_its_channel(
    installed: Installation,
) -> None:
    backend = installed.discord.backend
    thread = backend.create_thread(installed.discord.art, "a fox", backend.bot_user.id)
    await installed.asked_in(thread.id)
    installed.discord.deny(installed.discord.art, send_messages_in_threads=True, send_messages=True)
    found = await finding(installed.settings, "permissions")
    assert found.found == "Studio: #a fox: Send Messages in Threads"


async def test_a_new_bot_needs_one_text_channel_that_will_do(installed: Installation) -> None:
    installed.discord.deny(installed.discord.art, attach_files=True)
    assert all_hold(await examine(installed.settings))
    installed.discord.deny(installed.discord.board, send_messages=True)
    found = await finding(installed.settings, "permissions")
    assert_broken(found, "", texts.RIGHTS_STEP)
    assert found.found.endswith("needs: #art: Attach Files; #showcase: Send Messages")


@pytest.mark.parametrize("change", ["gone", "foreign", "other"])
async def test_commands_out_of_step_are_named_and_the_next_start_mends_them(
    installed: Installation, change: str
) -> None:
    commands = installed.discord.backend.commands[None]
    (key,) = [key for key in commands if key[0] == "imagine"]
    if change == "gone":
        del commands[key]
    elif change == "foreign":
        commands["old", 1] = commands[key] | {"name": "old"}
    else:
        commands[key]["options"][0]["max_length"] = 100
    found = await finding(installed.settings, "commands")
    name = "old" if change == "foreign" else "imagine"
    assert_broken(found, f"Discord has others: {name}", texts.COMMANDS_STEP)
    await installed.start()
    assert all_hold(await examine(installed.settings))


async def test_an_alert_channel_that_cannot_be_written_to(installed: Installation) -> None:
    settings = installed.changed(alert_channel_id=installed.discord.board)
    assert all_hold(await examine(settings))
    installed.discord.deny(installed.discord.board, send_messages=True)
    found = await finding(settings, "alert channel")
    assert_broken(found, "Send Messages", texts.ALERT_MUTE_STEP)


async def test_an_alert_channel_that_is_none(installed: Installation) -> None:
    found = await finding(installed.changed(alert_channel_id=42), "alert channel")
    assert_broken(found, "42 is no channel", texts.ALERT_GONE_STEP)


async def test_a_wrong_key(installed: Installation) -> None:
    installed.segmind.key = "SG_another"
    rows = {row.name: row.finding for row in await examine(installed.settings)}
    assert_broken(rows["Segmind key"], "refuses SEGMIND_API_KEY", texts.KEY_STEP)
    assert rows["Segmind credit"].found == "not checked (needs Segmind key)"


async def test_no_credit(installed: Installation) -> None:
    installed.segmind.behaviour.balance = micros("0.03")
    found = await finding(installed.settings, "Segmind credit")
    assert_broken(found, "$0.03, about 0 pictures", texts.CREDIT_STEP)


async def test_a_segmind_that_is_away(installed: Installation) -> None:
    found = await finding(installed.changed(segmind_api_url="http://127.0.0.1:1"), "Segmind key")
    assert_broken(found, "", texts.SEGMIND_STEP)


async def test_no_database_yet_and_none_is_made(installed: Installation, tmp_path: Path) -> None:
    settings = installed.changed(database_url=f"sqlite:///{tmp_path}/new/bot.db")
    rows = {row.name: row.finding for row in await examine(settings)}
    assert_broken(rows["database"], "there is no file", texts.NO_DATABASE_STEP)
    assert rows["migrations"].found == "not checked (needs database)"
    assert not (tmp_path / "new").exists()


async def test_a_database_that_cannot_be_reached(installed: Installation) -> None:
    url = "postgresql://me:the-database-password@127.0.0.1:1/bot"
    settings = installed.changed(database_url=url)
    found = await finding(settings, "database")
    assert_broken(found, "the database cannot be reached", texts.DATABASE_STEP)
    assert "the-database-password" not in found.found


async def test_a_file_that_is_no_database(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "bot.txt").write_text("no database, but long enough to be taken for one " * 99)
    settings = installed.changed(database_url=f"sqlite:///{tmp_path}/bot.txt")
    found = await finding(settings, "database")
    assert_broken(found, "not a database", texts.DATABASE_STEP)


@pytest.mark.parametrize(
    ("statement", "words", "todo"),
    [
        ("delete from alembic_version", texts.EMPTY, texts.MIGRATE_STEP),
        ("update alembic_version set version_num = '9999'", "9999", texts.NEWER_STEP),
    ],
    ids=["older", "newer"],
)
async def test_a_database_at_another_revision_is_left_as_it_is(
    installed: Installation, statement: str, words: str, todo: str
) -> None:
    await installed.in_database(statement)
    for _ in range(2):
        assert_broken(await finding(installed.settings, "migrations"), words, todo)


async def test_a_database_behind_the_program(
    installed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that brings one migration more than the database has seen."""
    head = (await finding_of(installed.settings, "migrations")).found
    (tmp_path / "next.py").write_text(f"revision = 'next'\ndown_revision = {head!r}\n")

    def with_one_more(connection: Connection) -> Config:
        config = alembic_config(connection)
        ours = Path(config.get_main_option("script_location") or "") / "versions"
        config.set_main_option("version_locations", f"{ours}{os.pathsep}{tmp_path}")
        return config

    monkeypatch.setattr(examination_of_database, "alembic_config", with_one_more)
    found = await finding(installed.settings, "migrations")
    assert_broken(found, f"it is at {head}, this program needs next", texts.MIGRATE_STEP)


async def test_postgresql_is_examined_alike(installed: Installation, postgresql_url: str) -> None:
    settings = installed.changed(database_url=postgresql_url)
    opened = Database(postgresql_url)
    await opened.run(
        lambda tx: tx.connection.execute(text("drop schema public cascade; create schema public"))
    )
    await opened.close()
    found = await finding(settings, "migrations")
    assert_broken(found, texts.EMPTY, texts.MIGRATE_STEP)
    settings = settings.model_copy(update={"image_store_url": f"{settings.image_store_url}/new"})
    await installed.start(settings)
    well = Installation(settings, installed.discord, installed.segmind)
    await well.asked_in(installed.discord.art)
    rows = await examine(settings)
    assert all_hold(rows), table(rows)
    assert "nothing is missing in the channel in use" in table(rows)


async def test_a_place_that_cannot_be_a_folder(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    settings = installed.changed(image_store_url=f"file:{tmp_path}/a file/images")
    rows = {row.name: row.finding for row in await examine(settings)}
    assert_broken(rows["image store"], "the image store failed", texts.STORE_STEP)
    assert rows["store's mark"].found == "not checked (needs image store)"


async def test_the_probe_leaves_nothing(installed: Installation, tmp_path: Path) -> None:
    before = sorted((tmp_path / "images").rglob("*"))
    await examine(installed.settings)
    assert [one for one in (tmp_path / "images").rglob("*") if one.is_file()] == [
        one for one in before if one.is_file()
    ]


@pytest.mark.usefixtures("bucket")
async def test_s3_is_examined_alike(installed: Installation) -> None:
    rows = {
        row.name: row.finding
        for row in await examine(installed.changed(image_store_url="s3://pictures/ours"))
    }
    assert rows["image store"].status is Status.OK
    gone = await finding(installed.changed(image_store_url="s3://nobodys/ours"), "image store")
    assert_broken(gone, "the image store failed", texts.STORE_STEP)


async def test_an_image_store_of_another_database(installed: Installation, tmp_path: Path) -> None:
    settings = installed.changed(image_store_url=f"file:{tmp_path}/others")
    found = await finding(settings, "store's mark")
    assert_broken(found, "not the one this database has used", texts.MARK_STEP)


@pytest.mark.parametrize(("ahead", "words"), [(60, "behind"), (-60, "ahead of")])
async def test_a_clock_that_is_off(installed: Installation, ahead: int, words: str) -> None:
    installed.discord.ahead = ahead
    found = await finding(installed.settings, "clock")
    assert_broken(found, words, texts.CLOCK_STEP)


async def test_a_database_whose_clock_is_off(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = text("select (julianday('now') - 2440587.5) * 86400.0 - 60")
    monkeypatch.setitem(database_module._CLOCK, "sqlite", slow)  # noqa: SLF001 - no other way
    found = await finding(installed.settings, "database's clock")
    assert_broken(found, "60 s behind Discord's", texts.DATABASE_CLOCK_STEP)


async def test_no_secret_is_ever_shown(
    installed: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever others say in their errors: here the token, the key and the password."""
    key = installed.settings.segmind_api_key.get_secret_value()
    url = "postgresql://me:p%40ssword-of-ours@127.0.0.1:1/bot"
    settings = installed.changed(database_url=url)
    caplog.set_level(logging.INFO)
    rows = [*await examine(settings)]
    leaky = f"said {TOKEN}, {key}, p%40ssword-of-ours, p@ssword-of-ours"
    rows.append(Row(name="leak", finding=Finding(status=Status.BROKEN, found=leaky, todo="x")))
    shown = without_secrets(rows, settings)
    for output in (table(shown), document(shown), caplog.text):
        for secret in (TOKEN, key, "ssword-of-ours"):
            assert secret not in output
    assert "said [secret], [secret], [secret], [secret]" in table(shown)


def test_the_table_says_under_each_cross_what_to_do() -> None:
    rows = [
        Row(name="one", finding=Finding(status=Status.OK, found="fine")),
        Row(name="second", finding=Finding(status=Status.BROKEN, found="bad", todo="Mend it.")),
        Row(name="third", finding=Finding(status=Status.UNCHECKED, found="not checked (needs x)")),
    ]
    assert table(rows).splitlines() == [
        "✓ one     fine",
        "✗ second  bad",
        "          → Mend it.",
        "– third   not checked (needs x)",
        "",
        "1 of 3 checks found something to do.",
    ]
    assert json.loads(document(rows)) == {
        "ok": False,
        "checks": [
            {"name": "one", "status": "ok", "found": "fine", "todo": ""},
            {"name": "second", "status": "broken", "found": "bad", "todo": "Mend it."},
            {
                "name": "third",
                "status": "not checked",
                "found": "not checked (needs x)",
                "todo": "",
            },
        ],
    }


def test_what_was_not_checked_does_not_hold() -> None:
    rows = [Row(name="one", finding=Finding(status=Status.UNCHECKED, found=texts.NO_DATE))]
    assert not all_hold(rows)
    assert table(rows).endswith(texts.NOT_ALL)
