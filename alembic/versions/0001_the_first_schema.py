"""the first schema."""

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, Json, UtcDateTime
from sharecare.journal.models import current_tx

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", BigId, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name_ja", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("slug", name=op.f("uq_area_slug")),
    )
    op.create_table(
        "demo_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_mark")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "journal_fact",
        sa.Column("id", BigId, nullable=False),
        sa.Column("tx", sa.BigInteger(), server_default=current_tx(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("area_id", BigId, nullable=True),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("other_id", BigId, nullable=True),
        sa.Column("request_id", BigId, nullable=True),
        sa.Column("booking_id", BigId, nullable=True),
        sa.Column("cell", BigId, nullable=True),
        sa.Column("start_at", UtcDateTime(), nullable=True),
        sa.Column("end_at", UtcDateTime(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("data", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_fact")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journal_fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_fact_area_id_at"), ["area_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_fact_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_fact_person_id_kind_at"), ["person_id", "kind", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_journal_fact_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_fact_tx"), ["tx"], unique=False)

    op.create_table(
        "journal_feed_mark",
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("position", BigId, nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_journal_feed_mark")),
    )
    op.create_table(
        "journal_seal",
        sa.Column("seq", BigId, nullable=False),
        sa.Column("fact_id", BigId, nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_seal")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_journal_seal_fact_id")),
    )
    op.create_table(
        "area_day",
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_day_area_id")),
        sa.PrimaryKeyConstraint("area_id", "day", name=op.f("pk_area_day")),
    )
    op.create_table(
        "area_goal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_goal_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_goal")),
        sa.UniqueConstraint("area_id", "metric", name=op.f("uq_area_goal_area_id_metric")),
    )
    op.create_table(
        "household",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_household_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_area_id"), ["area_id"], unique=False)

    op.create_table(
        "insurance_policy",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("insurer", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("liability_yen", sa.Integer(), nullable=False),
        sa.Column("property_yen", sa.Integer(), nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_insurance_policy_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_policy")),
        sa.UniqueConstraint("number", name=op.f("uq_insurance_policy_number")),
    )
    with op.batch_alter_table("insurance_policy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_insurance_policy_area_id"), ["area_id"], unique=False)

    op.create_table(
        "town_block",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=True),
        sa.Column("city_code", sa.String(length=5), nullable=False),
        sa.Column("prefecture", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("cell", BigId, nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_town_block_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_town_block")),
        sa.UniqueConstraint("city_code", "town", "part", name=op.f("uq_town_block_city_code_town_part")),
    )
    with op.batch_alter_table("town_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_town_block_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_town_block_cell"), ["cell"], unique=False)

    op.create_table(
        "child",
        sa.Column("id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("birth_month", sa.Date(), nullable=False),
        sa.Column("allergies", sa.String(length=1000), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_child_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
    )
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_child_household_id"), ["household_id"], unique=False)

    op.create_table(
        "home",
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("postal_code", sa.String(length=8), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("town_block_id", BigId, nullable=True),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("cell", BigId, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_home_household_id")),
        sa.ForeignKeyConstraint(["town_block_id"], ["town_block.id"], name=op.f("fk_home_town_block_id")),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_home")),
    )
    with op.batch_alter_table("home", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_home_cell"), ["cell"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_requester", sa.Boolean(), nullable=False),
        sa.Column("is_supporter", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_person_area_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_person_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_household_id"), ["household_id"], unique=False)

    op.create_table(
        "block",
        sa.Column("blocker_id", BigId, nullable=False),
        sa.Column("blocked_id", BigId, nullable=False),
        sa.Column("blocked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["blocked_id"], ["person.id"], name=op.f("fk_block_blocked_id")),
        sa.ForeignKeyConstraint(["blocker_id"], ["person.id"], name=op.f("fk_block_blocker_id")),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("pk_block")),
    )
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_block_blocked_id"), ["blocked_id"], unique=False)

    op.create_table(
        "care_request",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("means", sa.String(length=10), nullable=True),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("cell", BigId, nullable=False),
        sa.Column("to_place", sa.String(length=200), nullable=True),
        sa.Column("to_lat", sa.Float(), nullable=True),
        sa.Column("to_lon", sa.Float(), nullable=True),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("max_distance_m", sa.Integer(), nullable=False),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("reach", sa.String(length=20), nullable=False),
        sa.Column("circle", sa.String(length=20), nullable=False),
        sa.Column("next_wave_at", UtcDateTime(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("first_acceptance_decides", sa.Boolean(), nullable=False),
        sa.Column("named_supporter_id", BigId, nullable=True),
        sa.Column("handover_start", sa.String(length=12), nullable=False),
        sa.Column("handover_finish", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_care_request_window")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_care_request_area_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_care_request_household_id")),
        sa.ForeignKeyConstraint(["named_supporter_id"], ["person.id"], name=op.f("fk_care_request_named_supporter_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_care_request_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_request")),
    )
    with op.batch_alter_table("care_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_request_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_request_household_id_id"), ["household_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_request_requester_id"), ["requester_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_request_state_next_wave_at"), ["state", "next_wave_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_request_state_start_at"), ["state", "start_at"], unique=False)

    op.create_table(
        "community",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("steward_id", BigId, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_community_area_id")),
        sa.ForeignKeyConstraint(["steward_id"], ["person.id"], name=op.f("fk_community_steward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_community_steward_id"), ["steward_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_credential_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_person_id_kind"), ["person_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_credential_state_expires_at"), ["state", "expires_at"], unique=False)

    op.create_table(
        "friend_invitation",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_friend_invitation_person_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_friend_invitation")),
    )
    with op.batch_alter_table("friend_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_friend_invitation_person_id"), ["person_id"], unique=False)

    op.create_table(
        "hours_exception",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "end_minute > start_minute AND end_minute <= start_minute + 1440", name=op.f("ck_hours_exception_end")
        ),
        sa.CheckConstraint("start_minute >= 0 AND start_minute < 1440", name=op.f("ck_hours_exception_start")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_exception_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_exception")),
    )
    with op.batch_alter_table("hours_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hours_exception_person_id"), ["person_id"], unique=False)

    op.create_table(
        "insurance_cover",
        sa.Column("id", BigId, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("supporter_id", BigId, nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("bound_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_insurance_cover_policy_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["person.id"], name=op.f("fk_insurance_cover_supporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_cover")),
        sa.UniqueConstraint("number", name=op.f("uq_insurance_cover_number")),
    )
    with op.batch_alter_table("insurance_cover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_insurance_cover_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_insurance_cover_supporter_id"), ["supporter_id"], unique=False)

    op.create_table(
        "meeting_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_meeting_code_person_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_meeting_code")),
    )
    with op.batch_alter_table("meeting_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_person_id_id"), ["person_id", "id"], unique=False)

    op.create_table(
        "one_time_token",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_token_secret_hash")),
    )
    with op.batch_alter_table("one_time_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "record_access",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("reader_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_record_access_person_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_record_access_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_access")),
    )
    with op.batch_alter_table("record_access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_access_person_id"), ["person_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("before_hash", sa.String(length=64), nullable=True),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_in_secret_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_before_hash"), ["before_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "staff_role",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_staff_role_area_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_role_person_id")),
        sa.PrimaryKeyConstraint("person_id", "area_id", name=op.f("pk_staff_role")),
    )
    op.create_table(
        "supporter_profile",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("means", Json, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("min_age_months", sa.Integer(), nullable=False),
        sa.Column("max_age_months", sa.Integer(), nullable=False),
        sa.Column("travel_radius_m", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("introduction", sa.String(length=1000), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supporter_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_supporter_profile")),
    )
    op.create_table(
        "tie",
        sa.Column("low_id", BigId, nullable=False),
        sa.Column("high_id", BigId, nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("low_approved_at", UtcDateTime(), nullable=True),
        sa.Column("high_approved_at", UtcDateTime(), nullable=True),
        sa.Column("low_vouched_at", UtcDateTime(), nullable=True),
        sa.Column("high_vouched_at", UtcDateTime(), nullable=True),
        sa.Column("supports", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_tie_ordered")),
        sa.ForeignKeyConstraint(["high_id"], ["person.id"], name=op.f("fk_tie_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["person.id"], name=op.f("fk_tie_low_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_tie")),
    )
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tie_high_id"), ["high_id"], unique=False)

    op.create_table(
        "weekly_hours",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "end_minute > start_minute AND end_minute <= start_minute + 1440", name=op.f("ck_weekly_hours_end")
        ),
        sa.CheckConstraint("start_minute >= 0 AND start_minute < 1440", name=op.f("ck_weekly_hours_start")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_weekly_hours_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weekly_hours_person_id"), ["person_id"], unique=False)

    op.create_table(
        "ask",
        sa.Column("id", BigId, nullable=False),
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("supporter_id", BigId, nullable=False),
        sa.Column("circle", sa.String(length=20), nullable=False),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["care_request.id"], name=op.f("fk_ask_request_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["person.id"], name=op.f("fk_ask_supporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint("request_id", "supporter_id", name=op.f("uq_ask_request_id_supporter_id")),
    )
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_supporter_id"), ["supporter_id"], unique=False)

    op.create_table(
        "care_request_child",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("child_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_care_request_child_child_id")),
        sa.ForeignKeyConstraint(["request_id"], ["care_request.id"], name=op.f("fk_care_request_child_request_id")),
        sa.PrimaryKeyConstraint("request_id", "child_id", name=op.f("pk_care_request_child")),
    )
    op.create_table(
        "community_membership",
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_community_membership_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_community_membership_person_id")),
        sa.PrimaryKeyConstraint("community_id", "person_id", name=op.f("pk_community_membership")),
    )
    with op.batch_alter_table("community_membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_membership_person_id"), ["person_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_state_next_try_at"), ["state", "next_try_at"], unique=False)

    op.create_table(
        "insurance_ledger",
        sa.Column("id", BigId, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("cover_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["cover_id"], ["insurance_cover.id"], name=op.f("fk_insurance_ledger_cover_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_insurance_ledger_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_ledger")),
        sa.UniqueConstraint("policy_id", "seq", name=op.f("uq_insurance_ledger_policy_id_seq")),
    )
    with op.batch_alter_table("insurance_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_insurance_ledger_cover_id"), ["cover_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("supporter_id", BigId, nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["care_request.id"], name=op.f("fk_offer_request_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["person.id"], name=op.f("fk_offer_supporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_supporter_id"), ["supporter_id"], unique=False)
        batch_op.create_index(
            "uq_offer_standing",
            ["request_id", "supporter_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'accepted')"),
            postgresql_where=sa.text("state IN ('open', 'accepted')"),
        )

    op.create_table(
        "booking",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("offer_id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("supporter_id", BigId, nullable=False),
        sa.Column("cover_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("required_level", sa.Integer(), nullable=False),
        sa.Column("needs_notification", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("end_prompted_at", UtcDateTime(), nullable=True),
        sa.Column("overdue_told_at", UtcDateTime(), nullable=True),
        sa.Column("pin_failures", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=10), nullable=True),
        sa.Column("close_reason", sa.String(length=500), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_booking_window")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_booking_area_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["insurance_cover.id"], name=op.f("fk_booking_cover_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_booking_household_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_booking_offer_id")),
        sa.ForeignKeyConstraint(["request_id"], ["care_request.id"], name=op.f("fk_booking_request_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_booking_requester_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["person.id"], name=op.f("fk_booking_supporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("cover_id", name=op.f("uq_booking_cover_id")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_household_id_id"), ["household_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_state_end_at"), ["state", "end_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_booking_supporter_id_start_at"), ["supporter_id", "start_at"], unique=False
        )
        batch_op.create_index(
            "uq_booking_live",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('confirmed', 'in_care')"),
            postgresql_where=sa.text("state IN ('confirmed', 'in_care')"),
        )

    op.create_table(
        "booking_change",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("proposed_by", BigId, nullable=False),
        sa.Column("new_end_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_change_booking_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_booking_change_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_change")),
    )
    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_change_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "booking_child",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("child_id", BigId, nullable=False),
        sa.Column("age_months", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_child_booking_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_booking_child_child_id")),
        sa.PrimaryKeyConstraint("booking_id", "child_id", name=op.f("pk_booking_child")),
    )
    with op.batch_alter_table("booking_child", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_child_child_id_start_at"), ["child_id", "start_at"], unique=False)

    op.create_table(
        "cost_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", BigId, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("yen >= 0", name=op.f("ck_cost_line_yen")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_cost_line_booking_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_cost_line_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_line")),
    )
    with op.batch_alter_table("cost_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cost_line_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "handover",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("end", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=12), nullable=False),
        sa.Column("recorded_by", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_handover_booking_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_handover_recorded_by")),
        sa.PrimaryKeyConstraint("booking_id", "end", name=op.f("pk_handover")),
    )


def downgrade() -> None:
    op.drop_table("handover")
    with op.batch_alter_table("cost_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cost_line_booking_id"))

    op.drop_table("cost_line")
    with op.batch_alter_table("booking_child", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_child_child_id_start_at"))

    op.drop_table("booking_child")
    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_change_booking_id"))

    op.drop_table("booking_change")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_live",
            sqlite_where=sa.text("state IN ('confirmed', 'in_care')"),
            postgresql_where=sa.text("state IN ('confirmed', 'in_care')"),
        )
        batch_op.drop_index(batch_op.f("ix_booking_supporter_id_start_at"))
        batch_op.drop_index(batch_op.f("ix_booking_state_end_at"))
        batch_op.drop_index(batch_op.f("ix_booking_request_id"))
        batch_op.drop_index(batch_op.f("ix_booking_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_booking_area_id"))

    op.drop_table("booking")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_standing",
            sqlite_where=sa.text("state IN ('open', 'accepted')"),
            postgresql_where=sa.text("state IN ('open', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_offer_supporter_id"))
        batch_op.drop_index(batch_op.f("ix_offer_request_id"))

    op.drop_table("offer")
    with op.batch_alter_table("insurance_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_insurance_ledger_cover_id"))

    op.drop_table("insurance_ledger")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_state_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_delivery_message_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("community_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_membership_person_id"))

    op.drop_table("community_membership")
    op.drop_table("care_request_child")
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_supporter_id"))

    op.drop_table("ask")
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_weekly_hours_person_id"))

    op.drop_table("weekly_hours")
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tie_high_id"))

    op.drop_table("tie")
    op.drop_table("supporter_profile")
    op.drop_table("staff_role")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_before_hash"))

    op.drop_table("sign_in")
    with op.batch_alter_table("record_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_access_person_id"))

    op.drop_table("record_access")
    with op.batch_alter_table("one_time_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_token_person_id"))

    op.drop_table("one_time_token")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_person_id_id"))

    op.drop_table("message")
    with op.batch_alter_table("meeting_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_code_person_id"))

    op.drop_table("meeting_code")
    with op.batch_alter_table("insurance_cover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_insurance_cover_supporter_id"))
        batch_op.drop_index(batch_op.f("ix_insurance_cover_policy_id"))

    op.drop_table("insurance_cover")
    with op.batch_alter_table("hours_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hours_exception_person_id"))

    op.drop_table("hours_exception")
    with op.batch_alter_table("friend_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_friend_invitation_person_id"))

    op.drop_table("friend_invitation")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_credential_person_id_kind"))

    op.drop_table("credential")
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_steward_id"))
        batch_op.drop_index(batch_op.f("ix_community_area_id"))

    op.drop_table("community")
    with op.batch_alter_table("care_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_request_state_start_at"))
        batch_op.drop_index(batch_op.f("ix_care_request_state_next_wave_at"))
        batch_op.drop_index(batch_op.f("ix_care_request_requester_id"))
        batch_op.drop_index(batch_op.f("ix_care_request_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_care_request_area_id"))

    op.drop_table("care_request")
    with op.batch_alter_table("block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_block_blocked_id"))

    op.drop_table("block")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_household_id"))
        batch_op.drop_index(batch_op.f("ix_person_area_id"))

    op.drop_table("person")
    with op.batch_alter_table("home", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_home_cell"))

    op.drop_table("home")
    with op.batch_alter_table("child", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_child_household_id"))

    op.drop_table("child")
    with op.batch_alter_table("town_block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_town_block_cell"))
        batch_op.drop_index(batch_op.f("ix_town_block_area_id"))

    op.drop_table("town_block")
    with op.batch_alter_table("insurance_policy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_insurance_policy_area_id"))

    op.drop_table("insurance_policy")
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_area_id"))

    op.drop_table("household")
    op.drop_table("area_goal")
    op.drop_table("area_day")
    op.drop_table("journal_seal")
    op.drop_table("journal_feed_mark")
    with op.batch_alter_table("journal_fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_fact_tx"))
        batch_op.drop_index(batch_op.f("ix_journal_fact_request_id"))
        batch_op.drop_index(batch_op.f("ix_journal_fact_person_id_kind_at"))
        batch_op.drop_index(batch_op.f("ix_journal_fact_booking_id"))
        batch_op.drop_index(batch_op.f("ix_journal_fact_area_id_at"))

    op.drop_table("journal_fact")
    op.drop_table("idempotency_key")
    op.drop_table("demo_mark")
    op.drop_table("area")
