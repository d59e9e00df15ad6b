"""Argon2id through passlib, off the event loop and at most two at a time: one hash takes 64 MiB."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from passlib.context import CryptContext

_CONTEXT = CryptContext(
    schemes=["argon2"], argon2__type="ID", argon2__memory_cost=65536, argon2__time_cost=3, argon2__parallelism=1
)
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


async def hash_password(password: str) -> str:
    """Return an Argon2id hash (64 MiB, 3 passes: RFC 9106's second recommendation with one lane)."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, _CONTEXT.hash, password)


async def password_fits(password: str, password_hash: str | None) -> bool:
    """Check a password; without a hash spend the same time, so that nobody learns whether an account exists."""

    def check() -> bool:
        if password_hash is None:
            _CONTEXT.dummy_verify()
            return False
        return bool(_CONTEXT.verify(password, password_hash))

    return await asyncio.get_running_loop().run_in_executor(_POOL, check)
