"""Tables of the queue: jobs and what hangs on them, lanes, gate, money. See `schema` for units."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
)

from bot.storage.schema import Money, Number, Snowflake, metadata

job = Table(
    "job",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("key", String, nullable=False, unique=True),
    Column("user_id", Snowflake, nullable=False),
    Column("user_name", String, nullable=False),
    Column("guild_id", Snowflake),
    Column("place", JSON, nullable=False),
    Column("request", JSON, nullable=False),
    Column("size", String, nullable=False),
    Column("images", Integer, nullable=False),
    Column("parent_id", String, index=True),
    Column("fingerprint", String),
    Column("weight", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("failure", String),
    Column("held_at", Float),
    Column("cancel_asked", Boolean, nullable=False, default=False),
    Column("pictures_gone", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("submitted_at", Float),
    Column("ended_at", Float),
    Column("provider_id", String, unique=True),
    # the addresses of the inputs in the request sent, by which the provider's history knows it
    Column("sent_urls", JSON, nullable=False, default=list),
    # pictures counted against the member's limits: asked, then made, 0 once given back
    Column("counted", Integer, nullable=False),
    Column("price", Money, nullable=False),
    Column("reserved", Money, nullable=False),
    Column("cost", Money),
    Column("worker", String),
    Column("attempt", Integer, nullable=False, default=0),
    Column("taken_over", Integer, nullable=False, default=0),
    Column("lease_until", Float),
    Column("check_due_at", Float),
    Column("delivery_due_at", Float),
    Column("delivery_worker", String),
    Column("delivery_attempt", Integer, nullable=False, default=0),
    Column("delivery_lease_until", Float),
    Column("delivery_tries", Integer, nullable=False, default=0),
    Column("post", Integer, nullable=False, default=0),
    Column("stage", String),
    Column("card_id", Snowflake),
    Column("card_edits", Integer, nullable=False, default=0),
    Column("deleted_by", String),
    Column("repost", JSON(none_as_null=True)),
    Column("result_channel_id", Snowflake),
)
_queued = (job.c.status == "queued") & job.c.worker.is_(None) & job.c.held_at.is_(None)
Index("ix_job_head", job.c.user_id, job.c.number, postgresql_where=_queued, sqlite_where=_queued)
_unfinished = job.c.status.in_(("queued", "submitting", "submitted"))
Index(
    "ix_job_unfinished", job.c.user_id, job.c.number, postgresql_where=_unfinished,
    sqlite_where=_unfinished,
)  # fmt: skip
_counted = job.c.counted > 0
Index(
    "ix_job_counted", job.c.user_id, job.c.created_at, postgresql_where=_counted,
    sqlite_where=_counted,
)  # fmt: skip
_refused = job.c.failure.is_not(None)
Index(
    "ix_job_failure", job.c.user_id, job.c.ended_at, postgresql_where=_refused,
    sqlite_where=_refused,
)  # fmt: skip
Index("ix_job_ended", job.c.ended_at)
Index("ix_job_guild", job.c.guild_id, job.c.number)
Index("ix_job_user", job.c.user_id, job.c.number)
_erased = job.c.deleted_by == "erasure"
Index("ix_job_erased", job.c.user_id, job.c.number, postgresql_where=_erased, sqlite_where=_erased)
_finished = job.c.status.in_(("generated", "delivered")) & job.c.deleted_by.is_(None)
Index(
    "ix_job_finished", job.c.user_id, job.c.number, postgresql_where=_finished,
    sqlite_where=_finished,
)  # fmt: skip
_claimed = job.c.worker.is_not(None)
Index("ix_job_lease", job.c.lease_until, postgresql_where=_claimed, sqlite_where=_claimed)
_unchecked = job.c.check_due_at.is_not(None)
Index("ix_job_check", job.c.check_due_at, postgresql_where=_unchecked, sqlite_where=_unchecked)
_due = job.c.delivery_due_at.is_not(None)
Index("ix_job_delivery", job.c.delivery_due_at, postgresql_where=_due, sqlite_where=_due)
_told = job.c.delivery_worker.is_not(None)
Index("ix_job_told", job.c.delivery_lease_until, postgresql_where=_told, sqlite_where=_told)
_ended = job.c.cost.is_not(None)
Index(
    "ix_job_pace", job.c.size, job.c.images, job.c.number, postgresql_where=_ended,
    sqlite_where=_ended,
)  # fmt: skip

result = Table(
    "result",
    metadata,
    Column("job_number", ForeignKey("job.number"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("picture", JSON, nullable=False),
    PrimaryKeyConstraint("job_number", "position"),
)

picture = Table(
    "picture",
    metadata,
    Column("job_number", ForeignKey("job.number"), nullable=False),
    Column("key", String, nullable=False, index=True),
    PrimaryKeyConstraint("job_number", "key"),
)

message = Table(
    "message",
    metadata,
    Column("message_id", Snowflake, primary_key=True, autoincrement=False),
    Column("job_number", ForeignKey("job.number"), nullable=False, index=True),
    Column("channel_id", Snowflake, nullable=False),
    Column("kind", String, nullable=False),
    Column("post", Integer, nullable=False),
    # changes of its votes so far: what was counted in Discord meanwhile is counted again
    Column("vote_changes", Integer, nullable=False, default=0),
)

lane = Table(
    "lane",
    metadata,
    Column("user_id", Snowflake, primary_key=True, autoincrement=False),
    Column("queued", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("cap", Integer, nullable=False),
    Column("vtime", Float, nullable=False),
)
_ready = (lane.c.queued > 0) & (lane.c.running < lane.c.cap)
Index("ix_lane_ready", lane.c.vtime, lane.c.user_id, postgresql_where=_ready, sqlite_where=_ready)

gate = Table(
    "gate",
    metadata,
    Column("id", String, primary_key=True),
    Column("running", Integer, nullable=False),
    Column("tat", Float, nullable=False),
    Column("vnow", Float, nullable=False),
    Column("closed_until", Float, nullable=False),
    Column("reason", String),
    Column("failures", Integer, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("job_id", String, nullable=False, index=True),
    Column("user_id", Snowflake, nullable=False),
    Column("guild_id", Snowflake),
    Column("event", String, nullable=False),
    Column("amount", Money, nullable=False),
    Column("reported", Boolean, nullable=False, default=True),
    Column("at", Float, nullable=False, index=True),
)

budget = Table(
    "budget",
    metadata,
    Column("scope", String, nullable=False),
    Column("period", String, nullable=False),
    Column("reserved", Money, nullable=False),
    Column("spent", Money, nullable=False),
    Column("cap", Money, nullable=False, default=0),
    # of what was spent, what no job tells any more: those jobs were erased
    Column("erased", Money, nullable=False, default=0),
    PrimaryKeyConstraint("scope", "period"),
)

worker = Table(
    "worker",
    metadata,
    Column("name", String, primary_key=True),
    Column("seen_at", Float, nullable=False),
)

note = Table(
    "note",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
