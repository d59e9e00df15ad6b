"""Tables of metrics."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from sharecare.columns import Json, moment, reference


class AreaDay(SQLModel, table=True):
    """One area's figures of one local day; computing it again gives the same row."""

    __tablename__ = "area_day"

    area_id: int = reference("area.id", primary_key=True)
    day: date = Field(primary_key=True)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    computed_at: datetime = moment()
