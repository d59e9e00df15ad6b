"""Where commands write: a file takes its name only when it is whole; into a pipe or a device they write at once."""

import os
import secrets
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from sharecare.console import choose, give_up


@contextmanager
def target(out: Path | None) -> Iterator[TextIO]:
    """Open standard output, or what `out` names; what can't be written is one line and exit code 2.

    Opened before the work: whether it can be written shows then, as far as it can.
    """
    try:
        if out is None:
            _speak_utf8()
            yield sys.stdout
            sys.stdout.flush()
        elif _is_plain(out):
            with _whole(out) as stream:
                yield stream
        else:
            with out.open("w", encoding="utf-8", newline="") as stream:
                yield stream
    except OSError as error:
        if out is None:
            if isinstance(error, BrokenPipeError):  # whoever reads has seen enough
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter tries once more
        where = error.filename or out or choose("標準出力", "standard output")
        give_up(
            choose(
                f"{where}: 読み書きできません({error.strerror})。", f"{where}: can't read or write: {error.strerror}."
            )
        )


def _speak_utf8() -> None:
    """Write to standard output what a file would hold, whatever the terminal's locale."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="")


def _is_plain(out: Path) -> bool:
    """Say whether something can take this name: there is nothing yet, or a file."""
    try:
        return stat.S_ISREG(out.stat().st_mode)
    except FileNotFoundError:
        return True


@contextmanager
def _whole(out: Path) -> Iterator[TextIO]:
    """Write beside the file that `out` leads to, then take its place; nothing is left of what ended half-way."""
    place = Path(os.path.realpath(out))
    part = place.with_name(f".{secrets.token_hex(8)}.part")
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with _created(part, out) as stream:
            if place.exists():
                place.open("a").close()  # a file that is not to be written is not replaced either
                part.chmod(stat.S_IMODE(place.stat().st_mode))
            yield stream
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
        signal.signal(signal.SIGTERM, before)


def _created(part: Path, out: Path) -> TextIO:
    try:
        return part.open("x", encoding="utf-8", newline="")
    except OSError as error:
        error.filename = str(out)
        raise


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Unwind on a SIGTERM as on Ctrl-C."""
    sys.exit(128 + number)
