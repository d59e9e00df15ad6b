"""Every message in Japanese: what happened, when, who, and what to do next."""

from collections.abc import Mapping

from sharecare.messages.rules import MessageKind as Kind
from sharecare.messages.words import Text

# Words in braces come from `words.WORDS`.
JA: Mapping[Kind, Text] = {
    Kind.CONFIRM_ADDRESS: Text(
        "メールアドレスの確認をお願いします",
        "ご登録ありがとうございます。メールのリンクを開くと登録が完了します。リンクには期限があります。"
        "お心当たりがなければ、何もする必要はありません。",
    ),
    Kind.ALREADY_REGISTERED: Text(
        "このメールアドレスは登録済みです",
        "このメールアドレスで登録の申し込みがありましたが、すでにご登録があります。そのままサインインしてください。"
        "パスワードをお忘れのときは再設定できます。お心当たりがなければ、何もする必要はありません。",
    ),
    Kind.RESET_PASSWORD: Text(
        "パスワードの再設定",
        "メールのリンクから新しいパスワードを設定してください。リンクには期限があります。"
        "お心当たりがなければ、何もする必要はありません。パスワードは変わりません。",
    ),
    Kind.PASSWORD_CHANGED: Text(
        "パスワードが変更されました",
        "すべての端末からサインアウトしました。カレンダーのリンクと、まだ使われていない招待も使えなくなりました。"
        "必要なら作り直してください。お心当たりがなければ、すぐにパスワードを再設定し、相談窓口へご連絡ください。",
    ),
    Kind.SUSPENDED: Text(
        "アカウントの利用が停止されました",
        "理由: {reason}。予約を始めることはできません。ご不明な点は相談窓口へご連絡ください。",
    ),
    Kind.GUARDIAN_INVITED: Text(
        "{name}さんのご家族に保護者として招待されました",
        "メールのリンクから参加すると、お子さんと予約を一緒に見られます。リンクには期限があります。",
    ),
    Kind.GUARDIAN_JOINED: Text(
        "{name}さんが保護者としてご家族に加わりました",
        "お子さんとお願い・予約を一緒に見られるようになりました。お心当たりがなければ、すぐに相談窓口へご連絡ください。",
    ),
    Kind.FRIEND_ASKED: Text(
        "{name}さんからシェア友の申し込みが届きました",
        "会ったことのある方なら承認してください。シェア友にはお願いが先に届きます。そうでなければ、何もする必要はありません。",
    ),
    Kind.FRIENDS_MADE: Text(
        "{name}さんとシェア友になりました",
        "お互いのお願いが先に届きます。",
    ),
    Kind.MEMBERSHIP_ASKED: Text(
        "{name}さんが「{community}」への参加を希望しています",
        "ご存じの方なら承認してください。",
    ),
    Kind.MEMBERSHIP_APPROVED: Text(
        "「{community}」に参加しました",
        "同じグループの方どうしで、お願いが届きやすくなります。",
    ),
    Kind.CREDENTIAL_CONFIRMED: Text(
        "「{credential}」を確認しました",
        "有効期限: {expiry}。期限が近づいたらお知らせします。",
    ),
    Kind.CREDENTIAL_REFUSED: Text(
        "「{credential}」を確認できませんでした",
        "理由: {reason}。内容を確かめて、もう一度提出してください。",
    ),
    Kind.CREDENTIAL_REVOKED: Text(
        "「{credential}」の確認が取り消されました",
        "理由: {reason}。これを必要とする予約は始められません。相談窓口へご連絡ください。",
    ),
    Kind.CREDENTIAL_LAPSING: Text(
        "「{credential}」の期限が近づいています",
        "有効期限: {expiry}。期限を過ぎると、これを必要とする予約は始められません。更新の書類を提出してください。",
    ),
    Kind.ASKED: Text(
        "{care}のお願い {window}",
        "{ages}のお子さん、{distance}のところです。できそうなら手をあげ、難しいときはそのように伝えてください。"
        "理由はいりません。ほかの方に決まったら、すぐにお知らせします。",
    ),
    Kind.DIRECT_ASKED: Text(
        "あなたへのお願い: {care} {window}",
        "{ages}のお子さん、{distance}のところです。あなただけへのお願いです。引き受けると、そのまま決まります。"
        "難しいときは、遠慮なくそのように伝えてください。理由はいりません。",
    ),
    Kind.ASK_CLOSED: Text(
        "{window}のお願いは締め切られました",
        "何もする必要はありません。ご検討ありがとうございました。",
    ),
    Kind.OFFER_RECEIVED: Text(
        "{name}さんが手をあげました: {care} {window}",
        "内容を見て、お願いするかどうかを選んでください。選ぶまで、住所や連絡先は伝わりません。",
    ),
    Kind.OFFER_ACCEPTED: Text(
        "{name}さんが、あなたに決めました: {care} {window}",
        "予約のページで場所と連絡先を確かめ、初めての方とは事前打合せをしてください。",
    ),
    Kind.OFFER_DECLINED: Text(
        "{window}のお願いは、今回は見送りとなりました",
        "ほかの方に決まったか、お願いが取り下げられました。何もする必要はありません。手をあげてくださり、ありがとうございました。",
    ),
    Kind.OFFER_WITHDRAWN: Text(
        "{name}さんの都合がつかなくなりました: {care} {window}",
        "お願いは続いています。ほかの方が手をあげたら、すぐにお知らせします。",
    ),
    Kind.REQUEST_REOPENED: Text(
        "もう一度お願いします: {care} {window}",
        "決まっていた方が来られなくなりました。できそうなら手をあげてください。",
    ),
    Kind.REQUEST_EXPIRED: Text(
        "{window}のお願いは、引き受ける方が見つかりませんでした",
        "お役に立てず申し訳ありません。お困りのときは相談窓口へご連絡ください。早めに出したり、声をかける範囲を広げたりすると、見つかりやすくなります。",
    ),
    Kind.BOOKING_CONFIRMED: Text(
        "{name}さんとの予約が成立しました: {care} {window}",
        "補償番号 {cover_number}。予約のページで場所と連絡先を確かめ、初めての方とは事前打合せをしてください。",
    ),
    Kind.OTHERS_JOINED: Text(
        "ほかのご家庭のお子さんも一緒になります: {care} {window}",
        "同じ時間に、ほかのご家庭の{guests}が加わりました。預かるのは同じサポーターで、保険はご家庭ごとについています。"
        "気になることは、予約のページからサポーターに伝えてください。",
    ),
    Kind.CHANGE_PROPOSED: Text(
        "{name}さんから終了時刻の変更のお願い",
        "{care} {window}。新しい終了: {new_end}。よければ「そうする」を押してください。"
        "押すまで、保険は元の時刻までです。",
    ),
    Kind.CHANGE_AGREED: Text(
        "終了時刻の変更が決まりました",
        "{name}さんが同意しました。{care}の新しい終了: {new_end}。保険もこの時刻までになりました。",
    ),
    Kind.CHANGE_REFUSED: Text(
        "終了時刻は変わりません",
        "{name}さんは{new_end}への変更に同意しませんでした。{care}は{window}のままです。",
    ),
    Kind.CANNOT_PROLONG: Text(
        "終わりの時刻は変わりません: {care} {window}",
        "{name}さんの支援は、いま延長できません。終わりの時刻までに、お子さんのお迎えをお願いします。",
    ),
    Kind.CANNOT_TAKE_PLACE: Text(
        "予約どおりにできなくなりました: {care} {window}",
        "{name}さんとの予約{dates}件は、このままでは始められません。予約を取り消すか、相談窓口へご連絡ください。",
    ),
    Kind.CANNOT_GO_ON: Text(
        "いまの支援を、予約どおりに続けられなくなりました: {care} {window}",
        "お子さんのお迎えについて、すぐに{name}さんと相談窓口へ連絡し、確かめてください。",
    ),
    Kind.CARE_RECORDED: Text(
        "支援の記録を補いました: {care} {window}",
        "地区の運営が実際の時刻を記録しました。理由: {reason}。違うときは、相談窓口へご連絡ください。",
    ),
    Kind.NEVER_STARTED: Text(
        "始まらなかった予約を閉じました: {care} {window}",
        "始まった記録がないため、予約と保険を取り消しました。実際に行われたときは、相談窓口へご連絡ください。",
    ),
    Kind.COVER_MOVED: Text(
        "保険の契約が変わりました: {care} {window}",
        "予約はそのままです。新しい補償番号は {cover_number} です。証明書は、予約のページから取り直してください。",
    ),
    Kind.COVER_LOST: Text(
        "保険の契約が終わるため、予約を取り消しました: {care} {window}",
        "保険のない支援は行えません。補償できる契約ができたら、もう一度お願いできます。お困りのときは相談窓口へご連絡ください。",
    ),
    Kind.BOOKING_CANCELLED: Text(
        "予約が取り消されました: {care} {window}",
        "{name}さんが取り消しました。理由: {reason}。この時間は、ほかのお願いを受けられます。",
    ),
    Kind.SUPPORTER_CANNOT_COME: Text(
        "{name}さんが来られなくなりました: {care} {window}",
        "理由: {reason}。始まる前なら、すぐにほかの方へ声をかけます。お急ぎのときは相談窓口へご連絡ください。",
    ),
    Kind.HANDED_OVER: Text(
        "{name}さんが{handover}を記録しました",
        "{when}。{care} {window}。お心当たりと違うときは、すぐに連絡してください。",
    ),
    Kind.START_FORGOTTEN: Text(
        "始まりがまだ記録されていません: {care} {window}",
        "お子さんを預かっているなら、いますぐ予約のページで始まりを記録してください。まだのときは、ご家族に電話してください。",
    ),
    Kind.HANDOVER_OVERDUE: Text(
        "お子さんの預かりがまだ記録されていません: {window}",
        "{care}の開始時刻を過ぎました。{name}さんか、お子さんのいる場所へ、すぐに連絡してください。",
    ),
    Kind.END_PROMPT: Text(
        "終了の時刻です: {care} {window}",
        "終わったら終了を記録してください。続けるときは、いま延長を決めてください。決めないと、保険は猶予の時間で切れます。",
    ),
    Kind.CARE_COMPLETED: Text(
        "{care}が終わりました",
        "{when}、{name}さんが{handover}を記録しました。お礼と実費を二人で確かめ、お礼のことばを送りましょう。",
    ),
    Kind.THANKS_RECORDED: Text(
        "お礼と実費が記録されました",
        "{care} {window}。お礼 {thanks}、実費 {costs}。違うときは相手の方と確かめてください。",
    ),
    Kind.COVER_GAP_OPEN: Text(
        "保険の外の時間が{gap_minutes}分ありました",
        "{care} {window}。経緯を両方の方に確かめ、「対応デスク」に記録して、保険会社へ伝えてください。",
    ),
    Kind.END_SAID_LATER: Text(
        "終わりの時刻が、あとから記録されました",
        "{care} {window}。{name}さんが、終わりは{when}だったと、保険の時間が過ぎてから記録しました。"
        "違うときは、相談窓口へご連絡ください。",
    ),
    Kind.END_TO_CHECK: Text(
        "終わりの時刻を確かめてください",
        "{care} {window}。{name}さんが、終わりは{when}だったと、保険の時間が過ぎてから記録しました。"
        "本当はそれより遅かったときは、保険の外の時間があります。ご家庭に確かめてください。",
    ),
    Kind.AREA_HAS_NO_POLICY: Text(
        "有効な保険契約のない時間に、お願いが出されました",
        "保険契約を登録するまで、このお願いは予約になりません。契約の期間を確かめて登録してください。",
    ),
    Kind.AGGREGATE_NEAR: Text(
        "保険契約の{aggregate}が上限の{percent}%になりました",
        "契約 {policy_number}。100%になると、新しい予約は成立しません。保険会社と次の契約を相談してください。",
    ),
    Kind.AGGREGATE_REACHED: Text(
        "保険契約の{aggregate}が上限に達しました",
        "契約 {policy_number}。新しい予約は成立しません。すぐに次の契約を登録してください。"
        "成立済みの予約の補償は続きます。",
    ),
    Kind.INCIDENT_FILED: Text(
        "{incident}の報告がありました",
        "{care} {window}。内容を確かめ、必要な方に連絡してください。",
    ),
    Kind.INCIDENT_TOLD: Text(
        "{name}さんから{incident}の報告がありました",
        "{care} {window}。内容を読み、わかることがあれば書き足してください。地区の運営にも届いています。",
    ),
    Kind.SERIOUS_ACCIDENT: Text(
        "重大事故です。{due}までに自治体へ報告してください",
        "{care} {window}。第1報は当日中、遅くとも翌日までに、第2報は1か月以内に必要です。報告したら記録してください。",
    ),
    Kind.NO_LONGER_SERIOUS: Text(
        "重大事故ではなくなりました",
        "{care} {window}。記録が直され、自治体への報告の期限は取り下げられました。何が直されたかを確かめてください。",
    ),
    Kind.REPORT_NEAR: Text(
        "重大事故の{report}の期限が近づいています: {due}",
        "{care} {window}。報告したら記録してください。",
    ),
    Kind.REPORT_OVERDUE: Text(
        "重大事故の{report}の期限を過ぎました: {due}",
        "{care} {window}。すぐに自治体へ報告し、記録してください。",
    ),
    Kind.CLAIM_MOVED: Text(
        "保険の請求 {claim_number}: {claim_state}",
        "お支払いの有無と金額は、保険会社が契約にもとづいて判断します。お支払いを約束するものではありません。",
    ),
    Kind.BORDEREAU_SENT: Text(
        "{month}の{bordereau}が届きました",
        "契約 {policy_number}。内容は送られたときのまま残り、あとで変わったところは訂正として届きます。",
    ),
    Kind.CLAIM_FOR_INSURER: Text(
        "保険の請求 {claim_number}: {claim_step}",
        "契約 {policy_number}。事実とこれまでの動きを、請求のページで確かめられます。",
    ),
    Kind.LETTER_FOR_INSURER: Text(
        "保険の請求 {claim_number}について連絡がありました",
        "契約 {policy_number}。地区の運営からです。請求のページの「やりとり」で読めます。",
    ),
    Kind.PHOTO_FOR_INSURER: Text(
        "保険の請求 {claim_number}に写真が加わりました",
        "契約 {policy_number}。請求のページで見られます。見たことは一枚ごとに記録されます。",
    ),
    Kind.NAMED_CANNOT_COME: Text(
        "{name}さんが来られなくなりました: {care} {window}",
        "理由: {reason}。この方だけへのお願いだったので、ほかの方にはまだ声をかけていません。お願いのページで「ほか"
        "の方にも声をかける」を選ぶか、お願いを取り下げてください。",
    ),
    Kind.NO_SHOW: Text(
        "来なかったと記録されました: {care} {window}",
        "{name}さんからの報告です。予約と保険は取り消されました。その場にいるときや事実と違うときは、予約のページから"
        "申し出てください。すぐに伝わり、{name}さんが予定の終わりまでに報告を取り消せば、予約と保険は元に戻ります。",
    ),
    Kind.NO_SHOW_TAKEN_BACK: Text(
        "予約が元に戻りました: {care} {window}",
        "{name}さんが「来なかった」という報告を取り消しました。予約と保険は元どおりです。支援を始められます。",
    ),
    Kind.NO_SHOW_CONTESTED: Text(
        "「来なかった」という報告に申し出がありました: {care} {window}",
        "{name}さんの言葉を予約のページで読めます。思い違いだったときは、予定の時間が終わるまでは報告を取り消せます。"
        "そうでなければ、地区のスタッフが両方の方に確かめます。",
    ),
    Kind.NO_SHOW_TO_DECIDE: Text(
        "「来なかった」という報告に申し出がありました: {care} {window}",
        "両方の方に電話で確かめて、実際にどうだったかを記録してください。",
    ),
    Kind.NO_SHOW_STANDS: Text(
        "スタッフが確かめました: {care} {window}",
        "「来なかった」という記録はそのまま残ります。理由: {reason}",
    ),
    Kind.NO_SHOW_STRUCK: Text(
        "スタッフが確かめました: {care} {window}",
        "「来なかった」という記録は消しました。支援は行われず、どちらの責任でもない取り消しとして残ります。"
        "理由: {reason}",
    ),
    Kind.PRE_MEETING_WRITTEN: Text(
        "{name}さんの事前打合せ票を確かめてください",
        "内容が新しくなりました。予約のページで読み、よければ同意してください。同意するまで、預かりは始められません。",
    ),
    Kind.PRE_MEETING_AGREED: Text(
        "{name}さんが事前打合せ票に同意しました",
        "次の預かりからも、この内容を使います。変わったことがあれば書き直してください。",
    ),
    Kind.PRE_MEETING_MISSING: Text(
        "事前打合せ票の同意がまだです: {care} {window}",
        "{name}さんとの事前打合せ票に、両方の同意が必要です。お子さんのことが変わったあとは、もう一度同意してください。"
        "始まるまでに済ませてください。",
    ),
    Kind.NOT_TAKEN_IN: Text(
        "いまは預かれません: {care} {window}",
        "{name}さんが確かめた体調が、保険の決まりに合いませんでした。すぐに{name}さんへ連絡してください。",
    ),
    Kind.HANDOVER_LOCKED: Text(
        "引き渡しの番号の間違いが続いています: {care} {window}",
        "{name}さんの画面で番号が5回違ったため、受け付けを止めました。{name}さんに電話し、お子さんのようすを確かめてください。"
        "地区の運営にも知らせました。運営が確かめると、番号なしで引き渡せます。",
    ),
    Kind.HANDOVER_TO_CHECK: Text(
        "引き渡しの番号が止まっています: {care} {window}",
        "番号が5回違いました。「対応デスク」から保護者とサポーターに電話し、本人と確かめられたら、番号なしの引き渡しを認めてください。",
    ),
    Kind.HANDOVER_PASSED: Text(
        "番号なしでの引き渡しを認めました: {care} {window}",
        "地区の運営が確かめました。理由: {reason}。お心当たりがなければ、すぐに相談窓口へご連絡ください。",
    ),
    Kind.FINISH_OVERDUE: Text(
        "お子さんの引き渡しがまだ記録されていません: {window}",
        "{care}の終了時刻を過ぎました。{name}さんか、お子さんのいる場所へ、すぐに連絡してください。",
    ),
    Kind.CALL_SUPPORTER: Text(
        "{name}さんへすぐに電話してください",
        "{care} {window}のことで、{name}さんが連絡を求めています。予約のページに電話番号があります。",
    ),
    Kind.CONTACT_NEEDED: Text(
        "{name}さんに連絡がつきません",
        "お子さんの預かりのことで、緊急連絡先のあなたにお知らせしています。{name}さんへ、すぐに連絡してみてください。",
    ),
    Kind.NOBODY_ANSWERS: Text(
        "だれからも返事がありません: {care} {window}",
        "お知らせを送りましたが、返事がありません。緊急連絡先の方には、届いていないことがあります。「対応デスク」から、すぐに電話で確かめて"
        "ください。",
    ),
    Kind.ALARM_ANSWERED: Text(
        "{name}さんが対応しています: {care} {window}",
        "お知らせはいったん止まります。引き渡しが遅れたままなら、しばらくしてまたお知らせします。落ち着いたら、予約のページに様子を書いてください。",
    ),
    Kind.SAID_HOW_LONG: Text(
        "{name}さんから: あと{minutes}分ほどかかります",
        "{care} {window}の引き渡しのことです。引き渡しが記録されるか、ほかの方が対応するまで、お知らせは続きます。",
    ),
    Kind.CALL_SETTLED: Text(
        "{name}さんから: 解決しました",
        "{care} {window}のことで頼んだ電話は、もう大丈夫です。お知らせは終わりました。",
    ),
    Kind.HOW_LONG_AT_DESK: Text(
        "あと{minutes}分ほどかかるそうです: {care} {window}",
        "引き渡しが遅れている方からの連絡です。引き渡しが記録されるか、だれかが対応するまで、お知らせは続きます。",
    ),
    Kind.SETTLED_AT_DESK: Text(
        "解決したそうです: {care} {window}",
        "家族に電話を頼んだサポーターからの連絡です。このお知らせは終わりました。",
    ),
    Kind.CONTACT_NOT_NEEDED: Text(
        "{name}さんへの連絡は、もう大丈夫です",
        "お願いした連絡の用は済みました。ありがとうございました。",
    ),
    Kind.NOTE_TAKEN: Text(
        "{name}さんがメモを書きました",
        "{care} {window}。予約のページで読めます。",
    ),
    Kind.REPORT_WRITTEN: Text(
        "{name}さんの活動報告が届きました",
        "{care} {window}。予約のページで読めます。お礼のことばを送りましょう。",
    ),
    Kind.THANKED: Text(
        "{name}さんからお礼が届きました",
        "{care} {window}。予約のページで読めます。",
    ),
    Kind.LATE_START_PROPOSED: Text(
        "{name}さんから開始時刻の変更のお願い",
        "{care} {window}。新しい開始: {new_start}。よければ「そうする」を押してください。"
        "押すまで、予定は元のままです。",
    ),
    Kind.LATE_START_AGREED: Text(
        "開始時刻の変更が決まりました",
        "{name}さんが同意しました。{care}の新しい開始: {new_start}。保険もこの時刻からになりました。",
    ),
    Kind.LATE_START_REFUSED: Text(
        "開始時刻は変わりません",
        "{name}さんは{new_start}への変更に同意しませんでした。{care}は{window}のままです。",
    ),
    Kind.SERIES_ASKED: Text(
        "{care}のお願い {window} から{dates}回",
        "{ages}のお子さん、{distance}のところです。くり返しのお願いです。できる日だけでも手をあげられます。",
    ),
    Kind.SERIES_OFFERED: Text(
        "{name}さんがくり返しのお願いに手をあげました",
        "{care} {window} から、{dates}回分です。内容を見て、お願いするかどうかを選んでください。",
    ),
    Kind.SERIES_BOOKED: Text(
        "{name}さんとの予約が{dates}回分成立しました",
        "{care} {window} から。一回ごとに保険が付いています。成立しなかった日は、くり返しのページで確かめてください。",
    ),
    Kind.SERIES_CANCELLED: Text(
        "くり返しの予約が取り消されました",
        "{name}さんが、{care}の残り{dates}回を取り消しました。理由: {reason}。",
    ),
    Kind.RECORDS_READ_IN_BULK: Text(
        "{name}さんが、24時間に{people}人の記録を見ました",
        "スタッフの仕事としては多い数です。ご本人に理由を確かめてください。見られた方は、日時と理由を"
        "「わたしの見え方」で確かめられます。心配なときは、システムの運用者へ連絡してください。",
    ),
    Kind.SERIES_ASK_CLOSED: Text(
        "くり返しのお願いは締め切られました: {window} から",
        "{dates}回分が、ほかの方に決まったか、取り下げられました。その日については何もする必要"
        "はありません。ご検討ありがとうございました。",
    ),
}
