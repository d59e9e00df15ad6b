"""Coming in: sign-up, confirmation, tokens, reset, sign-ins."""

from functools import partial

from fastapi import BackgroundTasks, Request, status

from sharecare.accounts.passwords import hash_password, password_fits
from sharecare.accounts.queries import my_sign_ins, person_by_id
from sharecare.accounts.schemas import (
    Credentials,
    EmailOnly,
    NewPassword,
    PasswordChange,
    RefreshToken,
    Secret,
    SignInView,
    SignUp,
    TokenPair,
)
from sharecare.accounts.sign_ins import renew_sign_in, revoke_sign_in, start_sign_in
from sharecare.accounts.tokens import AccessClaims, issue_access_token
from sharecare.api.door import api_router
from sharecare.api.parameters import Id
from sharecare.care import passwords
from sharecare.deps import Do, Here, Now, Reader, Runtime, Who
from sharecare.registration import service as registration
from sharecare.sign_in import WrongCredentials, person_who_knows, write_after_answer
from sharecare.tries import limit_network, limit_tries

router = api_router("sign-in")


@router.post("/accounts", status_code=status.HTTP_202_ACCEPTED, operation_id="sign_up")
async def sign_up(
    draft: SignUp, here: Here, session: Reader, request: Request, later: BackgroundTasks, now: Now
) -> None:
    """Open an account; a message to the address tells how to go on, and the answer is always the same."""
    await limit_tries(here, request, draft.email)
    await registration.require_sign_up(session, draft=draft, now=now)
    password_hash = await hash_password(draft.password)
    # Done after the answer: what it takes must not tell whether there is an account.
    signed_up = partial(registration.sign_up, draft=draft, password_hash=password_hash, now=now)
    later.add_task(write_after_answer, here, "sign_up", signed_up)


@router.post("/accounts/confirm", status_code=status.HTTP_204_NO_CONTENT, operation_id="confirm_address")
async def confirm_address(secret: Secret, do: Do, here: Here, request: Request, now: Now) -> None:
    """Confirm the address with the token from the message."""
    await limit_network(here, request)
    await do(lambda session: registration.confirm_address(session, token=secret.token, now=now))


@router.post("/token", operation_id="sign_in")
async def sign_in(
    credentials: Credentials, do: Do, here: Here, session: Reader, request: Request, now: Now
) -> TokenPair:
    """Exchange address and password for tokens."""
    person = await person_who_knows(here, session, request, credentials)
    started, secret = await do(
        lambda session: start_sign_in(
            session,
            person_id=person.id,
            device=credentials.device,
            now=now,
            days=here.settings.session_days,
            password_hash=person.password_hash,
        )
    )
    return _tokens(here, AccessClaims(person.id, started.id), secret, now=now)


@router.post("/token/refresh", operation_id="renew_sign_in")
async def renew(token: RefreshToken, do: Do, here: Here, now: Now) -> TokenPair:
    """Exchange the refresh token for the next pair; the old one is of no more use."""
    renewed, secret = await do(
        lambda session: renew_sign_in(session, secret=token.refresh_token, now=now, days=here.settings.session_days)
    )
    return _tokens(here, AccessClaims(renewed.person_id, renewed.id), secret, now=now)


@router.delete("/token", status_code=status.HTTP_204_NO_CONTENT, operation_id="sign_out")
async def sign_out(actor: Who, do: Do, now: Now) -> None:
    """End this sign-in at once."""
    await do(lambda session: revoke_sign_in(session, by=actor, sign_in_id=actor.sign_in_id, now=now))


@router.get("/me/sign-ins", operation_id="list_sign_ins")
async def list_sign_ins(actor: Who, session: Reader, now: Now) -> list[SignInView]:
    """List one's own live sign-ins."""
    return await my_sign_ins(session, by=actor, now=now)


@router.delete("/me/sign-ins/{sign_in_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="revoke_sign_in")
async def revoke(sign_in_id: Id, actor: Who, do: Do, now: Now) -> None:
    """End one of one's own sign-ins at once."""
    await do(lambda session: revoke_sign_in(session, by=actor, sign_in_id=sign_in_id, now=now))


@router.post("/me/password", status_code=status.HTTP_204_NO_CONTENT, operation_id="change_password")
async def change_password(
    change: PasswordChange, actor: Who, do: Do, here: Here, session: Reader, request: Request, now: Now
) -> None:
    """Change the password; every sign-in ends, this one too."""
    person = await person_by_id(session, actor.person_id)
    await limit_tries(here, request, person.email)
    if not await password_fits(change.current, person.password_hash):
        raise WrongCredentials
    password_hash = await hash_password(change.password)
    await do(lambda session: passwords.change_password(session, by=actor, password_hash=password_hash, now=now))


@router.post("/password-resets", status_code=status.HTTP_202_ACCEPTED, operation_id="ask_for_reset")
async def ask_for_reset(address: EmailOnly, here: Here, request: Request, later: BackgroundTasks, now: Now) -> None:
    """Send a way back in, if the address has an account; the answer is always the same."""
    await limit_tries(here, request, address.email)
    # Done after the answer: what it takes must not tell whether there is an account.
    asked = partial(registration.ask_for_reset, email=address.email, now=now)
    later.add_task(write_after_answer, here, "ask_for_reset", asked)


@router.post("/password-resets/confirm", status_code=status.HTTP_204_NO_CONTENT, operation_id="reset_password")
async def reset_password(new: NewPassword, do: Do, here: Here, session: Reader, request: Request, now: Now) -> None:
    """Set a new password with the token from the message; every sign-in ends."""
    await limit_network(here, request)
    await registration.require_reset_token(session, token=new.token, now=now)
    password_hash = await hash_password(new.password)
    await do(lambda session: passwords.reset_password(session, token=new.token, password_hash=password_hash, now=now))


def _tokens(here: Runtime, claims: AccessClaims, secret: str, *, now: Now) -> TokenPair:
    minutes = here.settings.access_token_minutes
    token = issue_access_token(claims, key=here.settings.signing_key, now=now, minutes=minutes)
    return TokenPair(access_token=token, expires_in=minutes * 60, refresh_token=secret)
