"""What each figure means, in both languages; the definitions are those of the field."""

from sharecare.metrics.schemas import Unit

# name: unit, Japanese, English
FIGURES: dict[str, tuple[Unit, str, str]] = {
    "members": (Unit.COUNT, "期間末に有効な登録者", "Accounts active at the period's end"),
    "requesters": (Unit.COUNT, "うち依頼会員", "Members who ask for help"),
    "supporters": (Unit.COUNT, "うち提供会員", "Members who offer help"),
    "active_members": (
        Unit.COUNT,
        "期間中に依頼・応募・利用のあった会員",
        "Members with a request, offer or use in the period",
    ),
    "active_share": (Unit.SHARE, "会員のうち、期間中に依頼・応募・利用のあった人の割合", "Active members ÷ members"),
    "requests": (Unit.COUNT, "期間中に出された依頼", "Requests opened"),
    "requests_counted": (
        Unit.COUNT,
        "すぐに取り下げられたものを除く依頼",
        "Requests not withdrawn by the requester within the area's first minutes",
    ),
    "matched": (Unit.COUNT, "応募が1件以上あった依頼", "Requests with at least one offer"),
    "filled": (
        Unit.COUNT,
        "成立した依頼(サポーターが取り消したものは、次の成立まで含めない)",
        "Requests that became a booking; one its supporter cancels counts again once another is made",
    ),
    "fill_rate": (Unit.SHARE, "成立 ÷ すぐに取り下げられたものを除く依頼", "Filled ÷ requests not withdrawn early"),
    "minutes_to_offer_median": (Unit.MINUTES, "最初の応募までの分(中央値)", "Minutes to the first offer, median"),
    "minutes_to_offer_p90": (Unit.MINUTES, "最初の応募までの分(90%点)", "Minutes to the first offer, 90th percentile"),
    "minutes_to_booking_median": (Unit.MINUTES, "成立までの分(中央値)", "Minutes to the booking, median"),
    "minutes_to_booking_p90": (Unit.MINUTES, "成立までの分(90%点)", "Minutes to the booking, 90th percentile"),
    "uses": (Unit.COUNT, "完了した支援", "Completed supports"),
    "care_hours": (Unit.HOURS, "完了した支援の実時間", "Actual hours of completed supports"),
    "coverage": (
        Unit.SHARE,
        "実際の時間すべてに保険が有効だった支援の割合",
        "Uses with cover in force for their whole actual window ÷ uses",
    ),
    "gap_minutes": (Unit.MINUTES, "補償の外にあった分の合計", "Minutes of care outside cover"),
    "cross_area_share": (
        Unit.SHARE,
        "他の地区のサポーターによる支援の割合",
        "Uses whose supporter lives in another area ÷ uses",
    ),
    "near_misses_per_1000_hours": (
        Unit.RATE,
        "支援1,000時間あたりのヒヤリハットの報告",
        "Near misses reported per 1,000 care hours",
    ),
    "incidents_per_1000_hours": (
        Unit.RATE,
        "支援1,000時間あたりの事故の報告",
        "Incidents reported per 1,000 care hours",
    ),
    "claims_per_1000_hours": (
        Unit.RATE,
        "支援1,000時間あたりの保険の請求",
        "Insurance claims filed per 1,000 care hours",
    ),
    "offered_hours": (Unit.HOURS, "サポーターが提供した時間", "Hours offered by the supporters living in the area"),
    "booked_hours": (Unit.HOURS, "提供時間のうち予約された時間", "Hours of bookings inside offered hours"),
    "utilisation": (Unit.SHARE, "予約された時間 ÷ 提供時間", "Booked ÷ offered hours"),
    "friends_mean": (Unit.MEAN, "会員1人あたりのシェア友", "Friends per member, mean"),
    "well_tied_share": (Unit.SHARE, "シェア友が3人以上いる会員の割合", "Members with three friends or more ÷ members"),
    "unmet_hours": (Unit.HOURS, "成立していない依頼の時間", "Hours of unfilled requests"),
}
BREAKDOWNS: dict[str, tuple[Unit, str, str]] = {
    "supporters_by_level": (Unit.COUNT, "段階別の提供会員(期間末)", "Supporters by level at the period's end"),
    "supporters_by_cell": (
        Unit.COUNT,
        "提供会員の住まい(地域メッシュ別、期間末)",
        "Supporters by the mesh cell they live in at the period's end; where few live, by a larger cell",
    ),
    "uses_by_kind": (Unit.COUNT, "送迎・託児別の支援", "Uses: pick-up and drop-off, or care"),
    "care_hours_by_kind": (Unit.HOURS, "送迎・託児別の実時間", "Care hours: pick-up and drop-off, or care"),
    "unmet_hours_by_cell": (
        Unit.HOURS,
        "成立していない依頼の時間(地域メッシュ別)",
        "Hours of unfilled requests by mesh cell; where few families ask, by a larger cell",
    ),
    "unmet_hours_by_time": (
        Unit.HOURS,
        "成立していない依頼の時間(曜日・時刻別)",
        "Hours of unfilled requests by hour of the week; where few families ask, by 3 h of weekdays and weekends",
    ),
}
PUBLIC = ("members", "uses", "care_hours", "fill_rate", "coverage")
