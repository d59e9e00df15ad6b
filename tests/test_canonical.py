"""What content is known by."""

from sharecare.canonical import content_hash

KNOWN = "f1a2bf03b96e70e3eb5b9f0568207da86fa9d22b3adcb17511574cae19c6935c"
ROW = {"number": "SC-1", "place": "園の玄関前", "temperature_c": 36.5, "met_at": None}


def test_what_is_stored_still_hashes_as_it_did() -> None:
    assert content_hash({"totals": {"premium_yen": 40}, "rows": [ROW], "difference": {}}) == KNOWN


def test_the_order_of_keys_makes_no_other_content() -> None:
    turned = dict(reversed(ROW.items()))

    assert content_hash({"difference": {}, "rows": [turned], "totals": {"premium_yen": 40}}) == KNOWN


def test_another_text_is_other_content() -> None:
    assert content_hash({"totals": {"premium_yen": 41}, "rows": [ROW], "difference": {}}) != KNOWN
