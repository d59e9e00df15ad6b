"""The pilot district as a small table of public facts, and the invented people who live there."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sharecare.areas.rules import CareKind, Level, Means

SLUG = "misono"
INSURER, INSURER_EMAIL = "みその損害保険(架空)", "insurer@demo.sharecare.example"
PASSWORD = "misono-demo-2026"  # noqa: S105  -- printed by the demo itself; a real database has no such account
# Town blocks of the district (Saitama City, Midori-ku and Iwatsuki-ku) with a point in each, to about ten metres.
BLOCKS = (
    ("11109", "さいたま市緑区", "美園一丁目", 35.9074, 139.7144),
    ("11109", "さいたま市緑区", "美園二丁目", 35.9031, 139.7196),
    ("11109", "さいたま市緑区", "美園三丁目", 35.8994, 139.7265),
    ("11109", "さいたま市緑区", "美園四丁目", 35.8960, 139.7298),
    ("11109", "さいたま市緑区", "美園五丁目", 35.8920, 139.7332),
    ("11109", "さいたま市緑区", "美園六丁目", 35.8874, 139.7371),
    ("11109", "さいたま市緑区", "東大門一丁目", 35.8828, 139.7368),
    ("11109", "さいたま市緑区", "東大門二丁目", 35.8833, 139.7393),
    ("11110", "さいたま市岩槻区", "美園東一丁目", 35.8987, 139.7348),
    ("11110", "さいたま市岩槻区", "美園東二丁目", 35.9023, 139.7308),
    ("11110", "さいたま市岩槻区", "美園東三丁目", 35.9051, 139.7272),
)
# Invented places; a nursery hands over by itself, a lesson too.
NURSERIES = (
    ("こもれび保育園", 35.8952, 139.7281),
    ("うらら第二保育園", 35.8999, 139.7322),
    ("さざなみこども園", 35.8894, 139.7352),
)
LESSONS = (("みその水泳教室", 35.8935, 139.7309), ("おとのはピアノ教室", 35.9012, 139.7247))
HALL = ("美園の集会所", 35.8971, 139.7301)
COMMUNITIES = (
    ("こもれび保育園 ひまわり組", "nursery"),
    ("うらら第二保育園 ほし組", "nursery"),
    ("さざなみこども園 うみ組", "nursery"),
    ("美園 絵本の会", "circle"),
    ("みその水泳教室 土曜クラス", "lesson"),
)
SURNAMES = (
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木",
    "山口", "松本", "井上", "木村", "林", "斎藤", "清水", "髙田", "𠮷川", "森", "池田", "橋本", "阿部", "石川",
    "前田", "藤田", "小川",
)  # fmt: skip
GIVEN = (
    "花子", "美咲", "陽子", "健一", "直樹", "さくら", "大輔", "由美", "恵", "真理", "翔太", "彩", "智子", "亮",
    "久美子", "拓也", "麻衣", "裕子", "誠", "千尋", "結衣", "悠", "里奈", "幸子", "浩二",
)  # fmt: skip
CHILDREN = (
    "はると", "ゆい", "そうた", "めい", "みなと", "ひまり", "れん", "さくら", "あおい", "つむぎ", "いつき", "こはる",
)  # fmt: skip
SCATTER_DEGREES = 0.0016  # about 150 m around a block's point

SUPPORTERS, BOTH = 16, 24  # of the members: about a third support
# How the forty supporters stand: level, and whether their first aid has lapsed.
STANDINGS = (
    *[(Level.CERTIFIED, False)] * 22,
    *[(Level.TRAINED, False)] * 6,
    *[(Level.IDENTIFIED, False)] * 7,
    *[(Level.REGISTERED, False)] * 3,
    *[(Level.CERTIFIED, True)] * 2,
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One invented member."""

    number: int
    name: str
    requester: bool
    supporter: bool
    born: date
    block: int
    lat: float
    lon: float
    children: tuple[tuple[str, date], ...]
    level: Level
    lapsed: bool
    kinds: tuple[CareKind, ...]
    means: tuple[Means, ...]
    capacity: int
    radius_m: int
    hours: tuple[tuple[int, int, int], ...]  # weekday, from and until in minutes

    @property
    def email(self) -> str:
        return f"member{self.number:03d}@demo.sharecare.example"


def neighbours(rng: Random, members: int, today: date) -> list[Neighbour]:
    """Invent the members; the same random numbers give the same people."""
    standings = list(STANDINGS)
    rng.shuffle(standings)
    return [_neighbour(rng, number, today, standings) for number in range(1, members + 1)]


def _neighbour(rng: Random, number: int, today: date, standings: list[tuple[Level, bool]]) -> Neighbour:
    supporter = number <= SUPPORTERS + BOTH
    requester = number > SUPPORTERS
    level, lapsed = standings[number - 1] if supporter else (Level.REGISTERED, False)
    block = rng.randrange(len(BLOCKS))
    *_, lat, lon = BLOCKS[block]
    means = (
        Means.FOOT,
        *([Means.BICYCLE] if rng.random() < 0.5 else []),
        *([Means.TRANSIT] if rng.random() < 0.3 else []),
    )
    return Neighbour(
        number=number,
        name=f"{SURNAMES[number % len(SURNAMES)]} {GIVEN[(number * 7) % len(GIVEN)]}",
        requester=requester,
        supporter=supporter,
        born=today - timedelta(days=rng.randrange(27 * 365, 66 * 365 if not requester else 47 * 365)),
        block=block,
        lat=round(lat + rng.uniform(-1, 1) * SCATTER_DEGREES, 6),
        lon=round(lon + rng.uniform(-1, 1) * SCATTER_DEGREES, 6),
        children=_children(rng, today) if requester else (),
        level=level,
        lapsed=lapsed,
        kinds=_kinds(rng),
        means=means,
        capacity=rng.choice((1, 2, 2, 3)),
        radius_m=rng.choice((1500, 2000, 2500, 3000)),
        hours=_hours(rng) if supporter else (),
    )


def _children(rng: Random, today: date) -> tuple[tuple[str, date], ...]:
    count = rng.choice((1, 1, 2, 2, 3))
    names = rng.sample(CHILDREN, count)
    return tuple((name, (today - timedelta(days=rng.randrange(14 * 30, 11 * 365))).replace(day=1)) for name in names)


def _kinds(rng: Random) -> tuple[CareKind, ...]:
    kinds = [kind for kind in CareKind if rng.random() < 0.75]
    return tuple(kinds or [CareKind.PICKUP])


def _hours(rng: Random) -> tuple[tuple[int, int, int], ...]:
    """Invent a week: some help after work, some by day, some at weekends."""
    pattern = rng.choice(("day", "evening", "evening", "wide", "weekend"))
    week: list[tuple[int, int, int]] = []
    for weekday in range(7):
        if weekday >= 5:
            if pattern in ("weekend", "wide") or rng.random() < 0.35:
                week.append((weekday, 8 * 60, 18 * 60))
        elif pattern == "day" and rng.random() < 0.9:
            week.append((weekday, 8 * 60, 16 * 60))
        elif pattern == "evening" and rng.random() < 0.85:
            week.append((weekday, 16 * 60, 20 * 60))
        elif pattern == "wide" and rng.random() < 0.8:
            week.append((weekday, 7 * 60, 20 * 60))
    return tuple(week or [(5, 9 * 60, 17 * 60)])
