"""The two roles, put together from the parts: the gateway's bot and the worker."""

from decimal import Decimal

import discord

from bot.client import StudioBot
from bot.delivery.entries import Entries
from bot.delivery.members import DiscordMembers
from bot.delivery.owner import DiscordOwner
from bot.delivery.publisher import DiscordPublisher
from bot.delivery.reports import DiscordRoom
from bot.delivery.stars import DiscordStars
from bot.domain.model import PROFILES
from bot.domain.pacing import PollPacer
from bot.domain.words import WordFilter
from bot.images.charts import Charts
from bot.parts import Parts, make_erasing
from bot.services.alerts import Alerts
from bot.services.bundle import Services
from bot.services.delivering import Delivering
from bot.services.endings import Endings
from bot.services.export import Export
from bot.services.finished import Finished
from bot.services.housekeeping import Housekeeping
from bot.services.line import Line
from bot.services.moderation import Moderation
from bot.services.privacy import Privacy
from bot.services.processing import Processing
from bot.services.recount import Recount
from bot.services.recovery import Recovery
from bot.services.removal import Removal
from bot.services.reports import Reports
from bot.services.rerolls import Rerolls
from bot.services.restyle import Restyle
from bot.services.servers import Servers
from bot.services.showcase import Showcase
from bot.services.showing import Showing
from bot.services.submission import House, Submission
from bot.services.watch import Watch
from bot.settings import Settings
from bot.worker import Worker


def make_publisher(parts: Parts, client: discord.Client) -> DiscordPublisher:
    """Make the publisher on a client that is (or will be) logged in."""
    settings = parts.settings
    return DiscordPublisher(
        client=client,
        jobs=parts.store,
        queue=parts.store,
        images=parts.images,
        pictures=parts.pictures,
        seeds=(settings.reroll_emoji, settings.showcase_emoji),
    )


def make_bot(parts: Parts) -> StudioBot:
    """Make the gateway's bot with the services its cogs ask for."""
    settings = parts.settings
    bot = StudioBot(
        emoji=(settings.reroll_emoji, settings.showcase_emoji),
        threshold=settings.showcase_threshold,
        shards=settings.shards,
    )
    bot.http.http_trace = parts.meter.trace("discord")
    submission = Submission(
        store=parts.store, images=parts.images, pictures=parts.pictures, house=_house(settings)
    )
    moderation = _moderation(parts)
    bot.services = Services(
        submission=submission,
        rerolls=Rerolls(store=parts.store, submission=submission, members=DiscordMembers(bot)),
        line=Line(store=parts.store),
        finished=Finished(store=parts.store, images=parts.images, pictures=parts.pictures),
        restyle=Restyle(parts.store),
        removal=Removal(store=parts.store, images=parts.images),
        showcase=Showcase(
            jobs=parts.store,
            boards=parts.store,
            images=parts.images,
            pictures=parts.pictures,
            emoji=settings.showcase_emoji,
        ),
        servers=Servers(parts.store),
        moderation=moderation,
        recount=Recount(boards=parts.store, reader=DiscordStars(bot)),
        reports=_reports(parts, bot, moderation),
        privacy=_privacy(parts),
        export=Export(members=parts.store, images=parts.images),
    )
    return bot


def _moderation(parts: Parts) -> Moderation:
    return Moderation(
        servers=parts.store,
        jobs=parts.store,
        notes=parts.store,
        provider=parts.provider,
        charts=Charts(),
        budgets=parts.settings.budgets,
        price=parts.settings.price,
    )


def _reports(parts: Parts, bot: StudioBot, moderation: Moderation) -> Reports:
    return Reports(
        reports=parts.store,
        jobs=parts.store,
        servers=parts.store,
        moderation=moderation,
        room=DiscordRoom(client=bot, owner=_owner(parts, bot)),
    )


def _privacy(parts: Parts) -> Privacy:
    return Privacy(
        members=parts.store,
        erasing=make_erasing(parts.store, parts.images),
        retention_days=parts.settings.image_retention_days,
    )


def _house(settings: Settings) -> House:
    return House(
        model=PROFILES[settings.segmind_model],
        price=settings.price,
        guild_ids=settings.guild_ids,
        dms=settings.dm_budget_usd_per_day > Decimal(0),
        words=WordFilter(settings.blocked_words),
    )


def make_alerts(parts: Parts, client: discord.Client) -> Alerts:
    """Make what tells the owner through a client."""
    return Alerts(notes=parts.store, owner=_owner(parts, client), price=parts.settings.price)


def _owner(parts: Parts, client: discord.Client) -> DiscordOwner:
    return DiscordOwner(client=client, channel_id=parts.settings.alert_channel_id)


def make_worker(parts: Parts, client: discord.Client) -> Worker:
    """Make a worker that publishes through a client."""
    settings, store = parts.settings, parts.store
    pacer = PollPacer(settings.segmind_polls_per_minute)
    alerts = make_alerts(parts, client)
    return Worker(
        jobs=store,
        queue=store,
        unknowns=store,
        deliveries=store,
        entries=store,
        processing=Processing(
            queue=store,
            jobs=store,
            provider=parts.provider,
            images=parts.images,
            alerts=alerts,
            pacer=pacer,
            deadline=settings.segmind_deadline_seconds,
        ),
        watch=_watch(parts, alerts),
        recovery=Recovery(queue=store, jobs=store, provider=parts.provider),
        showing=Showing(
            queue=store,
            publisher=Entries(client=client, images=parts.images, pictures=parts.pictures),
            notes=store,
        ),
        delivering=Delivering(
            queue=store,
            jobs=store,
            publisher=make_publisher(parts, client),
            endings=Endings(parts.meter),
        ),
        pacer=pacer,
        max_running=settings.segmind_max_running,
        pulse=parts.turns,
    )


def _watch(parts: Parts, alerts: Alerts) -> Watch:
    settings, store = parts.settings, parts.store
    return Watch(
        totals=store,
        provider=parts.provider,
        alerts=alerts,
        housekeeping=Housekeeping(
            keeper=store,
            members=store,
            servers=store,
            images=parts.images,
            retention_days=settings.image_retention_days,
        ),
        erasing=make_erasing(store, parts.images),
        budgets=settings.budgets,
        operations=parts.operations,
        deadline=settings.segmind_deadline_seconds,
    )
