"""A letter about a claim may have papers with it."""

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "claim_attachment"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", BigId, nullable=False),
        sa.Column("letter_id", BigId, nullable=False),
        sa.Column("added_by", BigId, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["claim_letter.id"], name=op.f("fk_claim_attachment_letter_id")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_claim_attachment_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_attachment")),
    )
    op.create_index(op.f("ix_claim_attachment_letter_id"), TABLE, ["letter_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_claim_attachment_letter_id"), TABLE)
    op.drop_table(TABLE)
