"""A group's capacity counts who is there at one moment: two who follow one another need one place."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CAPACITY = "ex_booking_group_capacity"
# A peak begins where somebody comes; what lay before one's own time was held when the others came.
MOST_AT_ONE_MOMENT = """EXISTS (SELECT 1 FROM booking AS own
    JOIN booking AS other ON other.group_id = own.group_id
    JOIN booking_child AS comes ON comes.booking_id = other.id
    WHERE own.id = NEW.booking_id AND own.group_id IS NOT NULL
    AND comes.live AND comes.start_at >= NEW.start_at AND comes.start_at < NEW.end_at
    AND own.group_capacity < (SELECT count(*) FROM booking_child AS held
        JOIN booking AS theirs ON theirs.id = held.booking_id
        WHERE theirs.group_id = own.group_id AND held.live
        AND held.start_at <= comes.start_at AND held.end_at > comes.start_at))"""
ALL_WHO_MEET = """EXISTS (SELECT 1 FROM booking AS own WHERE own.id = NEW.booking_id AND own.group_id IS NOT NULL
    AND own.group_capacity < (SELECT count(*) FROM booking_child AS held
        JOIN booking AS theirs ON theirs.id = held.booking_id
        WHERE theirs.group_id = own.group_id AND held.live
        AND held.start_at < NEW.end_at AND held.end_at > NEW.start_at))"""


def upgrade() -> None:
    _guard(MOST_AT_ONE_MOMENT)


def downgrade() -> None:
    _guard(ALL_WHO_MEET)


def _guard(beyond_capacity: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE OR REPLACE FUNCTION refuse_group_beyond_capacity() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF {beyond_capacity} THEN RAISE EXCEPTION '{CAPACITY}'; END IF;
                RETURN NULL;
            END $$""")
        return
    for verb in ("insert", "update"):
        op.execute(f"DROP TRIGGER {CAPACITY}_{verb}")
        op.execute(
            f"CREATE TRIGGER {CAPACITY}_{verb} AFTER {verb.upper()} ON booking_child WHEN NEW.live BEGIN "
            f"SELECT RAISE(ABORT, '{CAPACITY}') WHERE {beyond_capacity}; END"
        )
