"""Settings, read once from `SHARECARE_…` variables; the table in docs/settings.md lists them."""

import os
import secrets
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

MIN_KEY_BYTES = 32
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class Settings(BaseSettings):
    """Everything an operator may turn; each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="SHARECARE_", extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/sharecare.db",
        description="Where the data lives: `sqlite:///FILE` or `postgresql://…` (several hosts allowed).",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="At least 32 bytes that sign tokens and PINs. On SQLite one is made beside the database.",
    )
    environment: Literal["production", "development"] = Field(
        default="development", description="`production` demands a secret key and sends HSTS."
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="The address that links in messages carry.")
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks of the proxies in front, with commas between; only what these say of the "
        "client (`X-Forwarded-For`, `-Proto`) is believed.",
    )
    access_token_minutes: int = Field(default=10, ge=1, le=10, description="Life of an API access token.")
    session_days: int = Field(default=30, ge=1, le=365, description="Life of a sign-in that is not used.")
    sign_in_attempts: str = Field(
        default="10/15minutes",
        description="Sign-ins, sign-ups and resets on one account from one address; ten times as many on either.",
    )
    database_pool: int = Field(default=10, ge=1, description="Connections of one process (read connections on SQLite).")
    worker_seconds: float = Field(default=5.0, gt=0, description="Pause between two rounds of the worker in `serve`.")
    smtp_url: SecretStr | None = Field(
        default=None, description="`smtp://user:password@host:port`; without it messages stay in the app only."
    )
    mail_from: str = Field(default="sharecare@localhost", description="Sender of e-mails.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least weight of a line in the log."
    )
    log_format: Literal["json", "text"] | None = Field(
        default=None, description="`json` or `text`; left out, `json` in production and `text` elsewhere."
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer token for `GET /metrics`; without it only this machine may read that."
    )
    tile_url: str = Field(
        default="https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png",
        description="Where map pictures come from; empty draws cells without streets under them.",
    )
    tile_credit: str = Field(
        default="地理院タイル https://maps.gsi.go.jp/development/ichiran.html",
        description="Whose pictures they are, and the address that says so: shown beside the map.",
    )

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().encode()) < MIN_KEY_BYTES:
            raise ValueError(f"must be at least {MIN_KEY_BYTES} bytes")
        return key

    @field_validator("trusted_proxies")
    @classmethod
    def _names_proxies(cls, proxies: str) -> str:
        if any(ip_network(proxy).prefixlen == 0 for proxy in _listed(proxies)):
            raise ValueError("names everybody: name the proxies alone")
        return proxies

    @property
    def proxies(self) -> list[str]:
        """The proxies' addresses and networks."""
        return _listed(self.trusted_proxies)

    @cached_property
    def url(self) -> URL:
        """The database address with its asynchronous driver."""
        url = make_url(self.database_url)
        return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))

    @property
    def sqlite_file(self) -> Path | None:
        """The embedded database's file, or None on PostgreSQL."""
        return Path(self.url.database) if self.url.get_backend_name() == "sqlite" and self.url.database else None

    @cached_property
    def signing_key(self) -> bytes:
        """The key that signs tokens and PINs.

        Raises:
            ValueError: no key is set where several processes must share one, or in production.

        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        if self.environment == "production" or self.sqlite_file is None:
            raise ValueError("set SHARECARE_SECRET_KEY to at least 32 random bytes")
        return _key_beside(self.sqlite_file)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _key_beside(database: Path) -> bytes:
    path = database.with_suffix(".key")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(MIN_KEY_BYTES).encode())
    key = path.read_bytes()
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"{path} holds no key; remove it and start again")  # cut short by a full disk, say
    return key
