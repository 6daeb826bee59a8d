"""What the doctor's checks are and what they find."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.doctor.clock import Watch
from bot.segmind.client import SegmindClient
from bot.settings import Settings


class Status(StrEnum):
    """What a check came to."""

    OK = "ok"
    BROKEN = "broken"
    UNCHECKED = "not checked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was found, in words; `todo` is the one thing to do about what is broken."""

    status: Status
    found: str
    todo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is examined: the client is logged in by the first check and never connects."""

    settings: Settings
    client: discord.Client
    provider: SegmindClient
    watch: Watch


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One look; `todo` is the remedy when it raises an error or does not end.

    `needs` names checks without which it cannot be made, `patience` how many times the usual
    time it may take.
    """

    name: str
    run: Callable[[Subject], Awaitable[Finding]]
    todo: str
    needs: tuple[str, ...] = ()
    patience: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A check's name and what it found."""

    name: str
    finding: Finding


def holds(found: str) -> Finding:
    """All is well."""
    return Finding(status=Status.OK, found=found)


def broken(found: str, todo: str) -> Finding:
    """Something is wrong, and this mends it."""
    return Finding(status=Status.BROKEN, found=found, todo=todo)


def unchecked(found: str) -> Finding:
    """It could not be looked at."""
    return Finding(status=Status.UNCHECKED, found=found)
