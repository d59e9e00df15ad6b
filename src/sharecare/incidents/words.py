"""What is said of incidents and claims: a payment is promised nowhere."""

from sharecare.incidents.schemas import Notice

NOTICE = Notice(
    ja="この記録は事実を残すためのものです。保険金などのお支払いを約束するものではありません。"
    "お支払いの有無と金額は、保険会社が契約にもとづいて判断します。",
    en="This record keeps the facts. It promises no payment: whether and how much is paid, the insurer decides "
    "by the policy.",
)
