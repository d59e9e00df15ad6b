"""Python's collector of garbage, kept from going through what stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """Let it rest while hundreds of thousands of objects come to stay: importing all takes a fifth less time so."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Leave what is there now out for good: every look through a served town held everybody up for 0.15 s.

    What little garbage there is by now stays with it: to find it first would take a tenth of the time to start.
    """
    gc.freeze()
