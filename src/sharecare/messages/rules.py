"""What can be told, and how often a delivery is tried. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

# A fact that opens an account: mailed, never shown in the app, and forgotten once delivered.
SECRET = "token"  # noqa: S105  -- the fact's name
TOWARDS = "towards"  # a path that a mail leads on to; it may hold a secret of its own
SEALED = frozenset({SECRET, TOWARDS})  # facts that are for the mail alone
MAX_TRIES = 5
MAX_AGE = timedelta(days=1)
# Longer than a whole round takes: what a dead worker held is taken up again after this.
LEASE = timedelta(minutes=10)


class MessageKind(StrEnum):
    """What a person can be told."""

    CONFIRM_ADDRESS = "confirm_address"
    ALREADY_REGISTERED = "already_registered"
    RESET_PASSWORD = "reset_password"  # noqa: S105  -- a kind
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  -- a kind
    SUSPENDED = "suspended"
    GUARDIAN_INVITED = "guardian_invited"
    GUARDIAN_JOINED = "guardian_joined"
    FRIEND_ASKED = "friend_asked"
    FRIENDS_MADE = "friends_made"
    MEMBERSHIP_ASKED = "membership_asked"
    MEMBERSHIP_APPROVED = "membership_approved"
    CREDENTIAL_CONFIRMED = "credential_confirmed"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_REVOKED = "credential_revoked"
    CREDENTIAL_LAPSING = "credential_lapsing"
    ASKED = "asked"
    DIRECT_ASKED = "direct_asked"
    ASK_CLOSED = "ask_closed"
    OFFER_RECEIVED = "offer_received"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_WITHDRAWN = "offer_withdrawn"
    REQUEST_REOPENED = "request_reopened"
    REQUEST_EXPIRED = "request_expired"
    BOOKING_CONFIRMED = "booking_confirmed"
    OTHERS_JOINED = "others_joined"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_AGREED = "change_agreed"
    CHANGE_REFUSED = "change_refused"
    CANNOT_PROLONG = "cannot_prolong"
    LATE_START_PROPOSED = "late_start_proposed"
    LATE_START_AGREED = "late_start_agreed"
    LATE_START_REFUSED = "late_start_refused"
    CANNOT_TAKE_PLACE = "cannot_take_place"
    CANNOT_GO_ON = "cannot_go_on"
    CARE_RECORDED = "care_recorded"
    NEVER_STARTED = "never_started"
    COVER_MOVED = "cover_moved"
    COVER_LOST = "cover_lost"
    BOOKING_CANCELLED = "booking_cancelled"
    SUPPORTER_CANNOT_COME = "supporter_cannot_come"
    NAMED_CANNOT_COME = "named_cannot_come"
    NO_SHOW = "no_show"
    NO_SHOW_TAKEN_BACK = "no_show_taken_back"
    NO_SHOW_CONTESTED = "no_show_contested"
    NO_SHOW_TO_DECIDE = "no_show_to_decide"
    NO_SHOW_STANDS = "no_show_stands"
    NO_SHOW_STRUCK = "no_show_struck"
    PRE_MEETING_WRITTEN = "pre_meeting_written"
    PRE_MEETING_AGREED = "pre_meeting_agreed"
    PRE_MEETING_MISSING = "pre_meeting_missing"
    NOT_TAKEN_IN = "not_taken_in"
    HANDOVER_LOCKED = "handover_locked"
    HANDOVER_TO_CHECK = "handover_to_check"
    HANDOVER_PASSED = "handover_passed"
    HANDED_OVER = "handed_over"
    START_FORGOTTEN = "start_forgotten"
    HANDOVER_OVERDUE = "handover_overdue"
    FINISH_OVERDUE = "finish_overdue"
    CALL_SUPPORTER = "call_supporter"
    CONTACT_NEEDED = "contact_needed"
    NOBODY_ANSWERS = "nobody_answers"
    ALARM_ANSWERED = "alarm_answered"
    SAID_HOW_LONG = "said_how_long"
    CALL_SETTLED = "call_settled"
    CONTACT_NOT_NEEDED = "contact_not_needed"
    HOW_LONG_AT_DESK = "how_long_at_desk"
    SETTLED_AT_DESK = "settled_at_desk"
    END_PROMPT = "end_prompt"
    CARE_COMPLETED = "care_completed"
    THANKS_RECORDED = "thanks_recorded"
    NOTE_TAKEN = "note_taken"
    REPORT_WRITTEN = "report_written"
    THANKED = "thanked"
    COVER_GAP_OPEN = "cover_gap_open"
    END_SAID_LATER = "end_said_later"
    END_TO_CHECK = "end_to_check"
    AREA_HAS_NO_POLICY = "area_has_no_policy"
    AGGREGATE_NEAR = "aggregate_near"
    AGGREGATE_REACHED = "aggregate_reached"
    INCIDENT_FILED = "incident_filed"
    INCIDENT_TOLD = "incident_told"
    SERIOUS_ACCIDENT = "serious_accident"
    NO_LONGER_SERIOUS = "no_longer_serious"
    REPORT_NEAR = "report_near"
    REPORT_OVERDUE = "report_overdue"
    RECORDS_READ_IN_BULK = "records_read_in_bulk"
    CLAIM_MOVED = "claim_moved"
    BORDEREAU_SENT = "bordereau_sent"
    CLAIM_FOR_INSURER = "claim_for_insurer"
    LETTER_FOR_INSURER = "letter_for_insurer"
    PHOTO_FOR_INSURER = "photo_for_insurer"
    SERIES_ASKED = "series_asked"
    SERIES_ASK_CLOSED = "series_ask_closed"
    SERIES_OFFERED = "series_offered"
    SERIES_BOOKED = "series_booked"
    SERIES_CANCELLED = "series_cancelled"


# Both sides know already, for they stood face to face or settled it between them; or it can wait until one looks.
APP_ONLY = frozenset({MessageKind.FRIENDS_MADE, MessageKind.THANKS_RECORDED, MessageKind.NOTE_TAKEN})
# Nothing is left to do about them: mailed like the others, but in the app they wait for nobody.
NEEDS_NOBODY = frozenset({MessageKind.ASK_CLOSED, MessageKind.SERIES_ASK_CLOSED})


class ChannelName(StrEnum):
    """A way out of the house."""

    EMAIL = "email"


class DeliveryState(StrEnum):
    """Where a message stands on its way through a channel."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many failed tries: 1, 4, 16, 64 minutes."""
    return timedelta(minutes=4 ** (tries - 1))


def is_stale(told_at: datetime, now: datetime) -> bool:
    """Say whether a message is too old to be of use in the post: a mail server was missing, or down for a day."""
    return now - told_at > MAX_AGE
