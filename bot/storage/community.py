"""Tables of servers and members: settings, showcases, votes, what moderators did."""

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
    UniqueConstraint,
)

from bot.storage.schema import Number, Snowflake, metadata

guild = Table(
    "guild",
    metadata,
    Column("guild_id", Snowflake, primary_key=True, autoincrement=False),
    Column("showcase_channel_id", Snowflake),
    Column("showcase_threshold", Integer),
    Column("showcase_emoji", String),
    Column("showcase_forum", Boolean, nullable=False, default=False),
    Column("showcase_age_restricted", Boolean, nullable=False, default=False),
    Column("showcase_set_by", Snowflake),
    # what its managers chose beside the showcase: `bot.domain.servers.ServerSettings`
    Column("settings", JSON, nullable=False, default=dict),
    Column("paused", String),
    Column("left_at", Float),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    # what is read of every entry comes first: PostgreSQL reads rows up to the last column asked for
    Column("guild_id", Snowflake, nullable=False),
    Column("user_id", Snowflake, nullable=False, index=True),
    Column("message_id", Snowflake, index=True),
    Column("stars", Integer, nullable=False, default=0),
    Column("age_restricted", Boolean, nullable=False),
    Column("job_number", ForeignKey("job.number"), nullable=False),
    Column("board_id", Snowflake, nullable=False),
    Column("forum", Boolean, nullable=False),
    Column("emoji", String, nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("wanted", Boolean, nullable=False, default=False),
    Column("shown_stars", Integer),
    Column("channel_id", Snowflake),
    Column("posts", Integer, nullable=False, default=0),
    Column("begun", Boolean, nullable=False, default=False),
    Column("shown_at", Float),
    Column("edited_at", Float, nullable=False, default=0.0),
    Column("due_at", Float),
    Column("worker", String),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lease_until", Float),
    Column("tries", Integer, nullable=False, default=0),
    UniqueConstraint("job_number", "board_id"),
)
_shown = entry.c.message_id.is_not(None)
Index(
    "ix_entry_best", entry.c.guild_id, entry.c.stars, entry.c.shown_at, entry.c.age_restricted,
    entry.c.wanted, postgresql_where=_shown, sqlite_where=_shown,
)  # fmt: skip
Index(
    "ix_entry_recent", entry.c.guild_id, entry.c.shown_at, entry.c.user_id, entry.c.stars,
    entry.c.age_restricted, entry.c.wanted, postgresql_where=_shown, sqlite_where=_shown,
)  # fmt: skip
Index(
    "ix_entry_credit", entry.c.guild_id, entry.c.user_id, entry.c.stars, entry.c.age_restricted,
    entry.c.wanted, postgresql_where=_shown, sqlite_where=_shown,
)  # fmt: skip
_open = entry.c.due_at.is_not(None)
Index("ix_entry_due", entry.c.due_at, postgresql_where=_open, sqlite_where=_open)
_kept = entry.c.worker.is_not(None)
Index("ix_entry_lease", entry.c.lease_until, postgresql_where=_kept, sqlite_where=_kept)

vote = Table(
    "vote",
    metadata,
    Column("message_id", Snowflake, nullable=False),
    Column("user_id", Snowflake, nullable=False, index=True),
    Column("burst", Boolean, nullable=False),
    Column("job_number", ForeignKey("job.number"), nullable=False),
    PrimaryKeyConstraint("message_id", "user_id", "burst"),
)
Index("ix_vote_job", vote.c.job_number, vote.c.user_id)

member = Table(
    "member",
    metadata,
    Column("user_id", Snowflake, primary_key=True, autoincrement=False),
    Column("showcase", Boolean, nullable=False, default=True),
    Column("welcomed_at", Float),
)

# events that two processes may hear at the same time, and one is to act on
heard = Table(
    "heard",
    metadata,
    Column("key", String, primary_key=True),
    Column("at", Float, nullable=False, index=True),
)

# who may not use the bot in a server (0: in any), until when
block = Table(
    "block",
    metadata,
    Column("guild_id", Snowflake, nullable=False),
    Column("user_id", Snowflake, nullable=False),
    Column("until", Float, nullable=False),
    Column("by", Snowflake, nullable=False),
    Column("reason", String, nullable=False),
    PrimaryKeyConstraint("guild_id", "user_id"),
)

# what members reported, and whether the moderators were told; kept as long as the job
report = Table(
    "report",
    metadata,
    Column("job_number", ForeignKey("job.number"), nullable=False),
    Column("user_id", Snowflake, nullable=False),
    Column("at", Float, nullable=False),
    Column("told", Boolean, nullable=False),
    PrimaryKeyConstraint("job_number", "user_id"),
)
Index("ix_report_user", report.c.user_id, report.c.at)

# what moderators and managers did: who, when, what
audit = Table(
    "audit",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("guild_id", Snowflake, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("user_id", Snowflake, nullable=False),
    Column("what", JSON, nullable=False),
)

# who asked to be erased, and the last job looked through for pictures of theirs
erasing = Table(
    "erasing",
    metadata,
    Column("user_id", Snowflake, primary_key=True, autoincrement=False),
    Column("asked_at", Float, nullable=False),
    Column("scanned", Number, nullable=False),
)

# what limits remember for a day of a member whose data was erased, under a keyed hash
erased = Table(
    "erased",
    metadata,
    Column("hash", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("strike", Boolean, nullable=False),
)
Index("ix_erased_hash", erased.c.hash, erased.c.at)
