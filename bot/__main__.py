"""The command line: `python -m bot [gateway | worker | migrate | demo | doctor | erase]`.

Parts are imported where they are used: the picture process starts by importing this module, and
has to stay small.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from dotenv import load_dotenv

from bot.domain.errors import BotError

if TYPE_CHECKING:
    from bot.settings import Settings

WRONG_CONFIGURATION = 2
log = logging.getLogger("bot")
T = TypeVar("T")


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Without a command, run the whole bot in this process: gateway and worker."""
    if context.invoked_subcommand is None:
        _run_role("gateway", "worker")


@main.command()
def gateway() -> None:
    """Run the gateway alone; needs PostgreSQL and an object store."""
    _run_role("gateway")


@main.command()
def worker() -> None:
    """Run a worker alone, as many as wanted; needs PostgreSQL and an object store."""
    _run_role("worker")


@main.command()
@click.option("--copy-from", default=None, help="Copy the rows of this database, sqlite:///… say.")
@click.option("--copy-images-from", default=None, help="Copy the pictures, from file:… say.")
def migrate(copy_from: str | None, copy_images_from: str | None) -> None:
    """Bring the database up to date; copy a stopped installation into an empty one."""
    from bot.app import copy_installation

    settings = _settings()
    jobs, pictures = _run(
        copy_installation(settings, database_from=copy_from, images_from=copy_images_from)
    )
    log.info("the database is up to date; %d jobs and %d pictures copied", jobs, pictures)


@main.command()
@click.option(
    "--image",
    "images",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A picture of yours; may be given several times.",
)
@click.option("--prompt", default=None, help="What to make of them.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    help="Where to leave the pictures and the page.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page at the end.")
def demo(images: tuple[Path, ...], prompt: str | None, output: Path, *, open_page: bool) -> None:
    """Run the real bot on a simulated Discord and a local Segmind: no account, no network."""
    from bot.sandbox.demo import run_demo

    page = _run(run_demo(images, prompt, output))
    if open_page:
        click.launch(page.as_uri())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of the table.")
def doctor(*, as_json: bool) -> None:
    """Check token, permissions, key, credit, database, image store; say how to mend them."""
    from bot.doctor.examination import examine
    from bot.doctor.report import all_hold, document, table, without_secrets

    settings = _settings()
    logging.disable(logging.WARNING)  # what was found stands in the table
    rows = without_secrets(_run(examine(settings)), settings)
    click.echo(document(rows) if as_json else table(rows))
    if not all_hold(rows):
        sys.exit(1)


@main.command()
@click.argument("user_id", type=click.IntRange(min=1))
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(user_id: int, *, yes: bool) -> None:
    """Erase a member by their Discord id, as `/privacy erase` does; posted messages too."""
    from bot.app import count_kept, erase_member
    from bot.ui.texts import owner

    settings = _settings()
    kept = _run(count_kept(settings, user_id))
    if not (kept.jobs or kept.pictures or kept.votes or kept.entries or kept.erasing):
        _end(owner.nothing_kept(user_id, settings.storage_line), 1)
    click.echo(owner.erase_question(user_id, kept))
    if not yes and not click.confirm("Erase it all?"):
        _end("Nothing was erased.", 1)
    click.echo(owner.erased(_run(erase_member(settings, user_id))))


def _run_role(*roles: str) -> None:
    from bot.app import run

    _run(run(_settings(), frozenset(roles)))


def _settings() -> Settings:
    from bot.logs import configure
    from bot.settings import Settings, SettingsError

    load_dotenv(Path.cwd() / ".env")
    try:
        settings = Settings.load(os.environ)
    except SettingsError as error:
        _end(str(error), WRONG_CONFIGURATION)
    secrets = [settings.discord_token, settings.segmind_api_key]
    configure(
        settings.log_level,
        settings.log_format,
        [secret.get_secret_value() for secret in secrets],
    )
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    from bot.settings import SettingsError

    try:
        return asyncio.run(work)
    except SettingsError as error:
        _end(str(error), WRONG_CONFIGURATION)
    except BotError as error:
        _end(str(error), 1)


def _end(line: str, status: int) -> NoReturn:
    click.echo(line, err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
