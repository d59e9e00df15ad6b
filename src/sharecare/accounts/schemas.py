"""Shapes of accounts, for JSON and pages alike."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sharecare.accounts.rules import MAX_PASSWORD, MIN_PASSWORD, is_common
from sharecare.areas.rules import CareKind, Means
from sharecare.columns import LARGEST_ID
from sharecare.drafts import Day, Draft
from sharecare.malformed import wrong
from sharecare.mynumber import PlainText


def _not_common(password: str) -> str:
    if is_common(password):
        raise wrong("common_password")
    return password


def _as_people_are_called(name: str) -> str:
    """Names stand in mail to others: no control or direction characters, no links."""
    if "://" in name or any(category(letter).startswith("C") for letter in name):
        raise wrong("not_a_name")
    return name


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


Password = Annotated[
    str, StringConstraints(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD), AfterValidator(_not_common)
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_as_people_are_called)
]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+][0-9 -]{8,18}$")]
Months = Annotated[int, Field(ge=0, le=18 * 12)]


class SignUp(Draft):
    """A new account; the e-mail address is confirmed before it can sign in."""

    email: EmailStr = Field(max_length=254, examples=["hanako@example.jp"])
    password: Password = Field(examples=["mizu-no-oto-1686"])
    name: Name = Field(examples=["鈴木 花子"])
    area: str = Field(max_length=40, description="The area's slug.", examples=["misono"])
    is_requester: bool = True
    is_supporter: bool = False
    language: str = Field(default="ja", pattern="^(ja|en)$")
    birth_date: Day | None = Field(default=None, validate_default=True, examples=["1988-04-12"])
    phone: Phone | None = Field(default=None, examples=["090-1234-5678"])

    @field_validator("birth_date")
    @classmethod
    def _known_of_supporters(cls, birth_date: date | None, info: ValidationInfo) -> date | None:
        if birth_date is None and info.data.get("is_supporter"):
            raise wrong("birth_date_missing")
        return birth_date

    @model_validator(mode="after")
    def _some_role(self) -> Self:
        if not (self.is_requester or self.is_supporter):
            raise wrong("no_role")
        return self


class Secret(Draft):
    """A one-time secret from a message."""

    token: str = Field(max_length=100)


class Credentials(Draft):
    """What signs a person in."""

    email: EmailStr = Field(max_length=254, examples=["hanako@example.jp"])
    password: str = Field(max_length=MAX_PASSWORD, examples=["mizu-no-oto-1686"])
    device: str = Field(default="", max_length=120, description="How the person will recognise this sign-in.")


class RefreshToken(Draft):
    """The long-lived secret of a sign-in; each use replaces it."""

    refresh_token: str = Field(max_length=100)


class TokenPair(BaseModel):
    """A short-lived access token, and the secret that fetches the next one."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  -- a scheme
    expires_in: int = Field(description="Seconds.")
    refresh_token: str


class EmailOnly(Draft):
    """An address that may or may not belong to an account."""

    email: EmailStr = Field(max_length=254, examples=["hanako@example.jp"])


class NewPassword(Draft):
    """A reset by the secret from a message."""

    token: str = Field(max_length=100)
    password: Password


class PasswordChange(Draft):
    """A change by someone who knows the present password."""

    current: str = Field(max_length=MAX_PASSWORD)
    password: Password


class ProfileChange(Draft):
    """What a person may change about themselves; a field left out stays, and a phone that is null is forgotten."""

    name: Name | None = None
    phone: Phone | None = None
    language: str | None = Field(default=None, pattern="^(ja|en)$")
    birth_date: Day | None = None
    is_requester: bool | None = None
    is_supporter: bool | None = None


class HomeDraft(Draft):
    """Where the family lives: a point, or a town block whose point will do until one is given."""

    postal_code: str | None = Field(default=None, pattern=r"^\d{3}-?\d{4}$", examples=["336-0967"])
    address: str | None = Field(default=None, max_length=200, examples=["埼玉県さいたま市緑区美園4丁目"])
    town_block_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    lat: float | None = Field(default=None, ge=20, le=46, examples=[35.8925])
    lon: float | None = Field(default=None, ge=122, le=154, examples=[139.7286])

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise wrong("half_a_point")
        if self.lat is None and self.town_block_id is None:
            raise wrong("nowhere")
        return self


class HomeView(BaseModel):
    """One's own home, and the cell that stands for it before a booking."""

    postal_code: str | None
    address: str | None
    town_block_id: int | None
    lat: float
    lon: float
    cell: int


class ChildDraft(Draft):
    """A child of the family."""

    name: Name = Field(examples=["さくら"])
    birth_month: Annotated[Day, AfterValidator(_first_of_month)] = Field(examples=["2022-05-01"])
    allergies: PlainText = Field(default="", max_length=1000, examples=["卵"])
    notes: PlainText = Field(default="", max_length=2000)


class ChildView(ChildDraft):
    """A child as its own family sees it."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: int


class SupporterDraft(Draft):
    """What a supporter offers."""

    kinds: list[CareKind] = Field(min_length=1, max_length=4, examples=[["pickup", "own_home"]])
    means: list[Means] = Field(default_factory=list, max_length=4, examples=[["foot", "bicycle"]])
    capacity: int = Field(ge=1, le=5, examples=[2])
    min_age_months: Months = Field(default=12, examples=[12])
    max_age_months: Months = Field(default=155, examples=[120])
    travel_radius_m: int = Field(ge=100, le=20_000, examples=[2000])
    timezone: str = Field(default="Asia/Tokyo", max_length=64)
    introduction: PlainText = Field(default="", max_length=1000)
    paused: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_age_months > self.max_age_months:
            raise wrong("ages_reversed")
        if CareKind.PICKUP in self.kinds and not self.means:
            raise wrong("travel_missing")
        return self


class SupporterView(SupporterDraft):
    """A supporter profile as its owner sees it."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)


class PersonView(BaseModel):
    """One's own account."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    area: str
    email: str
    name: str
    phone: str | None
    birth_date: date | None
    language: str
    is_requester: bool
    is_supporter: bool
    staff_of: list[str]
    guardians: list[str] = Field(description="Names of the guardians of this family.")
    home: HomeView | None


class SignInView(BaseModel):
    """One sign-in of one's own."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    device: str
    created_at: datetime
    seen_at: datetime
    current: bool


class MemberView(BaseModel):
    """A member as the area's staff see them in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    email: str
    state: str
    is_requester: bool
    is_supporter: bool
    created_at: datetime


class RecordAccessView(BaseModel):
    """A look of area staff at one's own record."""

    at: datetime
    reader: str
    reason: str


class Reason(Draft):
    """Why; shown to the person concerned."""

    reason: PlainText = Field(min_length=1, max_length=500)


class LookReason(Draft):
    """Why staff look at a record; noted with the look, which the person concerned can see."""

    reason: PlainText = Field(min_length=1, max_length=200, examples=["保護者に電話で確かめるため"])
