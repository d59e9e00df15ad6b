"""A contest belongs to one report of a no-show: who reports again after taking it back is contested anew."""

import sqlalchemy as sa
from alembic import op

from sharecare.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE, KEY = "no_show_contest", "pk_no_show_contest"
OF_BOOKING = f"FROM booking WHERE booking.id = {TABLE}.booking_id"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("reported_at", UtcDateTime(), nullable=True))
    # A contest was deleted with its report, so that each here is of the report that ended its booking.
    op.execute(f"UPDATE {TABLE} SET reported_at = (SELECT closed_at {OF_BOOKING})")
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("reported_at", existing_type=UtcDateTime(), nullable=False)
        table.drop_constraint(op.f(KEY), type_="primary")
        table.create_primary_key(op.f(KEY), ["booking_id", "reported_at"])


def downgrade() -> None:
    op.execute(f"DELETE FROM {TABLE} WHERE NOT EXISTS (SELECT 1 {OF_BOOKING} AND closed_at = {TABLE}.reported_at)")
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(op.f(KEY), type_="primary")
        table.create_primary_key(op.f(KEY), ["booking_id"])
    with op.batch_alter_table(TABLE) as table:
        table.drop_column("reported_at")
