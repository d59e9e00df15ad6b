"""Tables of messages."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from sharecare.columns import Json, moment, optional_moment, primary_id, reference


class Message(SQLModel, table=True):
    """One notice to one person; its text is made from the kind and the facts when it is shown."""

    __tablename__ = "message"
    __table_args__: ClassVar[Any] = (Index(None, "person_id", "id"),)

    id: int = primary_id()
    person_id: int = reference("person.id")
    kind: str = Field(max_length=40)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = moment()
    read_at: datetime | None = optional_moment()


class Delivery(SQLModel, table=True):
    """The outbox: one message on its way through one channel."""

    __tablename__ = "delivery"
    __table_args__: ClassVar[Any] = (Index(None, "state", "next_try_at"),)

    id: int = primary_id()
    message_id: int = reference("message.id", index=True)
    channel: str = Field(max_length=10)
    state: str = Field(max_length=10)
    tries: int = 0
    next_try_at: datetime = moment()
    sent_at: datetime | None = optional_moment()
    error: str = Field(default="", max_length=200)
