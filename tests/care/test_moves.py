"""Every move of the life of a support, the illegal ones too."""

import pytest

from sharecare.care.rules import (
    ASK_MOVES,
    BOOKING_MOVES,
    CHANGE_MOVES,
    OFFER_MOVES,
    REQUEST_MOVES,
    AskState,
    BookingState,
    ChangeState,
    NotNow,
    OfferState,
    RequestState,
    Side,
    legal,
)

TABLES = {
    "request": (REQUEST_MOVES, RequestState),
    "ask": (ASK_MOVES, AskState),
    "offer": (OFFER_MOVES, OfferState),
    "booking": (BOOKING_MOVES, BookingState),
    "change": (CHANGE_MOVES, ChangeState),
}
F, S, A, T = Side.FAMILY, Side.SUPPORTER, Side.STAFF, Side.TIME
# thing, verb, from, by → to: written out once more, so that a slip in the table is seen.
LEGAL = {
    ("request", "accept_offer", "open", F): "booked",
    ("request", "accept_offer", "open", S): "booked",
    ("request", "withdraw_request", "open", F): "withdrawn",
    ("request", "expire_request", "open", T): "expired",
    ("request", "reopen_request", "booked", S): "open",
    ("request", "close_request", "booked", F): "cancelled",
    ("request", "close_request", "booked", S): "cancelled",
    ("request", "close_request", "booked", A): "cancelled",
    ("request", "close_request", "booked", T): "cancelled",
    ("request", "finish_request", "booked", S): "done",
    ("request", "finish_request", "booked", A): "done",
    ("ask", "make_offer", "open", S): "offered",
    ("ask", "make_offer", "declined", S): "offered",
    ("ask", "decline_ask", "open", S): "declined",
    ("ask", "withdraw_offer", "offered", S): "declined",
    ("offer", "accept_offer", "open", F): "accepted",
    ("offer", "accept_offer", "open", S): "accepted",
    ("offer", "withdraw_offer", "open", S): "withdrawn",
    ("offer", "end_offer", "accepted", F): "ended",
    ("offer", "end_offer", "accepted", S): "ended",
    ("offer", "end_offer", "accepted", A): "ended",
    ("offer", "end_offer", "accepted", T): "ended",
    ("booking", "start_care", "confirmed", S): "in_care",
    ("booking", "start_care", "confirmed", A): "in_care",
    ("booking", "finish_care", "in_care", S): "completed",
    ("booking", "finish_care", "in_care", A): "completed",
    ("booking", "cancel_booking", "confirmed", F): "cancelled",
    ("booking", "cancel_booking", "confirmed", S): "cancelled",
    ("booking", "report_no_show", "confirmed", F): "cancelled",
    ("booking", "report_no_show", "confirmed", S): "cancelled",
    **{
        (thing, "reinstate", ended, side): again
        for thing, ended, again in (
            ("request", "cancelled", "booked"),
            ("offer", "ended", "accepted"),
            ("booking", "cancelled", "confirmed"),
        )
        for side in (F, S, A)
    },
    ("booking", "close_never_started", "confirmed", A): "cancelled",
    ("booking", "lose_cover", "confirmed", A): "cancelled",
    ("booking", "close_never_started", "confirmed", T): "cancelled",
    ("change", "agree_change", "open", F): "agreed",
    ("change", "agree_change", "open", S): "agreed",
    ("change", "refuse_change", "open", F): "refused",
    ("change", "refuse_change", "open", S): "refused",
}
EVERY = [
    (thing, verb, state.value, side)
    for thing, (moves, states) in TABLES.items()
    for verb in moves
    for state in states
    for side in Side
]


@pytest.mark.parametrize(("thing", "verb", "state", "side"), EVERY)
def test_a_move_is_legal_exactly_where_the_table_says_so(thing: str, verb: str, state: str, side: Side) -> None:
    moves, _ = TABLES[thing]
    if (to := LEGAL.get((thing, verb, state, side))) is not None:
        assert legal(moves, verb, state, side) == to
    else:
        with pytest.raises(NotNow):
            legal(moves, verb, state, side)


def test_every_legal_move_belongs_to_a_verb_in_the_tables() -> None:
    assert {(thing, verb) for thing, verb, *_ in LEGAL} == {(thing, verb) for thing, verb, *_ in EVERY}
