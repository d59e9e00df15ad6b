"""Town blocks in the order in which people count them."""

from sharecare.areas.rules import as_counted


def test_blocks_are_in_the_order_of_their_numbers() -> None:
    # By their characters they stood as 一, 三, 二, 五, 六, 四.
    named = [
        "中野田",
        *(f"美園{number}丁目" for number in ("一", "二", "三", "四", "九", "十", "十一", "二十", "二十三")),
    ]

    assert sorted(sorted(named), key=as_counted) == named
    assert as_counted("北一条二丁目東") == ("北一条", 2, "東")
