"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_guild_id"), "audit", ["guild_id"], unique=False)
    op.create_table(
        "block",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "user_id", name=op.f("pk_block")),
    )
    op.create_table(
        "budget",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "period", name=op.f("pk_budget")),
    )
    op.create_table(
        "erased",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("strike", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_erased_hash", "erased", ["hash", "at"], unique=False)
    op.create_table(
        "erasing",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("scanned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_erasing")),
    )
    op.create_table(
        "gate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("tat", sa.Float(), nullable=False),
        sa.Column("vnow", sa.Float(), nullable=False),
        sa.Column("closed_until", sa.Float(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
    )
    op.create_table(
        "guild",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("showcase_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("showcase_threshold", sa.Integer(), nullable=True),
        sa.Column("showcase_emoji", sa.String(), nullable=True),
        sa.Column("showcase_forum", sa.Boolean(), nullable=False),
        sa.Column("showcase_age_restricted", sa.Boolean(), nullable=False),
        sa.Column("showcase_set_by", sa.BigInteger(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("paused", sa.String(), nullable=True),
        sa.Column("left_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guild")),
    )
    op.create_table(
        "heard",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_heard")),
    )
    op.create_index(op.f("ix_heard_at"), "heard", ["at"], unique=False)
    op.create_table(
        "job",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("size", sa.String(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("held_at", sa.Float(), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("pictures_gone", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("submitted_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("sent_urls", sa.JSON(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("taken_over", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("check_due_at", sa.Float(), nullable=True),
        sa.Column("delivery_due_at", sa.Float(), nullable=True),
        sa.Column("delivery_worker", sa.String(), nullable=True),
        sa.Column("delivery_attempt", sa.Integer(), nullable=False),
        sa.Column("delivery_lease_until", sa.Float(), nullable=True),
        sa.Column("delivery_tries", sa.Integer(), nullable=False),
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("card_edits", sa.Integer(), nullable=False),
        sa.Column("deleted_by", sa.String(), nullable=True),
        sa.Column("repost", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("result_channel_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job")),
        sa.UniqueConstraint("id", name=op.f("uq_job_id")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_job_provider_id")),
    )
    op.create_index(
        "ix_job_check",
        "job",
        ["check_due_at"],
        unique=False,
        postgresql_where=sa.text("check_due_at IS NOT NULL"),
        sqlite_where=sa.text("check_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_job_counted",
        "job",
        ["user_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("counted > 0"),
        sqlite_where=sa.text("counted > 0"),
    )
    op.create_index(
        "ix_job_delivery",
        "job",
        ["delivery_due_at"],
        unique=False,
        postgresql_where=sa.text("delivery_due_at IS NOT NULL"),
        sqlite_where=sa.text("delivery_due_at IS NOT NULL"),
    )
    op.create_index("ix_job_ended", "job", ["ended_at"], unique=False)
    op.create_index(
        "ix_job_erased",
        "job",
        ["user_id", "number"],
        unique=False,
        postgresql_where=sa.text("deleted_by = 'erasure'"),
        sqlite_where=sa.text("deleted_by = 'erasure'"),
    )
    op.create_index(
        "ix_job_failure",
        "job",
        ["user_id", "ended_at"],
        unique=False,
        postgresql_where=sa.text("failure IS NOT NULL"),
        sqlite_where=sa.text("failure IS NOT NULL"),
    )
    op.create_index(
        "ix_job_finished",
        "job",
        ["user_id", "number"],
        unique=False,
        postgresql_where=sa.text("status IN ('generated', 'delivered') AND deleted_by IS NULL"),
        sqlite_where=sa.text("status IN ('generated', 'delivered') AND deleted_by IS NULL"),
    )
    op.create_index("ix_job_guild", "job", ["guild_id", "number"], unique=False)
    op.create_index(
        "ix_job_head",
        "job",
        ["user_id", "number"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND worker IS NULL AND held_at IS NULL"),
        sqlite_where=sa.text("status = 'queued' AND worker IS NULL AND held_at IS NULL"),
    )
    op.create_index(
        "ix_job_lease",
        "job",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("worker IS NOT NULL"),
        sqlite_where=sa.text("worker IS NOT NULL"),
    )
    op.create_index(
        "ix_job_pace",
        "job",
        ["size", "images", "number"],
        unique=False,
        postgresql_where=sa.text("cost IS NOT NULL"),
        sqlite_where=sa.text("cost IS NOT NULL"),
    )
    op.create_index(op.f("ix_job_parent_id"), "job", ["parent_id"], unique=False)
    op.create_index(
        "ix_job_told",
        "job",
        ["delivery_lease_until"],
        unique=False,
        postgresql_where=sa.text("delivery_worker IS NOT NULL"),
        sqlite_where=sa.text("delivery_worker IS NOT NULL"),
    )
    op.create_index(
        "ix_job_unfinished",
        "job",
        ["user_id", "number"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'submitting', 'submitted')"),
        sqlite_where=sa.text("status IN ('queued', 'submitting', 'submitted')"),
    )
    op.create_index("ix_job_user", "job", ["user_id", "number"], unique=False)
    op.create_table(
        "lane",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("vtime", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_lane")),
    )
    op.create_index(
        "ix_lane_ready",
        "lane",
        ["vtime", "user_id"],
        unique=False,
        postgresql_where=sa.text("queued > 0 AND running < cap"),
        sqlite_where=sa.text("queued > 0 AND running < cap"),
    )
    op.create_table(
        "ledger",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_at"), "ledger", ["at"], unique=False)
    op.create_index(op.f("ix_ledger_job_id"), "ledger", ["job_id"], unique=False)
    op.create_table(
        "member",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("showcase", sa.Boolean(), nullable=False),
        sa.Column("welcomed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_member")),
    )
    op.create_table(
        "note",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_note")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("age_restricted", sa.Boolean(), nullable=False),
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("board_id", sa.BigInteger(), nullable=False),
        sa.Column("forum", sa.Boolean(), nullable=False),
        sa.Column("emoji", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("shown_stars", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("shown_at", sa.Float(), nullable=True),
        sa.Column("edited_at", sa.Float(), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_entry_job_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("job_number", "board_id", name=op.f("uq_entry_job_number_board_id")),
    )
    op.create_index(
        "ix_entry_best",
        "entry",
        ["guild_id", "stars", "shown_at", "age_restricted", "wanted"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_credit",
        "entry",
        ["guild_id", "user_id", "stars", "age_restricted", "wanted"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_due",
        "entry",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entry_lease",
        "entry",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("worker IS NOT NULL"),
        sqlite_where=sa.text("worker IS NOT NULL"),
    )
    op.create_index(op.f("ix_entry_message_id"), "entry", ["message_id"], unique=False)
    op.create_index(
        "ix_entry_recent",
        "entry",
        ["guild_id", "shown_at", "user_id", "stars", "age_restricted", "wanted"],
        unique=False,
        postgresql_where=sa.text("message_id IS NOT NULL"),
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_entry_user_id"), "entry", ["user_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("vote_changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_message_job_number")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_job_number"), "message", ["job_number"], unique=False)
    op.create_table(
        "picture",
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_picture_job_number")),
        sa.PrimaryKeyConstraint("job_number", "key", name=op.f("pk_picture")),
    )
    op.create_index(op.f("ix_picture_key"), "picture", ["key"], unique=False)
    op.create_table(
        "report",
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_report_job_number")),
        sa.PrimaryKeyConstraint("job_number", "user_id", name=op.f("pk_report")),
    )
    op.create_index("ix_report_user", "report", ["user_id", "at"], unique=False)
    op.create_table(
        "result",
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("picture", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_result_job_number")),
        sa.PrimaryKeyConstraint("job_number", "position", name=op.f("pk_result")),
    )
    op.create_table(
        "vote",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("burst", sa.Boolean(), nullable=False),
        sa.Column(
            "job_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(["job_number"], ["job.number"], name=op.f("fk_vote_job_number")),
        sa.PrimaryKeyConstraint("message_id", "user_id", "burst", name=op.f("pk_vote")),
    )
    op.create_index("ix_vote_job", "vote", ["job_number", "user_id"], unique=False)
    op.create_index(op.f("ix_vote_user_id"), "vote", ["user_id"], unique=False)
