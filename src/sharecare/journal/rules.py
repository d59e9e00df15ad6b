"""The vocabulary of facts, and how a sealed journal proves that nothing was altered."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

GENESIS = "0" * 64


class FactKind(StrEnum):
    """What can happen; each change of state writes exactly one."""

    PERSON_JOINED = "person_joined"
    PERSON_CHANGED = "person_changed"
    PERSON_SUSPENDED = "person_suspended"
    PERSON_RESTORED = "person_restored"
    PERSON_LEFT = "person_left"
    GUARDIAN_JOINED = "guardian_joined"
    HOME_MOVED = "home_moved"
    CHILD_ADDED = "child_added"
    CHILD_CHANGED = "child_changed"
    CHILD_REMOVED = "child_removed"
    STAFF_ADDED = "staff_added"
    STAFF_REMOVED = "staff_removed"
    PERSONAL_RECORD_READ = "personal_record_read"
    RECORDS_READ_IN_BULK = "records_read_in_bulk"
    SUPPORTER_CHANGED = "supporter_changed"
    HOURS_CHANGED = "hours_changed"
    TIE_CHANGED = "tie_changed"
    FRIENDS_MADE = "friends_made"
    FRIENDS_PARTED = "friends_parted"
    BLOCK_CHANGED = "block_changed"
    COMMUNITY_MADE = "community_made"
    MEMBERSHIP_ASKED = "membership_asked"
    COMMUNITY_JOINED = "community_joined"
    COMMUNITY_LEFT = "community_left"
    CREDENTIAL_SUBMITTED = "credential_submitted"
    CREDENTIAL_CONFIRMED = "credential_confirmed"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_REVOKED = "credential_revoked"
    POLICY_MADE = "policy_made"
    POLICY_ENDED = "policy_ended"
    COVER_MOVED = "cover_moved"
    GOAL_SET = "goal_set"
    AREA_CHANGED = "area_changed"
    PREVIEWED = "previewed"
    REQUEST_OPENED = "request_opened"
    WAVE_OPENED = "wave_opened"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_EXPIRED = "request_expired"
    ASK_DECLINED = "ask_declined"
    OFFER_MADE = "offer_made"
    OFFER_WITHDRAWN = "offer_withdrawn"
    BOOKING_CONFIRMED = "booking_confirmed"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_REFUSED = "change_refused"
    BOOKING_CHANGED = "booking_changed"
    HANDOVER_FAILED = "handover_failed"
    CARE_STARTED = "care_started"
    END_PROMPTED = "end_prompted"
    CARE_COMPLETED = "care_completed"
    THANKS_RECORDED = "thanks_recorded"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_REINSTATED = "booking_reinstated"
    NO_SHOW_CONTESTED = "no_show_contested"
    NO_SHOW_DECIDED = "no_show_decided"
    NEAR_MISS_REPORTED = "near_miss_reported"
    INCIDENT_REPORTED = "incident_reported"
    INCIDENT_CHANGED = "incident_changed"
    INCIDENT_CLOSED = "incident_closed"
    INCIDENT_REOPENED = "incident_reopened"
    ACCIDENT_REPORTED = "accident_reported"
    CLAIM_FILED = "claim_filed"
    CLAIM_CHANGED = "claim_changed"
    CLAIM_LETTER_KEPT = "claim_letter_kept"
    CLAIM_LETTER_ATTACHED = "claim_letter_attached"
    BORDEREAU_SENT = "bordereau_sent"
    INSURER_ADDED = "insurer_added"
    REQUEST_WIDENED = "request_widened"
    CONTACTS_SET = "contacts_set"
    PRE_MEETING_WRITTEN = "pre_meeting_written"
    PRE_MEETING_AGREED = "pre_meeting_agreed"
    NOTE_TAKEN = "note_taken"
    REPORT_WRITTEN = "report_written"
    THANKED = "thanked"
    HANDOVER_PASSED = "handover_passed"
    ALARM_RAISED = "alarm_raised"
    ALARM_CLIMBED = "alarm_climbed"
    ALARM_ANSWERED = "alarm_answered"
    SAID_HOW_LONG = "said_how_long"
    CALL_SETTLED = "call_settled"
    GAP_EXPLAINED = "gap_explained"
    SERIES_OPENED = "series_opened"
    SERIES_CLOSED = "series_closed"
    DAY_CLOSED = "day_closed"


class RecordedFact(Protocol):
    """A fact as those read it who decide by it; the journal's rows are such."""

    id: int
    kind: str
    at: datetime
    area_id: int | None
    actor_id: int | None
    person_id: int | None
    other_id: int | None
    request_id: int | None
    booking_id: int | None
    cell: int | None
    start_at: datetime | None
    end_at: datetime | None
    minutes: int | None
    data: dict[str, Any]


def seal_of(before: str, fact: Mapping[str, object]) -> str:
    """Return the SHA-256 of a fact chained to the seal before it (hex); all that a fact says counts."""
    body = json.dumps(fact, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(f"{before}{body}".encode()).hexdigest()
