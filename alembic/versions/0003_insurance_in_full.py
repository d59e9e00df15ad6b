"""insurance in full: what a policy pays and how far it is used, certificates, incidents, claims, sent bordereaux."""

import secrets

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CODE_BYTES = 16
APPEND_ONLY = ("claim_ledger", "insurance_bordereau")


def upgrade() -> None:
    _upgrade_policies()
    _upgrade_covers()
    _create_tables()
    _guard()
    _count_safety(counted=True)


def downgrade() -> None:
    _count_safety(counted=False)
    _unguard()
    _drop_tables()
    with op.batch_alter_table("insurance_cover", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_insurance_cover_code"), type_="unique")
        batch_op.drop_column("code")
    op.drop_table("insurance_usage")
    with op.batch_alter_table("insurance_policy", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_insurance_policy_area_id_version"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_insurance_policy_insurer"))
        batch_op.drop_column("schedule")
        batch_op.drop_column("version")


def _upgrade_policies() -> None:
    with op.batch_alter_table("insurance_policy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("schedule", Json, nullable=True))
    op.execute(
        "UPDATE insurance_policy SET schedule = '{}', version = (SELECT count(*) FROM insurance_policy AS earlier "
        "WHERE earlier.area_id = insurance_policy.area_id AND earlier.id <= insurance_policy.id)"
    )
    with op.batch_alter_table("insurance_policy", schema=None) as batch_op:
        batch_op.alter_column("version", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("schedule", existing_type=Json, nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_insurance_policy_area_id_version"), ["area_id", "version"])
        batch_op.create_index(batch_op.f("ix_insurance_policy_insurer"), ["insurer"], unique=False)
    op.create_table(
        "insurance_usage",
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("supports", sa.Integer(), nullable=False),
        sa.Column("premium_yen", sa.BigInteger(), nullable=False),
        sa.Column("claims_yen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_insurance_usage_policy_id")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_insurance_usage")),
    )
    op.execute(
        "INSERT INTO insurance_usage (policy_id, supports, premium_yen, claims_yen) "
        "SELECT id, (SELECT count(*) FROM insurance_cover "
        "WHERE policy_id = insurance_policy.id AND state <> 'voided'), 0, 0 FROM insurance_policy"
    )


def _upgrade_covers() -> None:
    with op.batch_alter_table("insurance_cover", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=30), nullable=True))
    connection = op.get_bind()
    covers = sa.table("insurance_cover", sa.column("id", BigId), sa.column("code", sa.String))
    for cover_id in connection.execute(sa.select(covers.c.id)).scalars().all():
        code = secrets.token_urlsafe(CODE_BYTES)
        connection.execute(sa.update(covers).where(covers.c.id == cover_id).values(code=code))
    with op.batch_alter_table("insurance_cover", schema=None) as batch_op:
        batch_op.alter_column("code", existing_type=sa.String(length=30), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_insurance_cover_code"), ["code"])


def _create_tables() -> None:
    op.create_table(
        "insurance_bordereau",
        sa.Column("id", BigId, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_by", BigId, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_insurance_bordereau_policy_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_insurance_bordereau_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_bordereau")),
        sa.UniqueConstraint(
            "policy_id", "kind", "month", "number", name=op.f("uq_insurance_bordereau_policy_id_kind_month_number")
        ),
    )
    op.create_table(
        "insurer_role",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("insurer", sa.String(length=80), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_insurer_role_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_insurer_role")),
    )
    op.create_table(
        "incident",
        sa.Column("id", BigId, nullable=False),
        sa.Column("area_id", BigId, nullable=False),
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reported_by", BigId, nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=4000), nullable=False),
        sa.Column("injured", sa.String(length=10), nullable=False),
        sa.Column("child_id", BigId, nullable=True),
        sa.Column("injury", sa.String(length=1000), nullable=False),
        sa.Column("treatment", sa.String(length=10), nullable=False),
        sa.Column("treatment_days", sa.Integer(), nullable=True),
        sa.Column("unconscious", sa.Boolean(), nullable=False),
        sa.Column("death", sa.Boolean(), nullable=False),
        sa.Column("damage", sa.String(length=1000), nullable=False),
        sa.Column("third_party", sa.String(length=1000), nullable=False),
        sa.Column("witnesses", Json, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("conclusion", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_incident_area_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_incident_booking_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_incident_child_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_incident_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_area_id_id"), ["area_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("peril", sa.String(length=10), nullable=False),
        sa.Column("claimant", sa.String(length=12), nullable=False),
        sa.Column("circumstances", Json, nullable=False),
        sa.Column("claimed_yen", sa.Integer(), nullable=False),
        sa.Column("reserve_yen", sa.Integer(), nullable=False),
        sa.Column("paid_yen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filed_by", BigId, nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["filed_by"], ["person.id"], name=op.f("fk_claim_filed_by")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_claim_incident_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_claim_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("number", name=op.f("uq_claim_number")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_incident_id"), ["incident_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_policy_id"), ["policy_id"], unique=False)

    op.create_table(
        "incident_mark",
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("near_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("warned_at", UtcDateTime(), nullable=True),
        sa.Column("overdue_told_at", UtcDateTime(), nullable=True),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_mark_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "step", name=op.f("pk_incident_mark")),
    )
    with op.batch_alter_table("incident_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_mark_met_at_near_at"), ["met_at", "near_at"], unique=False)

    op.create_table(
        "incident_note",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("written_by", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_note_incident_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_incident_note_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_note")),
    )
    with op.batch_alter_table("incident_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_note_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incident_photo",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("taken_by", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_photo_incident_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_incident_photo_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_photo")),
    )
    with op.batch_alter_table("incident_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_photo_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "claim_ledger",
        sa.Column("id", BigId, nullable=False),
        sa.Column("policy_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("claim_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claimed_yen", sa.BigInteger(), nullable=False),
        sa.Column("reserve_yen", sa.BigInteger(), nullable=False),
        sa.Column("paid_yen", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_ledger_claim_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policy.id"], name=op.f("fk_claim_ledger_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_ledger")),
        sa.UniqueConstraint("policy_id", "seq", name=op.f("uq_claim_ledger_policy_id_seq")),
    )
    with op.batch_alter_table("claim_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_ledger_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_letter",
        sa.Column("id", BigId, nullable=False),
        sa.Column("claim_id", BigId, nullable=False),
        sa.Column("correspondent", sa.String(length=12), nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=4000), nullable=False),
        sa.Column("written_by", BigId, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_letter_claim_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_claim_letter_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_letter")),
    )
    with op.batch_alter_table("claim_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_letter_claim_id"), ["claim_id"], unique=False)


def _drop_tables() -> None:
    with op.batch_alter_table("claim_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_letter_claim_id"))

    op.drop_table("claim_letter")
    with op.batch_alter_table("claim_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_ledger_claim_id"))

    op.drop_table("claim_ledger")
    with op.batch_alter_table("incident_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_photo_incident_id"))

    op.drop_table("incident_photo")
    with op.batch_alter_table("incident_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_note_incident_id"))

    op.drop_table("incident_note")
    with op.batch_alter_table("incident_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_mark_met_at_near_at"))

    op.drop_table("incident_mark")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_policy_id"))
        batch_op.drop_index(batch_op.f("ix_claim_incident_id"))

    op.drop_table("claim")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_booking_id"))
        batch_op.drop_index(batch_op.f("ix_incident_area_id_id"))

    op.drop_table("incident")
    op.drop_table("insurer_role")
    op.drop_table("insurance_bordereau")


def _guard() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
            )
            continue
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _unguard() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            continue
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}")


def _count_safety(*, counted: bool) -> None:
    """Give the figures of days gone by what they now hold as well: nothing had been reported."""
    connection = op.get_bind()
    days = sa.table("area_day", sa.column("area_id", BigId), sa.column("day", sa.Date), sa.column("figures", Json))
    for area_id, day, figures in connection.execute(sa.select(days.c.area_id, days.c.day, days.c.figures)).all():
        flow = {name: told for name, told in figures["flow"].items() if name != "safety"}
        told = {**figures, "flow": flow | ({"safety": []} if counted else {})}
        one = (days.c.area_id == area_id) & (days.c.day == day)
        connection.execute(sa.update(days).where(one).values(figures=told))
