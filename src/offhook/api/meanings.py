"""Every code that the API answers, explained: what the `help` of a `Problem` leads to."""

from collections.abc import Mapping

MEANINGS: Mapping[str, tuple[int, str]] = {
    "bad-field": (400, "A field is wrong; the answer is a list of sentences for each wrong field."),
    "malformed-body": (400, "The body could not be read. Send an HTML form's encoding or a JSON object, in UTF-8."),
    "bad-request": (400, "The request is not HTTP as this server speaks it."),
    "wrong-credentials": (
        401,
        "Send the SID and the auth token of an enabled API user with HTTP Basic, from where that user may come from.",
    ),
    "not-enough-credit": (402, "The account cannot pay for it. Top it up, or wait for running calls to end."),
    "verification-required": (
        403,
        "The number is for accounts whose identity was checked. Ask whoever runs this platform to check yours.",
    ),
    "no-such-path": (404, "There is nothing at this path. See the list of requests above."),
    "not-found": (404, "What was named does not exist, or belongs to another account."),
    "number-not-found": (404, "There is no number with this din_uid. Search the free numbers for one."),
    "reservation-not-found": (404, "The account does not reserve this number, or no longer."),
    "subscription-not-found": (404, "The account does not subscribe this number, or no longer."),
    "rules-not-found": (404, "The subscription has no hosted rules."),
    "rules-url-not-found": (
        404,
        "No rules are served at this URL, or no longer. The API shows the URL of a subscription.",
    ),
    "call-not-found": (404, "The account had no call with this call_id."),
    "recording-not-found": (404, "The account has no recording with this recording_uid."),
    "link-wrong": (404, "The link was changed, or is of another platform. Copy it whole, or ask for a new one."),
    "command-not-found": (404, "The account wanted no such thing of this call."),
    "account-not-found": (404, "The account of this API user is gone."),
    "method-not-allowed": (405, "The path exists, the method does not. The header Allow lists those that do."),
    "conflict": (409, "It exists, but its present state does not allow this."),
    "number-taken": (409, "Somebody else holds or reserves the number, or it rests after its last subscription."),
    "too-many-reservations": (409, "The account reserves as many numbers as it may. Subscribe one or give one back."),
    "recording-not-stored": (409, "The recording is not whole yet. Come back when its call has ended."),
    "recording-elsewhere": (
        409,
        "The file is on another node of the platform, which the sentence names. Ask that one.",
    ),
    "call-is-over": (409, "The call has ended, or is just ending. Nothing can be wanted of it any more."),
    "credit-ended": (409, "The call says its last words for want of credit. Only its end can still be wanted."),
    "too-many-commands": (409, "The call has not done yet what was wanted of it before. Try again in a second."),
    "idempotency-key-in-progress": (
        409,
        "The first request with this Idempotency-Key is still being done. Wait for it.",
    ),
    "gone": (410, "It was there once, and never comes back."),
    "recording-gone": (410, "The audio was deleted or is lost; the sentence says which. The row stays."),
    "link-expired": (410, "Links to recordings are good for a while only. Ask for a new one, or sign in."),
    "body-too-large": (413, "A body is at most 64 KiB."),
    "unsupported-media-type": (415, "Send application/x-www-form-urlencoded or application/json, in UTF-8."),
    "idempotency-key-reused": (422, "The Idempotency-Key stood on a request with another path or body. Use a new one."),
    "throttled": (429, "Too many requests at once. Wait for as many seconds as Retry-After says."),
    "internal-error": (500, "A defect of ours; it was logged."),
    "database-away": (503, "The database cannot be reached for the moment. Nothing was changed; try again."),
    "not-ready": (503, "A part of this server is not ready; the sentence names it."),
}
"""HTTP status and explanation by code."""
