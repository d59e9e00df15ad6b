"""The care day in full: sheets, conditions, notes, alarms, gaps, series; and group care, which the guards allow."""

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LIVE = "{row}state IN ('confirmed', 'in_care')"
SAME_TIME = "held.start_at < NEW.end_at AND held.end_at > NEW.start_at"
SUPPORTER = "ex_booking_supporter_overlap"
GROUP, CAPACITY = "ex_booking_group_overlap", "ex_booking_group_capacity"


def upgrade() -> None:
    _drop_guards()
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER cover_gap_no_delete ON cover_gap")
        op.execute(f"DROP TRIGGER {GROUP} ON booking")
        op.execute(f"DROP TRIGGER {CAPACITY} ON booking_child")
        op.execute("DROP FUNCTION refuse_group_overlap()")
        op.execute("DROP FUNCTION refuse_group_beyond_capacity()")
    else:
        op.execute("DROP TRIGGER cover_gap_no_delete")
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER {CAPACITY}_{verb}")
    _drop_guards()
    _drop_tables()
    _guard_as_before()


def _drop_guards() -> None:
    """Take away the guard of a supporter's time; SQLite also loses it with every rebuilt table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE booking DROP CONSTRAINT {SUPPORTER}")
    else:
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER {SUPPORTER}_{verb}")


def _exclude(where: str) -> str:
    return (
        f"ALTER TABLE booking ADD CONSTRAINT {SUPPORTER} EXCLUDE USING gist ("
        "int8range(supporter_id, supporter_id, '[]') WITH &&, tstzrange(start_at, end_at, '[)') WITH &&"
        f") WHERE ({where})"
    )


def _supporter_trigger(verb: str, unless: str) -> str:
    return (
        f"CREATE TRIGGER {SUPPORTER}_{verb} BEFORE {verb.upper()} ON booking "
        f"WHEN {LIVE.format(row='NEW.')} BEGIN "
        f"SELECT RAISE(ABORT, '{SUPPORTER}') WHERE EXISTS (SELECT 1 FROM booking AS held "
        f"WHERE held.supporter_id = NEW.supporter_id AND {LIVE.format(row='held.')} AND {SAME_TIME}{unless}"
        f"{'' if verb == 'insert' else ' AND held.rowid <> OLD.rowid'}); END"
    )


def _guard_as_before() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_exclude(LIVE.format(row="")))
    else:
        for verb in ("insert", "update"):
            op.execute(_supporter_trigger(verb, ""))


def _guard_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER cover_gap_no_delete BEFORE DELETE OR TRUNCATE ON cover_gap "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(_exclude(f"{LIVE.format(row='')} AND group_id IS NULL"))
    # A trigger sees only what is committed, so whoever touches one supporter's time takes turns at the person's row.
    op.execute(f"""
        CREATE FUNCTION refuse_group_overlap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM 1 FROM person WHERE id = NEW.supporter_id FOR NO KEY UPDATE;
            IF EXISTS (SELECT 1 FROM booking AS held
                WHERE held.supporter_id = NEW.supporter_id AND held.id <> NEW.id AND {LIVE.format(row="held.")}
                AND (held.group_id IS NOT NULL OR NEW.group_id IS NOT NULL)
                AND held.group_id IS DISTINCT FROM NEW.group_id AND {SAME_TIME})
            THEN RAISE EXCEPTION '{SUPPORTER}'; END IF;
            RETURN NEW;
        END $$""")
    op.execute(
        f"CREATE TRIGGER {GROUP} BEFORE INSERT OR UPDATE OF supporter_id, state, start_at, end_at, group_id ON booking "
        f"FOR EACH ROW WHEN ({LIVE.format(row='NEW.')}) EXECUTE FUNCTION refuse_group_overlap()"
    )
    op.execute(f"""
        CREATE FUNCTION refuse_group_beyond_capacity() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {_beyond_capacity()} THEN RAISE EXCEPTION '{CAPACITY}'; END IF;
            RETURN NULL;
        END $$""")
    op.execute(
        f"CREATE TRIGGER {CAPACITY} AFTER INSERT OR UPDATE ON booking_child "
        "FOR EACH ROW WHEN (NEW.live) EXECUTE FUNCTION refuse_group_beyond_capacity()"
    )


def _guard_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER cover_gap_no_delete BEFORE DELETE ON cover_gap "
        "BEGIN SELECT RAISE(ABORT, 'cover_gap is append-only'); END"
    )
    for verb in ("insert", "update"):
        op.execute(
            _supporter_trigger(
                verb, " AND (held.group_id IS NULL OR NEW.group_id IS NULL OR held.group_id <> NEW.group_id)"
            )
        )
        op.execute(
            f"CREATE TRIGGER {CAPACITY}_{verb} AFTER {verb.upper()} ON booking_child WHEN NEW.live BEGIN "
            f"SELECT RAISE(ABORT, '{CAPACITY}') WHERE {_beyond_capacity()}; END"
        )


def _beyond_capacity() -> str:
    """Count everyone whose time meets the new one's: too careful where two others follow one another, never too lax."""
    return f"""EXISTS (SELECT 1 FROM booking AS own WHERE own.id = NEW.booking_id AND own.group_id IS NOT NULL
        AND own.group_capacity < (SELECT count(*) FROM booking_child AS held
            JOIN booking AS theirs ON theirs.id = held.booking_id
            WHERE theirs.group_id = own.group_id AND held.live AND {SAME_TIME}))"""


def _make_tables() -> None:

    op.create_table(
        "emergency_contact",
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("place", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_emergency_contact_household_id")),
        sa.PrimaryKeyConstraint("household_id", "place", name=op.f("pk_emergency_contact")),
    )
    op.create_table(
        "care_series",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("skip_holidays", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_care_series_area_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_care_series_household_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_care_series_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_series")),
    )
    with op.batch_alter_table("care_series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_series_area_id"), ["area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_series_household_id_id"), ["household_id", "id"], unique=False)

    op.create_table(
        "pre_meeting",
        sa.Column("id", BigId, nullable=False),
        sa.Column("household_id", BigId, nullable=False),
        sa.Column("supporter_id", BigId, nullable=False),
        sa.Column("children", Json, nullable=False),
        sa.Column("refuge", sa.String(length=300), nullable=False),
        sa.Column("doctor", sa.String(length=300), nullable=False),
        sa.Column("hand_over", Json, nullable=False),
        sa.Column("costs", sa.String(length=500), nullable=False),
        sa.Column("rides", Json, nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("written_by", BigId, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_version", sa.String(length=64), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_pre_meeting_household_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["person.id"], name=op.f("fk_pre_meeting_supporter_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_pre_meeting_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pre_meeting")),
        sa.UniqueConstraint("household_id", "supporter_id", name=op.f("uq_pre_meeting_household_id_supporter_id")),
    )
    with op.batch_alter_table("pre_meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pre_meeting_supporter_id"), ["supporter_id"], unique=False)

    op.create_table(
        "care_series_date",
        sa.Column("series_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("request_id", BigId, nullable=True),
        sa.Column("skipped", sa.String(length=40), nullable=True),
        sa.Column("reason_ja", sa.String(length=200), nullable=False),
        sa.Column("reason_en", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(request_id IS NULL) = (skipped IS NOT NULL)", name=op.f("ck_care_series_date_request_or_reason")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["care_request.id"], name=op.f("fk_care_series_date_request_id")),
        sa.ForeignKeyConstraint(["series_id"], ["care_series.id"], name=op.f("fk_care_series_date_series_id")),
        sa.PrimaryKeyConstraint("series_id", "day", name=op.f("pk_care_series_date")),
        sa.UniqueConstraint("request_id", name=op.f("uq_care_series_date_request_id")),
    )
    op.create_table(
        "activity_report",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_activity_report_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_activity_report")),
    )
    op.create_table(
        "care_alarm",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_step_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_care_alarm_answered_by")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_care_alarm_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_alarm")),
    )
    with op.batch_alter_table("care_alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_alarm_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_alarm_next_step_at"), ["next_step_at"], unique=False)

    op.create_table(
        "care_note",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_care_note_author_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_care_note_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_note")),
    )
    with op.batch_alter_table("care_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_note_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "condition_check",
        sa.Column("id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("child_id", BigId, nullable=False),
        sa.Column("temperature_c", sa.Float(), nullable=False),
        sa.Column("condition", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("taken_in", sa.Boolean(), nullable=False),
        sa.Column("checked_by", BigId, nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_condition_check_booking_id")),
        sa.ForeignKeyConstraint(["checked_by"], ["person.id"], name=op.f("fk_condition_check_checked_by")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_condition_check_child_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_check")),
    )
    with op.batch_alter_table("condition_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_condition_check_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "cover_gap",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("explanation", sa.String(length=1000), nullable=False),
        sa.Column("explained_by", BigId, nullable=True),
        sa.Column("explained_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_cover_gap_window")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_cover_gap_minutes")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_cover_gap_area_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_cover_gap_booking_id")),
        sa.ForeignKeyConstraint(["explained_by"], ["person.id"], name=op.f("fk_cover_gap_explained_by")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_cover_gap")),
    )
    with op.batch_alter_table("cover_gap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cover_gap_area_id"), ["area_id"], unique=False)

    op.create_table(
        "handover_override",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("end", sa.String(length=10), nullable=False),
        sa.Column("staff_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_handover_override_booking_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["person.id"], name=op.f("fk_handover_override_staff_id")),
        sa.PrimaryKeyConstraint("booking_id", "end", name=op.f("pk_handover_override")),
    )
    op.create_table(
        "thank_you",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_thank_you_author_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_thank_you_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_thank_you")),
    )
    op.create_table(
        "care_alarm_step",
        sa.Column("alarm_id", BigId, nullable=False),
        sa.Column("step", BigId, nullable=False),
        sa.Column("reached", sa.String(length=16), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["care_alarm.id"], name=op.f("fk_care_alarm_step_alarm_id")),
        sa.PrimaryKeyConstraint("alarm_id", "step", name=op.f("pk_care_alarm_step")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sheet_told_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("late_told_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("no_show", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("group_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("group_capacity", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_booking_group_id"), ["group_id"], unique=False)

    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("new_start_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("care_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("with_others", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(batch_op.f("ix_care_request_series_id"), ["series_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_care_request_series_id"), "care_series", ["series_id"], ["id"])


def _drop_tables() -> None:
    with op.batch_alter_table("care_request", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_care_request_series_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_care_request_series_id"))
        batch_op.drop_column("with_others")
        batch_op.drop_column("series_id")

    with op.batch_alter_table("booking_change", schema=None) as batch_op:
        batch_op.drop_column("new_start_at")

    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_group_id"))
        batch_op.drop_column("group_capacity")
        batch_op.drop_column("group_id")
        batch_op.drop_column("no_show")
        batch_op.drop_column("late_told_at")
        batch_op.drop_column("sheet_told_at")

    op.drop_table("care_alarm_step")
    op.drop_table("thank_you")
    op.drop_table("handover_override")
    with op.batch_alter_table("cover_gap", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cover_gap_area_id"))

    op.drop_table("cover_gap")
    with op.batch_alter_table("condition_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_condition_check_booking_id"))

    op.drop_table("condition_check")
    with op.batch_alter_table("care_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_note_booking_id"))

    op.drop_table("care_note")
    with op.batch_alter_table("care_alarm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_alarm_next_step_at"))
        batch_op.drop_index(batch_op.f("ix_care_alarm_booking_id"))

    op.drop_table("care_alarm")
    op.drop_table("activity_report")
    op.drop_table("care_series_date")
    with op.batch_alter_table("pre_meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pre_meeting_supporter_id"))

    op.drop_table("pre_meeting")
    with op.batch_alter_table("care_series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_series_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_care_series_area_id"))

    op.drop_table("care_series")
    op.drop_table("emergency_contact")
