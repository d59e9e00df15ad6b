"""Shapes of messages, for JSON and pages alike."""

from datetime import datetime

from pydantic import BaseModel, Field

from sharecare.columns import LARGEST_ID
from sharecare.drafts import Draft
from sharecare.messages.rules import MessageKind
from sharecare.paging import Page


class MessageView(BaseModel):
    """A message to oneself, in one's own language."""

    id: int
    kind: MessageKind
    title: str = Field(examples=["送迎(徒歩)のお願い 11月21日(土) 17:30〜19:00"])
    body: str
    path: str | None = Field(description="The page on which to act.", examples=["/requests/12"])
    created_at: datetime
    read_at: datetime | None


class UpTo(Draft):
    """How far someone has read."""

    up_to: int = Field(ge=1, le=LARGEST_ID, description="The newest message seen.", examples=[120])


class Inbox(Page[MessageView]):
    """One page of messages, and how many in all are not yet opened."""

    unread: int = Field(examples=[2])
