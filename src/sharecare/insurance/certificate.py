"""The certificate of cover: what is insured, from when until when, and where anyone can check it. It names nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.areas.words import KINDS, MEANS, Pair
from sharecare.insurance.ledger import opening_line
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.queries import cover_view
from sharecare.insurance.rules import CoverState, Support, Terms
from sharecare.insurance.schemas import CoverView
from sharecare.insurance.words import CERTIFICATE, EXCLUSIONS, PERILS, STATES, in_years
from sharecare.messages.words import Tongue
from sharecare.pdf import render


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate is made of."""

    cover: CoverView
    support: Support
    area: Pair
    zone: ZoneInfo


async def gather(session: AsyncSession, *, cover_id: int) -> Certified:
    """Return what the certificate of a cover says.

    Raises:
        NotFound: there is no such cover.

    """
    view = await cover_view(session, cover_id=cover_id)
    of_cover = select(Area).join(Policy, col(Policy.area_id) == col(Area.id))
    area = (await session.exec(of_cover.join(Cover).where(Cover.id == cover_id))).one()
    opened = await opening_line(session, cover_id)
    support = Support.from_facts(opened.data, start_at=view.start_at, end_at=view.end_at)
    return Certified(view, support, (area.name_ja, area.name_en), ZoneInfo(area.timezone))


def certificate(made_of: Certified, *, language: str, public_url: str, now: datetime) -> bytes:
    """Return the certificate as a PDF in Japanese (`ja`) or English (anything else)."""
    tongue = Tongue("ja" if language == "ja" else "en", made_of.zone)
    return render(_template(), data=_data(made_of, tongue, f"{public_url.rstrip('/')}/c/{made_of.cover.code}", now))


@cache
def _template() -> str:
    return Path(__file__).with_name("certificate.typ").read_text(encoding="utf-8")


def _data(made_of: Certified, tongue: Tongue, url: str, now: datetime) -> dict[str, object]:
    cover, words = made_of.cover, {name: tongue.choose(pair) for name, pair in CERTIFICATE.items()}
    grace_until = tongue.moment(cover.covered_until.isoformat())
    return {
        "language": tongue.language,
        "issuer": words["issuer"].format(area=tongue.choose(made_of.area)),
        "title": words["title"],
        "state": _opening(tongue.choose(STATES[cover.state])),
        "number_label": words["number"],
        "number": cover.number,
        "window_label": words["window"],
        "voided": cover.state is CoverState.VOIDED,
        "window": _with_year(
            tongue.window(cover.start_at.isoformat(), cover.end_at.isoformat()), cover.start_at, tongue
        ),
        "grace": words["grace"].format(until=grace_until, minutes=cover.terms.grace_minutes),
        "facts": _facts(made_of, tongue, words),
        "qr": segno.make(url, error="m").svg_inline(border=0, dark="#1f2a37"),
        "qr_note": words["qr_note"],
        "perils_title": words["perils"],
        "perils_head": [words["peril"], words["limit"], words["deductible"]],
        "perils": [
            {
                "peril": _opening(tongue.choose(PERILS[one.peril])),
                "limit": tongue.limit(one.limit_yen),
                "deductible": tongue.yen(one.deductible_yen) if one.deductible_yen else words["none"],
            }
            for one in cover.perils
        ],
        "terms_title": words["terms"],
        "terms": _terms(cover.terms, tongue, words),
        "exclusions_title": words["exclusions"],
        "exclusions": [_opening(tongue.choose(EXCLUSIONS[one])) for one in cover.exclusions],
        "notice": words["notice"],
        "issued": words["issued"].format(at=_with_year(tongue.moment(now.isoformat()), now, tongue)),
    }


def _facts(made_of: Certified, tongue: Tongue, words: Mapping[str, str]) -> list[dict[str, str]]:
    cover, support = made_of.cover, made_of.support
    kind = tongue.choose(KINDS[support.kind])
    means = f" ({tongue.choose(MEANS[support.means])})" if support.means else ""
    return _rows(
        words,
        ("insurer", cover.insurer),
        ("policy", cover.policy_number),
        ("kind", f"{_opening(kind)}{means}"),
        ("children", words["count"].format(count=len(support.child_ages_months))),
    )


def _terms(terms: Terms, tongue: Tongue, words: Mapping[str, str]) -> list[dict[str, str]]:
    ages = [in_years(months, tongue.language) for months in (terms.min_child_months, terms.max_child_months)]
    comma = tongue.choose(("・", ", "))
    return _rows(
        words,
        ("kinds", comma.join(tongue.choose(KINDS[kind]) for kind in terms.kinds)),
        ("means", comma.join(tongue.choose(MEANS[means]) for means in terms.means) or words["none"]),
        ("ages", words["months"].format(least=ages[0], most=ages[1])),
        ("at_most", words["count"].format(count=terms.max_children)),
        ("hours", f"{terms.hours_from}{tongue.choose(('〜', '–'))}{terms.hours_until}"),
        ("temperature", words["degrees"].format(degrees=terms.max_temperature_c)),
    )


def _rows(words: Mapping[str, str], *rows: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": words[name], "value": value} for name, value in rows]


def _opening(words: str) -> str:
    return words[0].upper() + words[1:]


def _with_year(said: str, at: datetime, tongue: Tongue) -> str:
    """Messages leave the year out; a certificate is kept."""
    year = at.astimezone(tongue.zone).year
    return tongue.choose((f"{year}年{said}", said.replace(", ", f" {year}, ", 1)))
