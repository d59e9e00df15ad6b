"""Whose word about the client's address is believed: a named proxy's, and nobody else's."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from limits import parse

from conftest import Staged
from doors import Town, open_town
from world import KEY

PROXY, PROXY_BEHIND, PEER = "10.0.0.9", "10.0.0.10", "203.0.113.5"


@pytest.fixture
async def alone(staged: Staged) -> AsyncIterator[Town]:
    async with open_town(staged) as opened:
        opened.runtime.tries = parse("2/minute")
        yield opened


@pytest.fixture
async def town(staged: Staged) -> AsyncIterator[Town]:
    async with open_town(staged, trusted_proxies="10.0.0.0/24, ::1") as opened:
        opened.runtime.tries = parse("2/minute")
        yield opened


async def tries(town: Town, peer: str, *forwarded: str) -> list[int]:
    """Try to sign in to one account, once for each address that is said to be the client's."""
    async with town.client_at(peer) as http:
        return [
            (
                await http.post(
                    "/api/v1/token",
                    json={"email": "nobody@example.jp", "password": "x"},
                    headers={"X-Forwarded-For": address},
                )
            ).status_code
            for address in forwarded
        ]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", PEER])
async def test_nobody_is_believed_unless_named(alone: Town, peer: str) -> None:
    assert await tries(alone, peer, "198.51.100.1", "198.51.100.2", "198.51.100.3") == [401, 401, 429]


async def test_a_peer_that_is_not_named_changes_nothing_by_forging(town: Town) -> None:
    assert await tries(town, PEER, "198.51.100.1", "198.51.100.2", "198.51.100.3") == [401, 401, 429]
    assert await tries(town, PROXY, "198.51.100.1", PEER) == [401, 429]


@pytest.mark.parametrize("proxy", [PROXY, "::1"])
async def test_behind_a_named_proxy_each_client_counts_alone(town: Town, proxy: str) -> None:
    client, other = "198.51.100.1", "198.51.100.2"

    assert await tries(town, proxy, client, client, client, other) == [401, 401, 429, 401]


async def test_what_a_client_writes_before_the_proxy_does_not_count(town: Town) -> None:
    forged = [f"198.51.100.{count}, {PEER}" for count in range(3)]

    assert await tries(town, PROXY, *forged) == [401, 401, 429]


async def test_a_chain_of_named_proxies_leads_to_the_client(town: Town) -> None:
    chains = [f"{client}, {PROXY_BEHIND}" for client in ("198.51.100.1", "198.51.100.1", "198.51.100.2")]

    assert await tries(town, PROXY, *chains, chains[0]) == [401, 401, 401, 429]


async def test_ipv4_inside_ipv6_is_one_address_and_not_everybody(town: Town) -> None:
    assert await tries(town, PROXY, "::ffff:198.51.100.1", "198.51.100.1", "::ffff:198.51.100.1") == [401, 401, 429]
    assert await tries(town, PROXY, "::ffff:198.51.100.2") == [401]


async def test_a_household_s_ipv6_is_one_address(town: Town) -> None:
    assert await tries(town, PROXY, "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1") == [
        401,
        401,
        429,
        401,
    ]


@pytest.mark.parametrize(("proxies", "answers"), [("", [401, 401, 429]), ("127.0.0.1", [401, 401, 401])])
def test_the_server_itself_believes_whom_the_setting_names(tmp_path: Path, proxies: str, answers: list[int]) -> None:
    # With uvicorn's own default the first case answered 401 three times.
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/town.db",
        "SECRET_KEY": KEY.decode(),
        "SIGN_IN_ATTEMPTS": "2/minute",
        "TRUSTED_PROXIES": proxies,
    }
    told = os.environ | {f"SHARECARE_{name}": value for name, value in settings.items()}
    command = str(Path(sys.executable).with_name("sharecare"))
    subprocess.run([command, "migrate"], env=told, check=True)
    with subprocess.Popen([command, "serve", "--port", "0"], env=told, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            at = next(found[0] for line in server.stderr if (found := re.search(r"http://127[0-9.]+:\d+", line)))
            given = [
                httpx.post(
                    f"{at}/api/v1/token",
                    json={"email": "nobody@example.jp", "password": "x"},
                    headers={"X-Forwarded-For": f"198.51.100.{count}"},
                ).status_code
                for count in range(3)
            ]
        finally:
            server.terminate()
    assert given == answers
