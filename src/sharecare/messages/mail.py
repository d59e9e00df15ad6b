"""E-mail over SMTP."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from sharecare.messages.rules import ChannelName

TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to leave: `path` is where to act on it, `reference` stays the same however often it goes."""

    to: str
    title: str
    body: str
    path: str | None
    reference: str


class Email:
    """A mail server, named by `smtp://` (TLS when offered) or `smtps://` (TLS from the first byte).

    A password never travels in clear: with one in the address, a server that offers no TLS is refused.
    """

    name = ChannelName.EMAIL

    def __init__(self, url: str, *, sender: str, public_url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("a mail server is given as smtp://user:password@host:port or smtps://…")
        self._host = parts.hostname
        self._port = parts.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        # True demands STARTTLS, None takes it where offered.
        self._start_tls = False if self._tls else (True if self._password else None)
        self._sender = sender
        self._public_url = public_url.rstrip("/")

    async def send(self, letter: Letter) -> None:
        """Hand one letter to the server.

        Raises:
            aiosmtplib.SMTPException or OSError: the server did not take it.

        """
        await aiosmtplib.send(
            self._written(letter),
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=self._start_tls,
            timeout=TIMEOUT_S,
        )

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = " ".join(letter.title.split())  # a name must not start a header of its own
        message["Message-ID"] = f"<{letter.reference}@{parseaddr(self._sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        link = "" if letter.path is None else f"\n{self._public_url}{letter.path}\n"
        message.set_content(f"{letter.body}\n{link}")
        return message
