"""What a process tells of itself: to whom, and nothing about people."""

import re
from datetime import timedelta

from pydantic import SecretStr

from care.steps import book
from doors import Town
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours

TOKEN = "scrape-me-0123456789"


async def figures(town: Town) -> dict[str, float]:
    answer = await town.http.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_the_index_s_place_lag_and_size(town: Town) -> None:
    before = await figures(town)
    assert before["sharecare_index_supporters"] == 0
    assert before["sharecare_index_behind_facts"] != before["sharecare_index_behind_facts"]  # NaN: not loaded

    helper = await town.world.supporter("Chiba")
    async with town.runtime.database.read() as session:
        await town.runtime.index.catch_up(session, now=town.now)
    await town.runtime.database.write(lambda s: set_weekly_hours(s, by=helper, weekly=[Weekly(0, 0, 60)], now=town.now))
    after = await figures(town)
    assert after["sharecare_index_supporters"] == 1
    assert after["sharecare_index_behind_facts"] == 1
    assert after["sharecare_index_age_seconds"] == 0
    assert after["sharecare_index_position"] > 0


async def test_rankings_and_requests_are_counted_by_template(town: Town) -> None:
    family = await town.world.family("Aoki")
    someone = await town.sign_in("aoki@example.jp")
    need = family.need().model_dump(mode="json")
    assert (await someone.post("/requests/preview", need)).status_code == 200
    assert (await someone.get("/requests/987654321")).status_code == 404
    await town.http.get("/wp-login.php?name=aoki")

    answer = await town.http.get("/metrics")
    assert 'route="/api/v1/requests/preview",status="200"} 1.0' in answer.text
    assert 'route="/api/v1/requests/{request_id}",status="404"} 1.0' in answer.text
    assert 'route="none",status="404"} 1.0' in answer.text
    assert "sharecare_rank_seconds_count 1.0" in answer.text
    assert not re.search("987654321|aoki|Aoki|wp-login", answer.text)


async def test_the_outbox_has_an_age_only_where_there_is_a_mail_server(town: Town) -> None:
    # Without one the age grew for ever, and no alarm could rest on it.
    family, helper = await town.world.family("Aoki"), await town.world.supporter("Chiba")
    await town.world.befriend(family.actor, helper)
    await book(town.world, family, helper)
    town.now += timedelta(hours=1)
    assert (await figures(town))["sharecare_outbox_age_seconds"] == 0

    town.runtime.settings.smtp_url = SecretStr("smtp://mail.example.jp")
    assert (await figures(town))["sharecare_outbox_age_seconds"] == 3600


async def test_only_this_machine_reads_them_without_a_token(town: Town) -> None:
    async with town.client_at("203.0.113.5") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404
    proxied = {"X-Forwarded-For": "203.0.113.5"}
    assert (await town.http.get("/metrics", headers=proxied)).status_code == 404
    async with town.client_at("::1") as here:
        assert (await here.get("/metrics")).status_code == 200


async def test_with_a_token_the_token_decides(town: Town) -> None:
    town.runtime.settings.metrics_token = SecretStr(TOKEN)
    assert (await town.http.get("/metrics")).status_code == 404
    async with town.client_at("203.0.113.5") as scraper:
        assert (await scraper.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 404
        assert (await scraper.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200


async def test_the_schema_does_not_speak_of_them(town: Town) -> None:
    assert "/metrics" not in (await town.http.get("/openapi.json")).json()["paths"]
