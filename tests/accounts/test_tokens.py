"""Access tokens: ours, whole and in date, or of no use."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt

from sharecare.accounts.tokens import AccessClaims, NotSignedIn, issue_access_token, read_access_token
from world import KEY

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": "sharecare",
    "aud": "sharecare-api",
    "sub": "7",
    "sid": 3,
    "iat": ISSUED,
    "exp": ISSUED + 600,
    "jti": "once",
}


def signed(claims: dict[str, Any], key: str | bytes = KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


def by_hand(header: dict[str, str] | bytes, claims: dict[str, Any], signature: str = "") -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    first = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{part(first)}.{part(json.dumps(claims).encode())}.{signature}"


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def signed_by_a_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signed(GOOD, pem.decode(), "RS256")


FORGED: dict[str, Callable[[], str]] = {
    "another key": lambda: signed(GOOD, b"another key of thirty-two bytes!!"),
    "no signature": lambda: by_hand({"alg": "none", "typ": "JWT"}, GOOD),
    "no algorithm": lambda: by_hand({"typ": "JWT"}, GOOD),
    "RS256": signed_by_a_private_key,
    "HS256 said, RS256 signed": lambda: by_hand({"alg": "HS256"}, GOOD, signed_by_a_private_key().rpartition(".")[2]),
    "HS512": lambda: signed(GOOD, algorithm="HS512"),
    "expired": lambda: signed({**GOOD, "exp": ISSUED}),
    "issued tomorrow": lambda: signed({**GOOD, "iat": ISSUED + 1}),
    "another audience": lambda: signed({**GOOD, "aud": "sharecare-web"}),
    "another issuer": lambda: signed({**GOOD, "iss": "elsewhere"}),
    **{f"no {claim}": partial(signed, without(claim)) for claim in GOOD},
    "text for a time": lambda: signed({**GOOD, "exp": "never"}),
    "no number for a person": lambda: signed({**GOOD, "sub": "root"}),
    "altered": lambda: signed(GOOD)[:-2] + ("AA" if not signed(GOOD).endswith("AA") else "BB"),
    "empty": lambda: "",
    "no token": lambda: "a.b.c",
    "no text": lambda: "\u3042.\u3044.\u3046",
    "deeper than Python goes": lambda: by_hand(b"[" * 30_000, GOOD),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_token_that_is_not_ours_signs_nobody_in(how: str) -> None:
    # The last one was a RecursionError: a 500 for whoever asked for it.
    with pytest.raises(NotSignedIn):
        read_access_token(FORGED[how](), key=KEY, now=NOW)


def test_our_own_says_who_and_lives_ten_minutes() -> None:
    claims = AccessClaims(person_id=7, sign_in_id=3)
    token = issue_access_token(claims, key=KEY, now=NOW, minutes=10)

    assert read_access_token(token, key=KEY, now=NOW + timedelta(seconds=599)) == claims
    assert read_access_token(signed(GOOD), key=KEY, now=NOW) == claims
    with pytest.raises(NotSignedIn):
        read_access_token(token, key=KEY, now=NOW + timedelta(minutes=10))


def test_each_token_is_its_own() -> None:
    claims = AccessClaims(person_id=7, sign_in_id=3)

    assert len({issue_access_token(claims, key=KEY, now=NOW, minutes=10) for _ in range(20)}) == 20
