"""A server that removes the bot: its data goes a week later, unless it is let in again."""

from bot.domain.job import Job
from bot.services.housekeeping import Housekeeping
from tests.discord.boards import made, on_board, set_board, settle
from tests.discord.conftest import Server
from tests.discord.strict import strict
from tests.pictures import jpeg
from tests.storage_views import entry_rows, job_rows, ledger_rows, vote_rows

DAY = 86_400.0


async def housekeep(server: Server) -> None:
    parts = server.session.parts
    await Housekeeping(
        keeper=parts.store,
        members=parts.store,
        servers=parts.store,
        images=parts.images,
        retention_days=30,
    ).run()


async def filled(server: Server) -> list[Job]:
    """Have something of everything in a server."""
    await set_board(server)
    first = await on_board(server, "a fox", image1=("me.jpg", jpeg(300, 200)))
    return [first, await made(server, "a hare")]


async def kick(server: Server) -> None:
    with strict(server.session.env) as layer:
        layer.kick(server.guild.id)
        await settle(server)


async def stored(server: Server, jobs: list[Job]) -> int:
    """Count the pictures of some jobs that are in the image store."""
    keys = {one.key for job in jobs for one in (*job.results, *job.request.images)}
    found = 0
    for key in keys:
        try:
            await server.session.parts.images.get(key)
        except KeyError:
            continue
        found += 1
    return found


async def test_all_of_it_goes_a_week_later_with_its_pictures(server: Server) -> None:
    jobs = await filled(server)
    database, store = server.session.parts.database, server.session.parts.store
    await kick(server)
    database.shift += 6.9 * DAY
    await housekeep(server)
    assert await stored(server, jobs) == 3
    assert len(await job_rows(database)) == 2
    database.shift += 0.2 * DAY
    await housekeep(server)
    assert await stored(server, jobs) == 0
    for rows in (job_rows, entry_rows, vote_rows):
        assert await rows(database) == []
    assert (await store.preview(server.guild.id, {})).board is None
    assert await store.known_guilds() == set()
    assert {(row.user_id, row.job_id) for row in await ledger_rows(database)} == {(0, "")}
    assert sum(row.amount for row in await ledger_rows(database) if row.event == "settle") > 0


async def test_nothing_goes_where_it_was_let_in_again_within_the_week(server: Server) -> None:
    jobs = await filled(server)
    parts = server.session.parts
    await kick(server)
    parts.database.shift += 6 * DAY
    again = server.session.bot
    guild = type("Guild", (), {"id": server.guild.id})()
    again.dispatch("guild_join", guild)
    await settle(server)
    parts.database.shift += 6 * DAY
    await housekeep(server)
    assert await stored(server, jobs) == 3
    assert len(await job_rows(parts.database)) == 2
    assert (await parts.store.preview(server.guild.id, {})).board is not None


async def test_a_removal_while_the_bot_was_down_is_noticed_at_its_next_session(
    server: Server,
) -> None:
    jobs = await filled(server)
    parts = server.session.parts
    backend = server.session.env.backend
    server.session.bot.dispatch("ready")
    await settle(server)
    assert server.guild.id in await parts.store.known_guilds()
    await server.session.stop_worker()
    listeners, backend.subscribers[:] = list(backend.subscribers), []
    backend.remove_guild(server.guild.id)
    backend.subscribers[:] = listeners
    await server.session.restart()
    await settle(server)
    assert await parts.store.known_guilds() == set()
    parts.database.shift += 7.1 * DAY
    await housekeep(server)
    assert await stored(server, jobs) == 0
