"""Access tokens and one-time secrets."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from jose import JWTError, jwt

from sharecare.errors import Refusal

ALGORITHM = "HS256"
ISSUER = "sharecare"
AUDIENCE = "sharecare-api"
# Times are checked below against the clock passed in; `require_exp` would turn the library's own check on again.
_CHECKS = {"verify_exp": False, "verify_iat": False, "verify_nbf": False} | {
    f"require_{claim}": True for claim in ("aud", "iss", "jti", "sub")
}


class NotSignedIn(Refusal):
    """No valid sign-in came with the request."""

    status = 401
    ja = "サインインしてください。"
    en = "Please sign in."


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid access token says."""

    person_id: int
    sign_in_id: int


def issue_access_token(claims: AccessClaims, *, key: bytes, now: datetime, minutes: int) -> str:
    """Return a signed token that lives for some minutes."""
    body = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(claims.person_id),
        "sid": claims.sign_in_id,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
        "jti": secrets.token_urlsafe(12),
    }
    return jwt.encode(body, key, algorithm=ALGORITHM)


def read_access_token(token: str, *, key: bytes, now: datetime) -> AccessClaims:
    """Return the claims of a token that is ours, whole and in date.

    Raises:
        NotSignedIn: it is not.

    """
    try:
        body = jwt.decode(token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=_CHECKS)
        in_date = body["iat"] <= now.timestamp() < body["exp"]
        claims = AccessClaims(person_id=int(body["sub"]), sign_in_id=int(body["sid"]))
    except (JWTError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotSignedIn from error
    if not in_date:
        raise NotSignedIn
    return claims


def new_secret() -> tuple[str, str]:
    """Return a random secret and the hash under which it is stored."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a random secret (hex); nothing slower is needed for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
