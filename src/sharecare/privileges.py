"""What the server's role may do in PostgreSQL: all that it needs, and nothing to the past.

The role that migrates owns the tables and could drop their guards. One that is only granted can't, whatever takes the
server over.
"""

from sqlalchemy import text

from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.verify.chains import APPEND_ONLY

NEVER_DELETED = ("cover_gap",)
VERSIONS = "alembic_version"


class NoRoles(Refusal):
    """SQLite knows no roles: whoever reads the file may write it."""

    ja = "SQLite には役割(ロール)がありません。PostgreSQL で使ってください。"
    en = "SQLite has no roles. This is for PostgreSQL."


class NoSuchRole(Refusal):
    """The server has no role of this name."""

    status = 404
    ja = "PostgreSQL に「{role}」という役割(ロール)がありません。createuser で先に作ってください。"
    en = "PostgreSQL has no role {role}. Make it first: createuser {role}"


async def grant(database: Database, role: str) -> None:
    """Let a role serve: read and write, but neither change nor delete what is only ever added to.

    Run by the owner of the tables, again after each migration.

    Raises:
        NoRoles: the database is SQLite.
        NoSuchRole: PostgreSQL has none of this name.

    """
    if database.is_sqlite:
        raise NoRoles
    async with database.migrating() as connection:
        known = text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
        if not await connection.scalar(known, {"role": role}):
            raise NoSuchRole(role=role)
        to = connection.dialect.identifier_preparer.quote(role)
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {to}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {to}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {to}",
            f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM {to}",
            f"REVOKE DELETE ON {', '.join(NEVER_DELETED)} FROM {to}",
            f"REVOKE INSERT, UPDATE, DELETE ON {VERSIONS} FROM {to}",
        ):
            await connection.execute(text(statement))
