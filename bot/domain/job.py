"""A request of a member, and the job it becomes."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import Failure

ERASED_KEY = "0/erased"
"""The place of a picture whose owner had it erased from the requests of others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPicture:
    """A picture in the image store; `key` is its place there, `name` what a member called it."""

    key: str
    name: str
    content_type: str
    width: int
    height: int
    byte_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GenerationRequest:
    """What is asked of the model, complete: nothing is left to the provider's defaults."""

    prompt: str
    images: tuple[StoredPicture, ...]
    aspect_ratio: str
    size: str
    max_images: int
    optimize_prompt: str
    watermark: bool
    spoiler: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Requester:
    """The member who asks and pays; `roles` are theirs in the server where they ask.

    `guild_id` is that server, None in a direct message.
    """

    id: int
    name: str
    roles: tuple[int, ...] = ()
    guild_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who presses, and in which server; `moderates` is that server where they manage messages.

    `owner`: they run the bot, and answer for what it shows anywhere.
    """

    id: int
    moderates: int | None
    guild_id: int | None = None
    owner: bool = False


class PlaceKind(StrEnum):
    """Where a request was made; decides where its result goes."""

    CHANNEL = "channel"
    THREAD = "thread"
    DM = "dm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A channel as it was when the request came in; all that delivery needs to know of it.

    `file_limit` is bytes per file; `reply_to` a message (same channel) the result answers;
    `parent_channel_id` the channel a thread belongs to; `star` the server's own showcase emoji.
    """

    kind: PlaceKind
    channel_id: int
    guild_id: int | None
    file_limit: int
    threads: bool = True
    private: bool = False
    age_restricted: bool = False
    reply_to: int | None = None
    parent_channel_id: int | None = None
    archive_minutes: int = 1440
    star: str | None = None


class Status(StrEnum):
    """How far a job has come; the claim says who holds it.

    queued -> submitting -> submitted -> generated -> delivered
       └-> cancelled  └-> unknown  └-> failed
    """

    QUEUED = "queued"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    GENERATED = "generated"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    FAILED = "failed"


UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """A job about to be written. `key` is unique: the same key again is the same job.

    `fingerprint` is what a double of it, sent by mistake, would have too; None: never a double.
    """

    key: str
    requester: Requester
    place: Place
    request: GenerationRequest
    price: int
    parent_id: str | None = None
    fingerprint: str | None = None
    weight: int = 1


class Stage(StrEnum):
    """What a job's card says."""

    IN_LINE = "in_line"
    BEING_MADE = "being_made"
    SLOW = "slow"
    DONE = "done"
    FAILED = "failed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    PAUSED = "paused"
    DELETED = "deleted"


class Deleter(StrEnum):
    """Who deleted a result."""

    REQUESTER = "requester"
    UPLOADER = "uploader"
    MODERATOR = "moderator"
    ERASURE = "erasure"  # its requester had everything of theirs erased: nothing may stay


class MessageKind(StrEnum):
    """What a message of a job is."""

    CARD = "card"
    RESULT = "result"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedMessage:
    """A message that stands for a job somewhere in Discord."""

    channel_id: int
    message_id: int
    kind: MessageKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """What Discord has been told of a job so far.

    `post` numbers the places tried, and goes into the nonce of every message of that try; `edits`
    are those of its card.
    """

    card_id: int | None = None
    stage: Stage | None = None
    channel_id: int | None = None
    message_ids: tuple[int, ...] = ()
    post: int = 0
    tries: int = 0
    edits: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A request in the queue. Times are epoch seconds of the database, money micro-dollars.

    `taken_over` counts the workers that did not bring it to its next rest; `repost` is where its
    requester wants its result once more; `held`: it waits for a pause to end.
    """

    id: str
    number: int
    requester: Requester
    place: Place
    request: GenerationRequest
    status: Status
    parent_id: str | None
    weight: int
    created_at: float
    started_at: float | None
    submitted_at: float | None
    ended_at: float | None
    provider_id: str | None
    sent_urls: tuple[str, ...]
    price: int
    reserved: int
    cost: int | None
    failure: Failure | None
    cancel_asked: bool
    pictures_gone: bool
    delivery: Delivery
    held: bool = False
    taken_over: int = 0
    deleted_by: Deleter | None = None
    repost: Place | None = None
    results: tuple[StoredPicture, ...] = ()

    def is_moderated_by(self, actor: Actor) -> bool:
        """Whether somebody moderates a server it stands in, or all of them."""
        return actor.owner or (actor.moderates is not None and self.stands_in(actor.moderates))

    def is_of(self, actor: Actor) -> bool:
        """Whether somebody moderates the server it was asked for in, or all of them."""
        here = actor.moderates is not None and actor.moderates == self.place.guild_id
        return actor.owner or here

    def stands_in(self, guild_id: int) -> bool:
        """Whether it was asked for in a server, or posted there later."""
        return guild_id in {self.place.guild_id, self.posted_in.guild_id}

    @property
    def posted_in(self) -> Place:
        """Where its result goes, or went at last."""
        return self.repost or self.place

    @property
    def in_direct_message(self) -> bool:
        """Whether its result came by direct message, though it was not asked for in one."""
        there = self.delivery.channel_id
        return there not in {None, self.posted_in.channel_id, self.delivery.card_id}

    @property
    def uploaders(self) -> frozenset[int]:
        """Whose pictures went in: they are stored under their owner's id."""
        return frozenset(int(image.key.partition("/")[0]) for image in self.request.images)

    @property
    def inputs_gone(self) -> bool:
        """Whether it cannot be made again: pictures past their time, or erased by their owner."""
        return self.pictures_gone or any(one.key == ERASED_KEY for one in self.request.images)

    @property
    def stage(self) -> Stage:
        """What its card should say now (`SLOW` depends on the clock: see delivery)."""
        final = {
            Status.GENERATED: Stage.DONE,
            Status.DELIVERED: Stage.DONE,
            Status.FAILED: Stage.FAILED,
            Status.CANCELLED: Stage.CANCELLED,
            Status.UNKNOWN: Stage.UNKNOWN,
        }
        if self.deleted_by:
            return Stage.DELETED
        if self.cancel_asked and self.status in UNDER_WAY:
            return Stage.CANCELLING
        if self.cancel_asked and self.status is Status.GENERATED:
            return Stage.CANCELLED
        if self.status in final:
            return final[self.status]
        return Stage.IN_LINE if self.started_at is None else Stage.BEING_MADE


@dataclass(frozen=True, kw_only=True, slots=True)
class FinishedPage:
    """One of a member's finished jobs, the ids of its neighbours, and how many there are."""

    job: Job
    newer: str | None
    older: str | None
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Proof that a worker holds a job; every write it makes carries it (the fence)."""

    job: Job
    worker: str
    attempt: int
