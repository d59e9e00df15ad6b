"""The mark that tells a demonstration database from a real one."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from sharecare.columns import moment


class DemoMark(SQLModel, table=True):
    """Its one row allows `--reset` and demo sign-ins; a database of real people never has it."""

    __tablename__ = "demo_mark"

    id: int = Field(default=1, primary_key=True)
    seed: int
    days: int
    made_at: datetime = moment()
