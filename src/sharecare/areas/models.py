"""Tables of areas."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from sharecare.columns import BigId, Json, moment, optional_reference, primary_id, reference


class Area(SQLModel, table=True):
    """A district that one town management watches."""

    __tablename__ = "area"

    id: int = primary_id()
    slug: str = Field(max_length=40, unique=True)
    name_ja: str = Field(max_length=80)
    name_en: str = Field(max_length=80)
    timezone: str = Field(max_length=64)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = moment()

    def name_in(self, language: str) -> str:
        """Return what it is called, in Japanese for `ja` and English for anything else."""
        return self.name_ja if language == "ja" else self.name_en


class Goal(SQLModel, table=True):
    """What an area wants to have reached by a day."""

    __tablename__ = "area_goal"
    __table_args__: ClassVar[Any] = (UniqueConstraint("area_id", "metric"),)

    id: int = primary_id()
    area_id: int = reference("area.id")
    metric: str = Field(max_length=40)
    target: int
    from_date: date
    until_date: date


class TownBlock(SQLModel, table=True):
    """A town block (町丁目・大字) with its representative point."""

    __tablename__ = "town_block"
    __table_args__: ClassVar[Any] = (UniqueConstraint("city_code", "town", "part"),)

    id: int = primary_id()
    area_id: int | None = optional_reference("area.id", index=True)
    city_code: str = Field(max_length=5)
    prefecture: str = Field(max_length=20)
    city: str = Field(max_length=40)
    town: str = Field(max_length=80)
    part: int = 1  # lists name a block twice where it lies in two parts
    lat: float
    lon: float
    cell: int = Field(sa_type=BigId, index=True)  # half mesh, nominal 500 m
