"""What only the database can promise: no overlap, and nothing rewritten."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("journal_fact", "journal_seal", "insurance_ledger")
# table, whose time it is, which rows count, the constraint's name
NO_OVERLAP = (
    ("booking", "supporter_id", "{row}state IN ('confirmed', 'in_care')", "ex_booking_supporter_overlap"),
    ("booking_child", "child_id", "{row}live", "ex_booking_child_overlap"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()
    else:
        _upgrade_sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_rewriting()")
        for table, _owner, _counts, name in NO_OVERLAP:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(f"DROP TRIGGER {table}_no_delete")
    for _table, _owner, _counts, name in NO_OVERLAP:
        op.execute(f"DROP TRIGGER {name}_insert")
        op.execute(f"DROP TRIGGER {name}_update")


def _upgrade_postgresql() -> None:
    for table, owner, counts, name in NO_OVERLAP:
        # int8range instead of plain equality needs no btree_gist, which a managed server may not offer.
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ("
            f"int8range({owner}, {owner}, '[]') WITH &&, tstzrange(start_at, end_at, '[)') WITH &&"
            f") WHERE ({counts.format(row='')})"
        )
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def _upgrade_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table, owner, counts, name in NO_OVERLAP:
        for verb in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER {name}_{verb} BEFORE {verb.upper()} ON {table} "
                f"WHEN {counts.format(row='NEW.')} BEGIN "
                f"SELECT RAISE(ABORT, '{name}') WHERE EXISTS (SELECT 1 FROM {table} AS held "
                f"WHERE held.{owner} = NEW.{owner} AND {counts.format(row='held.')} "
                "AND held.start_at < NEW.end_at AND held.end_at > NEW.start_at"
                f"{'' if verb == 'insert' else ' AND held.rowid <> OLD.rowid'}); END"
            )
