"""The certificate: two languages, a code that anyone can check, and nobody's name."""

import io
from datetime import datetime

import pytest
from pypdf import PdfReader

from insurance.desk import DRAFT, END, MINUTE, NOW, START, Desk
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.insurance.certificate import certificate, gather
from sharecare.insurance.models import Cover
from sharecare.insurance.queries import validity
from sharecare.insurance.schedule import Exclusion, Peril, Schedule
from sharecare.insurance.schemas import Validity

SCHEDULE = Schedule(
    injury_yen=3_000_000, deductibles_yen={Peril.PROPERTY: 5_000}, exclusions=(Exclusion.INTENT, Exclusion.DRIVING)
)


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.opened(database, DRAFT.model_copy(update={"schedule": SCHEDULE}))


async def text_of(desk: Desk, cover: Cover, language: str) -> str:
    async with desk.database.read() as session:
        made_of = await gather(session, cover_id=cover.id)
    pdf = certificate(made_of, language=language, public_url="https://misono.example.jp/", now=NOW)
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


async def checked(desk: Desk, cover: Cover, now: datetime) -> Validity:
    async with desk.database.read() as session:
        return await validity(session, code=cover.code, now=now)


async def test_the_certificate_says_in_japanese_what_is_insured(desk: Desk) -> None:
    text = await text_of(desk, await desk.bind(), "ja")

    for said in (
        "補償の証明書",
        "SK-2026-000001",
        "2026年11月21日(土) 17:30〜19:00",
        "19:30まで(30分)",
        "さくら損害保険",
        "送迎 (徒歩)",
        "5,000万円",
        "5,000円",
        "自動車の運転による事故",
        "保険金のお支払いを約束するものではありません",
    ):
        assert said.replace(" ", "") in text.replace(" ", ""), said


async def test_the_certificate_says_in_english_what_is_insured(desk: Desk) -> None:
    text = await text_of(desk, await desk.bind(), "en")

    for said in (
        "Certificate of cover",
        "Sat 21 Nov 2026, 17:30–19:00",
        "¥3,000,000",
        "Pick-up (on foot)",
        "It promises no payment",
    ):
        assert said in text, said


async def test_the_certificate_names_nobody(desk: Desk) -> None:
    cover = await desk.bind()

    assert "花子" not in await text_of(desk, cover, "ja")
    assert set(Validity.model_fields) == {
        "number",
        "insurer",
        "state",
        "is_valid",
        "valid_from",
        "valid_until",
        "checked_at",
    }


async def test_a_code_tells_whether_the_cover_is_valid_at_that_moment(desk: Desk) -> None:
    cover = await desk.bind()
    grace = 30 * MINUTE

    moments = (START - MINUTE, START, END + grace - MINUTE, END + grace)
    assert [(await checked(desk, cover, now)).is_valid for now in moments] == [False, True, True, False]
    assert (await checked(desk, cover, START)).valid_until == END + grace
    await desk.start(cover)
    assert (await checked(desk, cover, START)).is_valid
    await desk.end(cover, END - MINUTE)
    assert (await checked(desk, cover, END)).is_valid is False


async def test_a_voided_cover_is_not_valid(desk: Desk) -> None:
    cover = await desk.bind()
    await desk.void(cover)

    found = await checked(desk, cover, START)
    assert (found.state, found.is_valid) == ("voided", False)


async def test_codes_are_long_and_never_alike(desk: Desk) -> None:
    codes = {(await desk.bind()).code for _ in range(5)}

    assert len(codes) == 5
    assert {len(code) for code in codes} == {22}  # 128 bits
    async with desk.database.read() as session:
        with pytest.raises(NotFound):
            await validity(session, code="A" * 22, now=NOW)
