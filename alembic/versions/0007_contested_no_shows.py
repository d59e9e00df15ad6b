"""What is said against a no-show, and what staff decided."""

import sqlalchemy as sa
from alembic import op

from sharecare.columns import BigId, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "no_show_contest",
        sa.Column("booking_id", BigId, nullable=False),
        sa.Column("contested_by", BigId, nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("contested_at", UtcDateTime(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(stands IS NULL) = (decided_at IS NULL)", name=op.f("ck_no_show_contest_decided")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_no_show_contest_booking_id")),
        sa.ForeignKeyConstraint(["contested_by"], ["person.id"], name=op.f("fk_no_show_contest_contested_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_no_show_contest_decided_by")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_no_show_contest")),
    )


def downgrade() -> None:
    op.drop_table("no_show_contest")
