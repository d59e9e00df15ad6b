"""Shapes of trust, for JSON and pages alike."""

from datetime import datetime

from pydantic import BaseModel, Field

from sharecare.drafts import Draft
from sharecare.mynumber import PlainText
from sharecare.trust.rules import CommunityKind, FriendState, MembershipState


class FriendView(BaseModel):
    """Someone the signed-in person is tied to."""

    person_id: int = Field(examples=[42])
    name: str = Field(examples=["佐藤 健"])
    state: FriendState
    met_at: datetime | None = Field(description="When a code was first shown face to face.")
    vouched: bool = Field(description="Whether the signed-in person speaks for them.")


class MeetingCodeView(BaseModel):
    """A code to show face to face, as text or as a QR code of that text; several people may use it."""

    code: str = Field(examples=["ACDE-3467"])
    expires_at: datetime


class MeetingDraft(Draft):
    """The code that the other person shows."""

    code: str = Field(min_length=8, max_length=20, examples=["ACDE-3467"])


class InvitationView(BaseModel):
    """The secret of a link that invites one person; it is shown once."""

    secret: str = Field(examples=["uVq3…"])
    expires_at: datetime


class InvitationDraft(Draft):
    """The secret from a link."""

    secret: str = Field(min_length=20, max_length=100, examples=["uVq3uVq3uVq3uVq3uVq3uVq3uVq3uVq3uVq3uVq3uVq"])


class BlockView(BaseModel):
    """Someone the signed-in person keeps at a distance; nobody else learns of it."""

    person_id: int = Field(examples=[42])
    name: str | None = Field(description="Known only if the two are tied otherwise.", examples=["佐藤 健"])
    blocked_at: datetime


class CommunityDraft(Draft):
    """A nursery class, a school, a circle."""

    name: PlainText = Field(min_length=1, max_length=80, examples=["美園の森保育園 ひよこ組"])
    kind: CommunityKind


class CommunityView(BaseModel):
    """A community of the area, and how the signed-in person stands to it."""

    id: int
    name: str = Field(examples=["美園の森保育園 ひよこ組"])
    kind: CommunityKind
    mine: MembershipState


class CommunityMemberView(BaseModel):
    """A member, or someone who asks to be, as the steward sees them."""

    person_id: int = Field(examples=[42])
    name: str = Field(examples=["佐藤 健"])
    asked_at: datetime
    approved_at: datetime | None
