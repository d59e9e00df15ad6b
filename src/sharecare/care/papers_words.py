"""The words on paper: Japanese, English."""

from collections.abc import Mapping

from sharecare.areas.words import Pair

LABELS: Mapping[str, Pair] = {
    "card": ("お迎えカード", "Pick-up card"),
    "card_says": ("保護者に代わって、次の人がお迎えに来ます", "This person comes in the parent's place"),
    "supporter": ("お迎えの人", "Authorised supporter"),
    "child": ("お子さん", "Child"),
    "guardian": ("頼んだ保護者", "Asked by"),
    "when": ("日時", "When"),
    "place": ("引き渡しの場所", "Handed over at"),
    "code": ("照合番号", "Check number"),
    "code_says": (
        (
            "保護者からお聞きの番号と同じことを、お名前は本人確認書類で、お確かめください。"
            "違うときは引き渡さず、保護者へお電話ください。"
        ),
        (
            "Please check that the parent told you the same number, and the name against an identity document. "
            "If either differs, keep the child and call the parent."
        ),
    ),
    "cover": ("補償番号", "Insurance"),
    "booking": ("予約", "Booking"),
    "sheet": ("一日の予定表", "Day sheet"),
    "sheet_says": (
        (
            "通信が使えない日のための控えです。お子さんの大切な情報が書かれています。人目に触れないように持ち、"
            "終わったら細かく切って捨ててください。"
        ),
        (
            "For a day without a network. It tells private things of children: keep it to yourself, and shred it "
            "afterwards."
        ),
    ),
    "closed": (
        "連絡先や場所などは、いまは表示できません。予約のページを確かめてください。",
        "Contact and place can't be shown now. Please see the booking's page.",
    ),
    "nothing": ("この日の予定はありません。", "Nothing is planned for this day."),
    "from": ("開始の場所", "Begins at"),
    "to": ("送り先", "Ends at"),
    "call": ("電話", "Phone"),
    "allergies": ("アレルギー", "Allergies"),
    "told": ("気をつけること", "Take care"),
    "doctor": ("かかりつけ医", "Doctor"),
    "refuge": ("避難場所", "Refuge"),
    "hand_over": ("引き渡してよい人", "May hand over and collect"),
    "rides": ("決めた移動手段", "Agreed rides"),
    "costs": ("実費の約束", "Costs agreed"),
    "contacts": ("緊急連絡先", "Emergency contacts"),
    "notes": ("依頼のメモ", "Notes"),
    "start": ("開始", "Start"),
    "finish": ("終了", "End"),
    "temperature": ("体温", "Temp."),
    "condition": ("様子", "Condition"),
    "signature": ("引き渡した人のサイン", "Signed by whoever hands over"),
    "received": ("受け取った人のサイン", "Signed by whoever receives"),
    "diary": ("記録(食事・睡眠・気になったこと)", "Record (meals, sleep, anything unusual)"),
    "none": ("申告なし", "none stated"),
    "emergency": ("命に関わるときは 119", "In danger of life: 119"),
    "no_sheet": ("事前打合せ票はまだありません", "No pre-meeting sheet yet"),
}
HANDED_BY: Mapping[str, Pair] = {
    "parent": ("保護者(6桁の番号)", "a parent (six digits)"),
    "institution": ("園・学校・習い事", "nursery, school or lesson"),
}
