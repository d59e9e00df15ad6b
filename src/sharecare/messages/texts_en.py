"""Every message in English: what happened, when, who, and what to do next."""

from collections.abc import Mapping

from sharecare.messages.rules import MessageKind as Kind
from sharecare.messages.words import Text

# Words in braces come from `words.WORDS`.
EN: Mapping[Kind, Text] = {
    Kind.CONFIRM_ADDRESS: Text(
        "Please confirm your e-mail address",
        "Thank you for joining. Open the link in the e-mail to finish; it works for a limited time. "
        "If this wasn't you, there is nothing to do.",
    ),
    Kind.ALREADY_REGISTERED: Text(
        "This address is already registered",
        "Someone signed up with this e-mail address, which already has an account. Just sign in; if you forgot your "
        "password, you can reset it. If this wasn't you, there is nothing to do.",
    ),
    Kind.RESET_PASSWORD: Text(
        "Reset your password",
        "Set a new password through the link in the e-mail; it works for a limited time. If this wasn't you, there is "
        "nothing to do: your password stays as it is.",
    ),
    Kind.PASSWORD_CHANGED: Text(
        "Your password was changed",
        "You were signed out on every device. Your calendar link and unused invitations no longer work: make new ones "
        "if you need them. If this wasn't you, reset your password now and tell the help desk.",
    ),
    Kind.SUSPENDED: Text(
        "Your account is suspended",
        "Reason: {reason}. Bookings can't be started. Please contact the help desk with any question.",
    ),
    Kind.GUARDIAN_INVITED: Text(
        "{name} invites you into their family as a guardian",
        "Join through the link in the e-mail and you will share children and bookings. It works for a limited time.",
    ),
    Kind.GUARDIAN_JOINED: Text(
        "{name} joined your family as a guardian",
        "They now share your children, requests and bookings. If this surprises you, tell the help desk at once.",
    ),
    Kind.FRIEND_ASKED: Text(
        "{name} would like to be friends",
        "Approve if you have met: friends hear of requests first. Otherwise there is nothing to do.",
    ),
    Kind.FRIENDS_MADE: Text(
        "You and {name} are friends now",
        "You will hear of each other's requests first.",
    ),
    Kind.MEMBERSHIP_ASKED: Text(
        "{name} would like to join “{community}”",
        "Approve if you know them.",
    ),
    Kind.MEMBERSHIP_APPROVED: Text(
        "You joined “{community}”",
        "Requests now travel more easily between you and the others in it.",
    ),
    Kind.CREDENTIAL_CONFIRMED: Text(
        "Confirmed: {credential}",
        "Expires: {expiry}. We will remind you in time.",
    ),
    Kind.CREDENTIAL_REFUSED: Text(
        "Not confirmed: {credential}",
        "Reason: {reason}. Please check and submit it again.",
    ),
    Kind.CREDENTIAL_REVOKED: Text(
        "No longer confirmed: {credential}",
        "Reason: {reason}. Bookings that need it can't be started. Please contact the help desk.",
    ),
    Kind.CREDENTIAL_LAPSING: Text(
        "Running out: {credential}",
        "Expires: {expiry}. After that, bookings that need it can't be started. Please submit its renewal.",
    ),
    Kind.ASKED: Text(
        "Can you help? {care}, {window}",
        "{ages}, {distance} away. Offer if you can, decline if you can't; we tell you as soon as it is closed.",
    ),
    Kind.DIRECT_ASKED: Text(
        "You are asked by name: {care}, {window}",
        "{ages}, {distance} away. Offer if you can; it is fine to decline if you can't.",
    ),
    Kind.ASK_CLOSED: Text(
        "The request for {window} is closed",
        "There is nothing left to do. Thank you for considering it.",
    ),
    Kind.OFFER_RECEIVED: Text(
        "{name} offers to help: {care}, {window}",
        "Have a look and choose. Until you do, your address and phone number stay with you.",
    ),
    Kind.OFFER_ACCEPTED: Text(
        "{name} chose you: {care}, {window}",
        "See the booking for place and contact details. If you are new to each other, meet first.",
    ),
    Kind.OFFER_DECLINED: Text(
        "Your offer for {window} was not needed",
        "Someone else was chosen, or the request was withdrawn. There is nothing to do. Thank you for offering.",
    ),
    Kind.OFFER_WITHDRAWN: Text(
        "{name} withdrew their offer: {care}, {window}",
        "Your request stays open. We tell you as soon as someone offers.",
    ),
    Kind.REQUEST_REOPENED: Text(
        "Needed once more: {care}, {window}",
        "The one who was chosen can't come, so the request is open again. Offer if you can.",
    ),
    Kind.REQUEST_EXPIRED: Text(
        "Nobody was found for {window}",
        "We are sorry. If you need help now, contact the help desk. Asking earlier, or a wider circle, finds more.",
    ),
    Kind.BOOKING_CONFIRMED: Text(
        "Booked with {name}: {care}, {window}",
        "Insured as {cover_number}. See the booking for place and contact details. If you are new to each other, "
        "meet first.",
    ),
    Kind.OTHERS_JOINED: Text(
        "Another family will be there too: {care}, {window}",
        "{guests} of another family joined at that time, with the same supporter; each family has its own cover. "
        "Anything on your mind? Write to the supporter on the booking's page.",
    ),
    Kind.CHANGE_PROPOSED: Text(
        "{name} proposes another end",
        "{care}, {window}. New end: {new_end}. Agree if it suits you; until then insurance keeps to the old end.",
    ),
    Kind.CHANGE_AGREED: Text(
        "The new end is agreed",
        "{name} agreed. {care} now ends {new_end}, and insurance with it.",
    ),
    Kind.CHANGE_REFUSED: Text(
        "The end stays as it was",
        "{name} did not agree to {new_end}. {care} stays at {window}.",
    ),
    Kind.CANNOT_PROLONG: Text(
        "The end stays as it was: {care}, {window}",
        "{name}'s support can't be made longer now. Please have your child collected by the agreed end.",
    ),
    Kind.CANNOT_TAKE_PLACE: Text(
        "This can't go ahead as booked: {care}, {window}",
        "Bookings with {name} that can't start as they stand: {dates}. Please cancel, or contact the help desk.",
    ),
    Kind.CANNOT_GO_ON: Text(
        "The care under way can't go on as booked: {care}, {window}",
        "Please call {name} and the help desk at once, and settle how the child gets home.",
    ),
    Kind.CARE_RECORDED: Text(
        "The record was completed: {care}, {window}",
        "The staff put down when it really was. Reason: {reason}. If this is wrong, contact the help desk.",
    ),
    Kind.NEVER_STARTED: Text(
        "A booking that never started is closed: {care}, {window}",
        "No start was recorded, so booking and insurance are cancelled. If it took place, contact the help desk.",
    ),
    Kind.COVER_MOVED: Text(
        "Insured by another policy: {care}, {window}",
        "The booking stands. The cover is now {cover_number}; get its certificate again from the booking's page.",
    ),
    Kind.COVER_LOST: Text(
        "Cancelled, for the insurance ends: {care}, {window}",
        "No support goes uninsured. Once a policy covers it, it can be asked for again. The help desk can help.",
    ),
    Kind.BOOKING_CANCELLED: Text(
        "Cancelled: {care}, {window}",
        "{name} cancelled. Reason: {reason}. You are free for other requests at this time.",
    ),
    Kind.SUPPORTER_CANNOT_COME: Text(
        "{name} can't come: {care}, {window}",
        "Reason: {reason}. Before the start, your request is open again at once. If it is urgent, call the help desk.",
    ),
    Kind.HANDED_OVER: Text(
        "{name} {handover}",
        "{when}. {care}, {window}. If this isn't what you expect, call at once.",
    ),
    Kind.START_FORGOTTEN: Text(
        "The start is not recorded yet: {care}, {window}",
        "If the child is with you, please record the start on the booking's page now. If not, call the family.",
    ),
    Kind.HANDOVER_OVERDUE: Text(
        "Your child has not been taken over yet: {window}",
        "{care} should have begun. Please call {name}, or the place where your child is, at once.",
    ),
    Kind.END_PROMPT: Text(
        "Time is up: {care}, {window}",
        "Record the end when you are done. To go on, agree on a new end now: otherwise cover stops after its grace.",
    ),
    Kind.CARE_COMPLETED: Text(
        "{care} is done",
        "{when}: {name} {handover}. Settle thanks and costs between you, and send a kind word.",
    ),
    Kind.THANKS_RECORDED: Text(
        "Thanks and costs were recorded",
        "{care}, {window}. Thanks {thanks}, costs {costs}. If this is wrong, talk to each other.",
    ),
    Kind.COVER_GAP_OPEN: Text(
        "{gap_minutes} minutes were not insured",
        "{care}, {window}. Ask both sides what happened, note it at the desk, and tell the insurer.",
    ),
    Kind.END_SAID_LATER: Text(
        "The end of a care was put down later",
        "{care} {window}. After its cover had run out, {name} put down that it had ended at {when}. "
        "If that is not so, tell the help desk.",
    ),
    Kind.END_TO_CHECK: Text(
        "Check when a care ended",
        "{care} {window}. After its cover had run out, {name} put down that it had ended at {when}. "
        "If it really ended later, there was uncovered time: ask the family.",
    ),
    Kind.AREA_HAS_NO_POLICY: Text(
        "A request came for a time without a policy",
        "It can't be booked before a policy is registered. Please check the policy's period and register it.",
    ),
    Kind.AGGREGATE_NEAR: Text(
        "The policy's {aggregate} is at {percent}% of its limit",
        "Policy {policy_number}. At 100% no new booking can be made. Agree on the next policy with the insurer.",
    ),
    Kind.AGGREGATE_REACHED: Text(
        "The policy's {aggregate} has reached its limit",
        "Policy {policy_number}. No new booking can be made: register the next policy now. Bookings already made stay "
        "covered.",
    ),
    Kind.INCIDENT_FILED: Text(
        "A report came in: {incident}",
        "{care}, {window}. Look into it, and tell whoever needs to know.",
    ),
    Kind.INCIDENT_TOLD: Text(
        "{name} reported: {incident}",
        "{care}, {window}. Read it, and add what you know. The staff have it too.",
    ),
    Kind.SERIOUS_ACCIDENT: Text(
        "A serious accident: report it to the municipality by {due}",
        "{care}, {window}. The first report is due the same day, the next day at the latest; the second within a "
        "month. Record each once it is sent.",
    ),
    Kind.NO_LONGER_SERIOUS: Text(
        "An accident is no longer serious",
        "{care}, {window}. The record was corrected, and no report is due any more. Please check what was changed.",
    ),
    Kind.REPORT_NEAR: Text(
        "The {report} on a serious accident is due soon: {due}",
        "{care}, {window}. Record it once it is sent.",
    ),
    Kind.REPORT_OVERDUE: Text(
        "The {report} on a serious accident is overdue: {due}",
        "{care}, {window}. Report to the municipality now, and record it.",
    ),
    Kind.CLAIM_MOVED: Text(
        "Insurance claim {claim_number}: {claim_state}",
        "Whether and how much is paid, the insurer decides by the policy. No payment is promised.",
    ),
    Kind.BORDEREAU_SENT: Text(
        "Bordereau of {month} came in: {bordereau}",
        "Policy {policy_number}. It stays as it was sent; what changes later follows as an adjustment.",
    ),
    Kind.CLAIM_FOR_INSURER: Text(
        "Insurance claim {claim_number}: {claim_step}",
        "Policy {policy_number}. The claim's page has its facts and its history.",
    ),
    Kind.LETTER_FOR_INSURER: Text(
        "The area's staff wrote about insurance claim {claim_number}",
        "Policy {policy_number}. Read it under Correspondence on the claim's page.",
    ),
    Kind.PHOTO_FOR_INSURER: Text(
        "A photo was added to insurance claim {claim_number}",
        "Policy {policy_number}. See it on the claim's page. Each photo you look at is noted.",
    ),
    Kind.NAMED_CANNOT_COME: Text(
        "{name} can't come: {care}, {window}",
        "Reason: {reason}. You asked one person by name, so nobody else has been asked yet. On the request's page, "
        "choose to ask others too, or withdraw it.",
    ),
    Kind.NO_SHOW: Text(
        "Recorded as a no-show: {care}, {window}",
        "{name} reported it. Booking and insurance are cancelled. If you are there, or it isn't so, say so on the "
        "booking's page: {name} hears it at once, and if they take the report back before the agreed end, booking and "
        "insurance stand again.",
    ),
    Kind.NO_SHOW_TAKEN_BACK: Text(
        "The booking stands again: {care}, {window}",
        "{name} took the no-show back. Booking and insurance are as they were, and care can begin.",
    ),
    Kind.NO_SHOW_CONTESTED: Text(
        "Your report of a no-show is contested: {care}, {window}",
        "Read what {name} says on the booking's page. If it was a mistake you can take the report back until the "
        "agreed time is over. Otherwise the staff will ask you both.",
    ),
    Kind.NO_SHOW_TO_DECIDE: Text(
        "A no-show is contested: {care}, {window}",
        "Ask both sides by phone, then put down what really happened.",
    ),
    Kind.NO_SHOW_STANDS: Text(
        "The staff have decided: {care}, {window}",
        "The no-show stays on record. Reason: {reason}",
    ),
    Kind.NO_SHOW_STRUCK: Text(
        "The staff have decided: {care}, {window}",
        "The no-show is struck off. No care took place, and the booking stays cancelled by nobody's fault. "
        "Reason: {reason}",
    ),
    Kind.PRE_MEETING_WRITTEN: Text(
        "Please read {name}'s pre-meeting sheet",
        "It has changed. Read it on the booking's page and agree if it is right. Care can't start before you do.",
    ),
    Kind.PRE_MEETING_AGREED: Text(
        "{name} agreed to the pre-meeting sheet",
        "It also holds for the next time. Write it anew when something changes.",
    ),
    Kind.PRE_MEETING_MISSING: Text(
        "The pre-meeting sheet isn't agreed: {care}, {window}",
        "You and {name} both have to agree to it before the start, and once more when something about a child changed.",
    ),
    Kind.NOT_TAKEN_IN: Text(
        "Care can't begin now: {care}, {window}",
        "What {name} found on checking your child doesn't fit the insurance's rule. Please call {name} at once.",
    ),
    Kind.HANDOVER_LOCKED: Text(
        "Wrong digits at the handover: {care}, {window}",
        "{name}'s phone was given wrong digits five times, so they are locked. "
        "Please call {name} and make sure that your child is well. "
        "The staff know, too: once they have checked, the handover goes on without digits.",
    ),
    Kind.HANDOVER_TO_CHECK: Text(
        "A handover's digits are locked: {care}, {window}",
        "They were wrong five times. Call both sides from the desk; "
        "once you are sure who they are, let the handover pass without digits.",
    ),
    Kind.HANDOVER_PASSED: Text(
        "A handover without digits was allowed: {care}, {window}",
        "The staff checked it. Reason: {reason}. If this surprises you, call the help desk at once.",
    ),
    Kind.FINISH_OVERDUE: Text(
        "Your child has not been handed back yet: {window}",
        "{care} should be over. Please call {name}, or the place where your child is, at once.",
    ),
    Kind.CALL_SUPPORTER: Text(
        "Please call {name} at once",
        "{name} needs to reach you about {window} ({care}). The booking's page has the phone number.",
    ),
    Kind.CONTACT_NEEDED: Text(
        "{name} can't be reached",
        "It is about a child in care, and you are an emergency contact. Please try to reach {name} at once.",
    ),
    Kind.NOBODY_ANSWERS: Text(
        "Nobody answers: {care}, {window}",
        "Those who are members were told, and nobody has answered; emergency contacts may not have heard of it. "
        "Please call now, from the desk.",
    ),
    Kind.ALARM_ANSWERED: Text(
        "{name} is looking into it: {care}, {window}",
        "Nobody else is told for now; if the handover stays late, we tell again in a while. "
        "When it has calmed down, write on the booking's page what happened.",
    ),
    Kind.SAID_HOW_LONG: Text(
        "{name} still needs about {minutes} minutes",
        "It is about the handover of {care}, {window}. We go on telling others until it is recorded or somebody else "
        "looks into it.",
    ),
    Kind.CALL_SETTLED: Text(
        "{name} says: it is settled",
        "No call is needed any more about {care}, {window}. Nobody else is called on.",
    ),
    Kind.HOW_LONG_AT_DESK: Text(
        "It still takes about {minutes} minutes: {care}, {window}",
        "So says whoever is late. We go on telling others until the handover is recorded or somebody looks into it.",
    ),
    Kind.SETTLED_AT_DESK: Text(
        "It is settled: {care}, {window}",
        "So says the supporter who asked the family to call. Nobody else is called on.",
    ),
    Kind.CONTACT_NOT_NEEDED: Text(
        "You need not reach {name} any more",
        "What we asked you for is settled. Thank you.",
    ),
    Kind.NOTE_TAKEN: Text(
        "{name} wrote a note",
        "{care}, {window}. Read it on the booking's page.",
    ),
    Kind.REPORT_WRITTEN: Text(
        "{name} wrote an activity report",
        "{care}, {window}. Read it on the booking's page, and send a kind word.",
    ),
    Kind.THANKED: Text(
        "{name} sent you a thank-you",
        "{care}, {window}. Read it on the booking's page.",
    ),
    Kind.LATE_START_PROPOSED: Text(
        "{name} proposes a later start",
        "{care}, {window}. New start: {new_start}. Agree if it suits you; until then all stays as it was.",
    ),
    Kind.LATE_START_AGREED: Text(
        "The new start is agreed",
        "{name} agreed. {care} now starts {new_start}, and insurance with it.",
    ),
    Kind.LATE_START_REFUSED: Text(
        "The start stays as it was",
        "{name} did not agree to {new_start}. {care} stays at {window}.",
    ),
    Kind.SERIES_ASKED: Text(
        "Can you help? {care}, {window} and on, {dates} dates",
        "{ages}, {distance} away. The request repeats; you can offer for just the dates you can take.",
    ),
    Kind.SERIES_OFFERED: Text(
        "{name} offers to help on {dates} dates",
        "{care}, {window} and on. Have a look and choose.",
    ),
    Kind.SERIES_BOOKED: Text(
        "Booked with {name} on {dates} dates",
        "{care}, {window} and on. Each date is insured by itself. The series' page tells which dates could not "
        "be booked.",
    ),
    Kind.SERIES_CANCELLED: Text(
        "The rest of a series was cancelled",
        "{name} cancelled {dates} dates of {care}. Reason: {reason}.",
    ),
    Kind.RECORDS_READ_IN_BULK: Text(
        "{name} looked at the records of {people} people within 24 hours",
        "That is more than staff usually need. Ask them why. Everyone concerned sees when and why under “What others "
        "see of me”. If you are worried, tell the operator.",
    ),
    Kind.SERIES_ASK_CLOSED: Text(
        "A repeating request is closed: {window} and on",
        "{dates} dates went to someone else or were withdrawn. There is nothing left to do for those. Tha"
        "nk you for considering it.",
    ),
}
