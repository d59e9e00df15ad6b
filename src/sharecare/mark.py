"""The mark that tells a demonstration database from one of real people."""

from datetime import datetime

from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.columns import moment


class DemoMark(SQLModel, table=True):
    """Its one row allows `--reset` and demo sign-ins; a database of real people never has it."""

    __tablename__ = "demo_mark"

    id: int = Field(default=1, primary_key=True)
    seed: int
    days: int
    made_at: datetime = moment()


async def is_demo(session: AsyncSession) -> bool:
    """Say whether the database carries the mark."""
    return (await session.exec(select(DemoMark.id))).first() is not None
