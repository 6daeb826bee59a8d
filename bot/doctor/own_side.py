"""Checks of what the bot pays with and keeps things in, and of the clocks."""

import secrets
import time

from bot.doctor import texts
from bot.doctor.findings import Finding, Subject, broken, holds, unchecked
from bot.domain.errors import Halt, HaltError
from bot.images.store import open_store
from bot.parts import MARKER
from bot.storage.examination import NoDatabase, NoDriver, examined, known_revisions, revisions
from bot.storage.notes import read_note

MOST_OFF = 10.0  # ids carry times, and waits for rate limits are moments


async def segmind_key(subject: Subject) -> Finding:
    """Ask for the balance, which is free."""
    try:
        await subject.provider.balance()
    except HaltError as error:
        if error.reason is Halt.KEY:
            return broken(texts.KEY_REFUSED, texts.KEY_STEP)
    return holds(texts.KEY_HOLDS)


async def segmind_credit(subject: Subject) -> Finding:
    """See that the credit is enough for a picture."""
    price = max(1, subject.settings.price)
    try:
        balance = await subject.provider.balance()
    except HaltError:
        balance = 0
    words = texts.credit(balance, balance // price)
    return holds(words) if balance >= price else broken(words, texts.CREDIT_STEP)


async def database(subject: Subject) -> Finding:
    """Reach it and read its clock."""
    url = subject.settings.database_url
    try:
        async with examined(url) as found:
            await found.read(lambda tx: tx.now)
    except NoDatabase as error:
        return broken(str(error), texts.NO_DATABASE_STEP)
    except NoDriver as error:
        return broken(str(error), texts.DRIVER_STEP)
    return holds(subject.settings.storage_line.partition(", images ")[0].removeprefix("database "))


async def migrations(subject: Subject) -> Finding:
    """Compare the revision it is at with the one this program needs."""
    async with examined(subject.settings.database_url) as found:
        current, head = await found.read(revisions)
        known = await found.read(known_revisions)
    if current == head:
        return holds(head)
    if current is None:
        return broken(texts.EMPTY, texts.MIGRATE_STEP)
    if current not in known:
        return broken(texts.NEWER.format(current=current), texts.NEWER_STEP)
    return broken(texts.BEHIND.format(current=current, head=head), texts.MIGRATE_STEP)


async def image_store(subject: Subject) -> Finding:
    """Write, read and delete a probe under a key nobody else uses."""
    store = open_store(subject.settings.image_store_url)
    key, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    await store.put(key, data)
    try:
        back = await store.get(key)
    finally:
        await store.delete([key])
    if back != data:
        return broken(texts.STORE_DIFFERS, texts.STORE_STEP)
    return holds(texts.STORE_HOLDS)


async def mark(subject: Subject) -> Finding:
    """See that database and image store carry the same mark; none is put on them here."""
    async with examined(subject.settings.database_url) as opened:
        known = await opened.read(lambda tx: read_note(tx, MARKER))
    found = await open_store(subject.settings.image_store_url).read_marker()
    if known != found:
        return broken(texts.MARK_DIFFERS, texts.MARK_STEP)
    return holds(texts.MARK_HOLDS if known else texts.MARK_NEW)


async def clock(subject: Subject) -> Finding:
    """Compare this machine's clock with Discord's."""
    return _judged(subject.watch.ahead, texts.CLOCK_STEP)


async def database_clock(subject: Subject) -> Finding:
    """Compare the database's clock with Discord's, by way of this machine's."""
    async with examined(subject.settings.database_url) as found:
        theirs = await found.read(lambda tx: tx.now)
        before_us = theirs - time.time()
    ahead = subject.watch.ahead
    return _judged(None if ahead is None else ahead + before_us, texts.DATABASE_CLOCK_STEP)


def _judged(ahead: float | None, todo: str) -> Finding:
    if ahead is None:
        return unchecked(texts.NO_DATE)
    words = texts.off(ahead)
    return holds(words) if abs(ahead) <= MOST_OFF else broken(words, todo)
