"""Servers: what their managers set, and how a member stands in one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from bot.domain.job import Place
from bot.domain.limits import Budgets, UserLimits
from bot.domain.refusals import OnlyRequester
from bot.domain.server_refusals import Blocked, NeedsRole, PausedHere, WrongChannel
from bot.domain.showcase import Board
from bot.domain.spending import Day

EVERYWHERE = 0
"""Stands for all servers and direct messages, where only the owner has a say."""


class ResultsIn(StrEnum):
    """Where results of a channel go."""

    THREAD = "thread"
    CHANNEL = "channel"


class Who(StrEnum):
    """Whose results a member may reroll, or whose pictures restyle."""

    EVERYONE = "everyone"
    OWN = "own"
    ROLE = "role"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleRule:
    """What members with a role may: pictures an hour and a day (None: as all), turns in line.

    A weight of 2 is served twice as often as others.
    """

    role_id: int
    images_per_hour: int | None = None
    images_per_day: int | None = None
    weight: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """What a server's managers chose; None and empty: as the owner has it.

    Money is micro-dollars. No limit or budget goes beyond the owner's.
    """

    results: ResultsIn = ResultsIn.THREAD
    archive_minutes: int = 1440
    reroll: Who = Who.EVERYONE
    reroll_role_id: int | None = None
    restyle: Who = Who.OWN
    channels: tuple[int, ...] = ()
    moderators_channel_id: int | None = None
    blocked_words: tuple[str, ...] = ()
    looser_words: bool = False
    budget_day: int | None = None
    budget_month: int | None = None
    images_per_hour: int | None = None
    images_per_day: int | None = None
    roles: tuple[RoleRule, ...] = ()

    def budgets(self, owner: Budgets) -> Budgets:
        """Lower the server's budgets where it wants them lower."""
        return replace(
            owner,
            guild_day=_lower(owner.guild_day, self.budget_day),
            guild_month=_lower(owner.guild_month, self.budget_month),
        )

    def limits(self, owner: UserLimits, role_ids: Collection[int]) -> UserLimits:
        """Find a member's limits: the best of their roles', else the server's, else the owner's."""
        mine = self._rules(role_ids)
        hour = [one.images_per_hour for one in mine if one.images_per_hour is not None]
        day = [one.images_per_day for one in mine if one.images_per_day is not None]
        return replace(
            owner,
            images_per_hour=_lower(owner.images_per_hour, max(hour, default=self.images_per_hour)),
            images_per_day=_lower(owner.images_per_day, max(day, default=self.images_per_day)),
        )

    def weight(self, role_ids: Collection[int]) -> int:
        """Find a member's weight in line: the highest of their roles'."""
        return max((one.weight for one in self._rules(role_ids)), default=1)

    def check_reroll(self, requester_name: str, role_ids: Collection[int], *, own: bool) -> None:
        """Refuse a reroll of somebody else's that is not open to this member."""
        if own or self.reroll is Who.EVERYONE:
            return
        if self.reroll is Who.OWN or self.reroll_role_id is None:
            raise OnlyRequester(user_name=requester_name)
        if self.reroll_role_id not in role_ids:
            raise NeedsRole(role_id=self.reroll_role_id)

    def _rules(self, role_ids: Collection[int]) -> list[RoleRule]:
        return [one for one in self.roles if one.role_id in role_ids]


def _lower(owner: int, server: int | None) -> int:
    return owner if server is None else min(owner, server)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a member stands in a server: its settings, why it is paused, until when they are blocked.

    `star` is the server's own showcase emoji.
    """

    settings: ServerSettings = field(default_factory=ServerSettings)
    paused: str | None = None
    blocked_until: float | None = None
    star: str | None = None

    def check(self, place: Place) -> None:
        """Refuse what may not be asked for here at present."""
        if self.blocked_until is not None:
            raise Blocked(until=self.blocked_until)
        if self.paused is not None:
            raise PausedHere(reason=self.paused)
        open_to_all = self.settings.channels
        here = {place.channel_id, place.parent_channel_id}
        if open_to_all and place.guild_id and here.isdisjoint(open_to_all):
            raise WrongChannel(channel_ids=open_to_all)

    def stamp(self, place: Place) -> Place:
        """Write into a place what delivery needs to know of the settings."""
        threads = place.threads and self.settings.results is ResultsIn.THREAD
        return replace(
            place, threads=threads, archive_minutes=self.settings.archive_minutes, star=self.star
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Settings as they are and as a manager is about to save them, and the server's showcase."""

    before: ServerSettings
    after: ServerSettings
    board: Board | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spender:
    """A member and what their pictures cost this month (micro-dollars)."""

    user_id: int
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a moderator or manager did; `at` is epoch seconds, `what` the action and its values."""

    at: float
    user_id: int
    what: dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerState:
    """A server as its moderators see it; money is micro-dollars, `days` from the oldest on.

    `trouble` is why the provider takes nothing at present.
    """

    settings: ServerSettings
    paused: str | None
    trouble: str | None
    spent_day: int
    spent_month: int
    running: int
    waiting: int
    spenders: Sequence[Spender]
    days: Sequence[tuple[str, int]]
    changes: Sequence[Change]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerReport:
    """How a server does; `balance` is the provider's (micro-dollars), None: it does not say.

    `budgets` are those that hold here, `chart` a PNG of the last days, None: it was not drawn.
    """

    state: ServerState
    budgets: Budgets
    days: Sequence[Day]
    balance: int | None
    price: int
    chart: bytes | None


class ServerStore(Protocol):
    """What is known of servers; each method one transaction. 0 is everywhere."""

    async def standing_of(self, guild_id: int | None, user_id: int) -> Standing:
        """Read how a member stands in a server (None: a direct message)."""

    async def state(self, guild_id: int) -> ServerState:
        """Read a server as its moderators see it."""

    async def change(
        self, guild_id: int, user_id: int, changed: dict[str, object]
    ) -> ServerSettings:
        """Change some settings and note who did; return them all."""

    async def preview(self, guild_id: int, changed: dict[str, object]) -> Draft:
        """Read the settings as they are, and as they would be with some changed."""

    async def pause(self, guild_id: int, user_id: int, reason: str | None) -> int:
        """Pause a server, or resume it (None), and note who did; return the waiting jobs of it."""

    async def block(
        self, guild_id: int, user_id: int, by: int, *, hours: int, reason: str
    ) -> float:
        """Block a member for some hours, and note who did; return until when."""

    async def unblock(self, guild_id: int, user_id: int, by: int) -> bool:
        """Let a member in again; False when they were not blocked."""

    async def waiting(self, guild_id: int, user_id: int | None) -> list[str]:
        """List the ids of a server's waiting jobs, or of one member's there."""

    async def note_change(self, guild_id: int, user_id: int, what: dict[str, object]) -> None:
        """Note what a moderator did."""

    async def known_guilds(self) -> set[int]:
        """List the servers the bot was in, as far as it knows."""

    async def guilds_here(self, guild_ids: Sequence[int]) -> None:
        """Note that the bot is in some servers."""

    async def guild_left(self, guild_id: int) -> None:
        """Note that it was removed from one, the first time; what is not sent yet is called off."""

    async def forget_guild(self, seconds: float) -> list[str] | None:
        """Delete some of what belongs to a server that was left so long ago.

        Returns the keys of pictures that nobody needs any more; None when there is nothing left.
        """
