"""insurance in full: what a policy pays and how far it is used, certificates, incidents, claims, sent bordereaux."""

import secrets

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CODE_BYTES = 16


def upgrade() -> None:
    _upgrade_policies()
    _upgrade_covers()


def downgrade() -> None:
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
