"""Who may do what: one table for every door.

An action's rule says which roles may try it and, where it concerns an object, what the person must be to that object.
Whoever stands in none of these relations is told that the object does not exist.
"""

from dataclasses import dataclass
from enum import StrEnum

from sharecare.errors import Refusal


class Role(StrEnum):
    """What a signed-in person is."""

    ANYONE = "anyone"  # signed in
    REQUESTER = "requester"
    SUPPORTER = "supporter"
    STAFF = "staff"
    INSURER = "insurer"  # works for an insurer, and is nothing else


class Thing(StrEnum):
    """What an action concerns; the value names the path parameter."""

    AREA = "slug"
    PERSON = "person_id"
    COMMUNITY = "community_id"
    CREDENTIAL = "credential_id"
    REQUEST = "request_id"
    ASK = "ask_id"
    OFFER = "offer_id"
    BOOKING = "booking_id"
    CHANGE = "change_id"
    POLICY = "policy_id"
    BORDEREAU = "bordereau_id"
    INCIDENT = "incident_id"
    CLAIM = "claim_id"
    SERIES = "series_id"


class Relation(StrEnum):
    """What a person can be to a thing."""

    MEMBER = "member"  # of the area
    AREA_STAFF = "area_staff"
    STEWARD = "steward"
    FAMILY = "family"  # a guardian in the requesting family
    ASKED = "asked"
    SUPPORTER = "supporter"  # the one who supports, or offers to
    INSURER = "insurer"  # of the policy it concerns


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table; `roles` empty means that no sign-in is needed."""

    roles: frozenset[Role]
    thing: Thing | None = None
    relations: frozenset[Relation] = frozenset()


class NotForYourRole(Refusal):
    """The account lacks the role that this takes."""

    status = 403
    ja = "この操作は、ご登録の役割では行えません。"
    en = "Your role doesn't include this."


PUBLIC = Rule(frozenset())
EVERYONE = Rule(frozenset({Role.ANYONE, Role.INSURER}))
OWN = Rule(frozenset({Role.ANYONE}))
INSURERS = Rule(frozenset({Role.INSURER}))
REQUESTERS = Rule(frozenset({Role.REQUESTER}))
SUPPORTERS = Rule(frozenset({Role.SUPPORTER}))


def _of(thing: Thing, *relations: Relation) -> Rule:
    return Rule(frozenset({Role.ANYONE}), thing, frozenset(relations))


def _staff(thing: Thing) -> Rule:
    return Rule(frozenset({Role.STAFF}), thing, frozenset({Relation.AREA_STAFF}))


def _insured(thing: Thing) -> Rule:
    """Let the area's staff and the policy's insurer read."""
    return Rule(frozenset({Role.STAFF, Role.INSURER}), thing, frozenset({Relation.AREA_STAFF, Relation.INSURER}))


POLICY: dict[str, Rule] = {
    # coming in
    "sign_up": PUBLIC,
    "confirm_address": PUBLIC,
    "sign_in": PUBLIC,
    "renew_sign_in": PUBLIC,
    "ask_for_reset": PUBLIC,
    "reset_password": PUBLIC,
    "sign_out": EVERYONE,
    "list_sign_ins": EVERYONE,
    "revoke_sign_in": EVERYONE,
    "change_password": EVERYONE,
    # one's own account
    "read_my_account": EVERYONE,
    "list_record_accesses": OWN,
    "change_my_account": OWN,
    "set_home": OWN,
    "list_children": OWN,
    "add_child": OWN,
    "change_child": OWN,
    "remove_child": OWN,
    "invite_guardian": OWN,
    "join_family": OWN,
    "read_supporter_profile": SUPPORTERS,
    "offer_support": SUPPORTERS,
    # trust
    "list_friends": OWN,
    "show_meeting_code": OWN,
    "meet": OWN,
    "invite_friend": OWN,
    "accept_friend_invitation": OWN,
    "approve_friend": OWN,
    "end_friendship": OWN,
    "vouch": OWN,
    "withdraw_vouch": OWN,
    "list_blocks": OWN,
    "block": OWN,
    "unblock": OWN,
    "list_communities": OWN,
    "make_community": OWN,
    "join_community": OWN,
    "leave_community": OWN,
    "list_community_members": _of(Thing.COMMUNITY, Relation.STEWARD),
    "approve_community_member": _of(Thing.COMMUNITY, Relation.STEWARD),
    "remove_community_member": _of(Thing.COMMUNITY, Relation.STEWARD),
    # certification
    "list_my_credentials": OWN,
    "submit_credential": OWN,
    "list_submitted_credentials": _staff(Thing.AREA),
    "list_registrations": _staff(Thing.AREA),
    "confirm_identity": _staff(Thing.PERSON),
    "confirm_credential": _staff(Thing.CREDENTIAL),
    "refuse_credential": _staff(Thing.CREDENTIAL),
    "revoke_credential": _staff(Thing.CREDENTIAL),
    # availability
    "read_hours": SUPPORTERS,
    "set_weekly_hours": SUPPORTERS,
    "add_hours_exception": SUPPORTERS,
    "remove_hours_exception": SUPPORTERS,
    # care
    "preview_candidates": REQUESTERS,
    "open_request": REQUESTERS,
    "list_my_requests": REQUESTERS,
    "read_request": _of(Thing.REQUEST, Relation.FAMILY, Relation.ASKED),
    "list_candidates": _of(Thing.REQUEST, Relation.FAMILY),
    "list_offers": _of(Thing.REQUEST, Relation.FAMILY),
    "widen_request": _of(Thing.REQUEST, Relation.FAMILY),
    "withdraw_request": _of(Thing.REQUEST, Relation.FAMILY),
    "make_offer": _of(Thing.REQUEST, Relation.ASKED),
    "list_my_asks": SUPPORTERS,
    "decline_ask": _of(Thing.ASK, Relation.ASKED),
    "withdraw_offer": _of(Thing.OFFER, Relation.SUPPORTER),
    "accept_offer": _of(Thing.OFFER, Relation.FAMILY),
    "open_series": REQUESTERS,
    "list_my_series": REQUESTERS,
    "read_series": _of(Thing.SERIES, Relation.FAMILY, Relation.ASKED),
    "offer_for_series": _of(Thing.SERIES, Relation.ASKED),
    "accept_for_series": _of(Thing.SERIES, Relation.FAMILY),
    "list_my_bookings": OWN,
    "read_booking": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "read_cover": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "read_certificate": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "read_handover_pins": _of(Thing.BOOKING, Relation.FAMILY),
    "start_care": _of(Thing.BOOKING, Relation.SUPPORTER),
    "finish_care": _of(Thing.BOOKING, Relation.SUPPORTER),
    "propose_change": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "agree_change": _of(Thing.CHANGE, Relation.FAMILY, Relation.SUPPORTER),
    "refuse_change": _of(Thing.CHANGE, Relation.FAMILY, Relation.SUPPORTER),
    "record_thanks": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    # the care day
    "read_emergency_contacts": OWN,
    "set_emergency_contacts": OWN,
    "read_care_record": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "write_pre_meeting": _of(Thing.BOOKING, Relation.FAMILY),
    "agree_to_pre_meeting": _of(Thing.BOOKING, Relation.SUPPORTER),
    "read_handover_code": _of(Thing.BOOKING, Relation.FAMILY),
    "read_pick_up_card": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "read_day_sheet": OWN,
    "take_note": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "write_activity_report": _of(Thing.BOOKING, Relation.SUPPORTER),
    "send_thank_you": _of(Thing.BOOKING, Relation.FAMILY),
    "call_family": _of(Thing.BOOKING, Relation.SUPPORTER),
    "answer_alarm": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER, Relation.AREA_STAFF),
    "say_how_long": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "settle_call": _of(Thing.BOOKING, Relation.SUPPORTER),
    "read_desk": _staff(Thing.AREA),
    "read_people_to_call": _staff(Thing.BOOKING),
    "pass_handover": _staff(Thing.BOOKING),
    "explain_gap": _staff(Thing.BOOKING),
    "record_care": _staff(Thing.BOOKING),
    "close_never_started": _staff(Thing.BOOKING),
    "cancel_series": _of(Thing.SERIES, Relation.FAMILY, Relation.SUPPORTER),
    # and what ends a booking before it begins
    "report_no_show": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "take_back_no_show": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "contest_no_show": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "decide_no_show": _staff(Thing.BOOKING),
    "cancel_booking": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "say_cannot_come": _of(Thing.BOOKING, Relation.SUPPORTER),
    # incidents and claims
    "report_incident": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER, Relation.AREA_STAFF),
    "list_booking_incidents": _of(Thing.BOOKING, Relation.FAMILY, Relation.SUPPORTER),
    "list_area_incidents": _staff(Thing.AREA),
    "read_incident": _of(Thing.INCIDENT, Relation.FAMILY, Relation.SUPPORTER),
    "read_incident_file": _staff(Thing.INCIDENT),
    "change_incident": _of(Thing.INCIDENT, Relation.FAMILY, Relation.SUPPORTER, Relation.AREA_STAFF),
    "add_incident_photo": _of(Thing.INCIDENT, Relation.FAMILY, Relation.SUPPORTER, Relation.AREA_STAFF),
    "read_incident_photo": _of(Thing.INCIDENT, Relation.FAMILY, Relation.SUPPORTER),
    "read_incident_file_photo": _staff(Thing.INCIDENT),
    "record_accident_report": _staff(Thing.INCIDENT),
    "close_incident": _staff(Thing.INCIDENT),
    "reopen_incident": _staff(Thing.INCIDENT),
    "file_claim": _staff(Thing.INCIDENT),
    "list_claims": _insured(Thing.POLICY),
    "read_claim": _insured(Thing.CLAIM),
    "read_claim_photo": Rule(frozenset({Role.INSURER}), Thing.CLAIM, frozenset({Relation.INSURER})),
    "change_claim": _staff(Thing.CLAIM),
    "keep_claim_letter": _staff(Thing.CLAIM),
    "attach_to_claim_letter": _staff(Thing.CLAIM),
    "read_claim_attachment": _insured(Thing.CLAIM),
    # messages
    "list_messages": EVERYONE,
    "read_message": EVERYONE,
    "read_all_messages": EVERYONE,
    # areas
    "list_areas": PUBLIC,
    "read_area": PUBLIC,
    "list_town_blocks": PUBLIC,
    "read_public_figures": PUBLIC,
    "read_area_report": _staff(Thing.AREA),
    "read_area_settings": _of(Thing.AREA, Relation.MEMBER, Relation.AREA_STAFF),
    "change_area_settings": _staff(Thing.AREA),
    "set_goal": _staff(Thing.AREA),
    "plan_open_requests": _staff(Thing.AREA),
    "send_plan": _staff(Thing.AREA),
    "list_members": _staff(Thing.AREA),
    "list_policies": _staff(Thing.AREA),
    "make_policy": _staff(Thing.AREA),
    "end_policy": _staff(Thing.POLICY),
    "read_bordereau": _staff(Thing.AREA),
    "list_bordereau_months": _staff(Thing.AREA),
    "read_validity": PUBLIC,
    "list_insured_policies": INSURERS,
    "read_policy": _insured(Thing.POLICY),
    "list_bordereaux": _insured(Thing.POLICY),
    "send_bordereau": _staff(Thing.POLICY),
    "read_sent_bordereau": _insured(Thing.BORDEREAU),
    "suspend_person": _staff(Thing.PERSON),
    "restore_person": _staff(Thing.PERSON),
}

# What only pages do; every other page does an operation of the table above.
PAGES: dict[str, Rule] = {
    "show_start": PUBLIC,
    "show_help": PUBLIC,
    "choose_language": PUBLIC,
    "show_home": EVERYONE,
    "show_tile": OWN,
    "see_family_invitation": PUBLIC,  # of whoever holds the link, and it names nobody
    "see_invitation": PUBLIC,  # likewise
    "find_my_area": Rule(frozenset({Role.STAFF})),
    "look_at_area": _staff(Thing.AREA),
    "save_area_figures": _staff(Thing.AREA),
    "see_what_waits": _staff(Thing.AREA),
    "look_up_contacts": _staff(Thing.AREA),
    "look_up_booking": _staff(Thing.AREA),
    "look_at_booking": _staff(Thing.BOOKING),
    "see_open_requests": _staff(Thing.AREA),
    "edit_area_settings": _staff(Thing.AREA),
    "list_area_claims": _staff(Thing.AREA),
    "import_hours": SUPPORTERS,
    "show_support_year": SUPPORTERS,
    "show_calendar_link": OWN,
    "make_calendar_link": OWN,
    "revoke_calendar_link": OWN,
    "read_calendar_feed": PUBLIC,  # for whoever knows the secret in the address
    "see_as_another": PUBLIC,  # of the demo's people, and nowhere but in a demo
}
