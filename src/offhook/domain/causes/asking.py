"""Action servers that were not reached, gave no usable answer, or wrote what cannot be done."""

from collections.abc import Mapping

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.standing_in import afterwards
from offhook.domain.causes.story import (
    Story,
    capital,
    documents_in,
    ended,
    first_sentence,
    number_in,
    shortened,
    span,
    text_in,
    the_rest,
)

NOT_SET = "action-url-not-set"
TOO_MANY = "too-many-requests"
CLOCK_SKEW = "clock-skew"
SIGNATURE_GOOD_FOR_S = 300
"""A `t` further away than this is refused (ACTIONS.md): so far may two clocks differ."""

_SET_URL = "Set one: POST /voice/dins/subscriptions/<din_uid>/ with action_url."
_REFUSALS = (401, 403)
_VERBS = {
    "dns-failed": "was not reached",
    "connect-failed": "was not reached",
    "tls-failed": "was not reached",
    "address-refused": "was not asked",
    "breaker-open": "was not asked",
    "bad-url": "was not asked",
    "timeout": "gave no answer in time",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_THE_WHOLE = frozenset({"empty-answer", "looks-like-html", "not-utf8", "too-long", "too-many-lines"})
"""Codes of a text that no line of it is to blame for."""


def of_question(story: Story, at: int) -> Cause | None:
    """Say why the action failed that is told at a place; None if the subscription was meant to do without."""
    event = story.events[at]
    code = event.code or "action-failed"
    if code == NOT_SET:
        return _not_set(story, at)
    if number_in(event.data, "line") is not None:
        return _wrong_text(story, at, code)
    tries = documents_in(event.data, "tries")
    if code == TOO_MANY:
        sentence = f"The scripts lead in a circle: {first_sentence(event.text)}{afterwards(story, at)}."
        return Cause(code, sentence, _cure(code, ""))
    subject = _subject(story, story.told(story.last("action-requested", before=at), "url"))
    end = afterwards(story, at)
    last = tries[-1] if tries else {}
    skew_s = number_in(last, "skew_s") or 0
    is_refused = number_in(last, "status") in _REFUSALS and last.get("is_signed") is True
    if is_refused and abs(skew_s) > SIGNATURE_GOOD_FOR_S:
        way = "ahead of" if skew_s > 0 else "behind"
        sentence = (
            f"{subject} refused our signed request (status {last['status']}), and its clock is {span(skew_s)} {way}"
            f" ours: a signature is good for {span(SIGNATURE_GOOD_FOR_S)}{end}."
        )
        return Cause(CLOCK_SKEW, capital(sentence), "Set both clocks by NTP; `timedatectl` shows whether one is wrong.")
    told = event.text or text_in(last, "text")
    sentence = f"{_led_on(subject, tries)} {_verb(code, last)}: {first_sentence(told)}{end}."
    return Cause(code, capital(sentence), _cure(code, the_rest(told)))


def _verb(code: str, last: Mapping[str, object]) -> str:
    """Say how far a request came; older timelines do not tell whether it left."""
    if code in ("connect-failed", "timeout") and last.get("was_sent") is False:
        return "was not reached"
    if code == "connect-failed" and last.get("was_sent") is True:
        return "gave no answer that can be used"
    return _VERBS.get(code, "gave no answer that can be used")


def _led_on(subject: str, tries: list[Mapping[str, object]]) -> str:
    """Name the URL that failed: the one that was asked, or where its redirects led."""
    was_redirected = any(number_in(one, "status") in _REDIRECTS for one in tries[:-1])
    if not was_redirected or tries[-1].get("code") is None:
        return subject
    # What was added to the query would only hide where that is.
    where, _, _ = text_in(tries[-1], "url").partition("?")
    return f"{subject} redirects to {where}, which"


def _not_set(story: Story, at: int) -> Cause | None:
    instead = story.first("action-requested", "default-action", "announcement", "chain-exhausted", after=at)
    if instead is not None and story.events[instead].kind == "default-action":
        # Whoever sets a default action alone wants nobody asked.
        following = story.first("script", "action-failed", after=instead)
        return None if following is None or story.events[following].kind == "script" else of_question(story, following)
    sentence = f"No action URL is set for +{story.call.recipient}{afterwards(story, at)}."
    return Cause(NOT_SET, sentence, _SET_URL)


def _wrong_text(story: Story, at: int, code: str) -> Cause:
    event = story.events[at]
    line = number_in(event.data, "line")
    wrong = event.text.removeprefix(f"line {line}: ")
    written, hint = _drawn(event.data)
    whose = _whose(story, at)
    end = afterwards(story, at)
    cure = ended(capital(hint)) if hint else "Correct the text; `offhook actions lint FILE` reads it as a call does."
    if code in _OF_THE_WHOLE:
        return Cause(code, f"What {whose} cannot be done: {wrong}{end}.", cure)
    quoted = f", `{written}`," if written else ""
    return Cause(code, f"Line {line} of what {whose}{quoted} cannot be done: {wrong}{end}.", cure)


def _whose(story: Story, at: int) -> str:
    """Say who wrote the text that failed at a place."""
    source = story.last("action-answered", "default-action", "rule-decided", "directed", before=at)
    match "" if source is None else story.events[source].kind:
        case "action-answered":
            asked = story.told(story.last("action-requested", before=at), "url")
            return f"{_subject(story, asked)} answered"
        case "default-action":
            return "the subscription's default action says"
        case "rule-decided":
            return f"the subscription's rule {story.told(source, 'rule')} says"
        case _:
            return "was to be done"


def _subject(story: Story, url: str) -> str:
    if not url:
        return "the action server"
    return f"the action URL {url}" if url == story.call.action_url else f"the URL {url}"


def _drawn(data: Mapping[str, object]) -> tuple[str, str]:
    """Return the source line and the hint of a drawing; empty where there is none."""
    found = data.get("drawn")
    _, written, carets = (*found.split("\n", 2), "", "", "")[:3] if isinstance(found, str) else ("", "", "")
    return shortened(written.strip()), carets.strip().lstrip("^").strip()


def _cure(code: str, told: str) -> str:
    if told:
        return told
    return {
        "too-many-requests": "Let the script come to an end: one action leads to the next for ever.",
        "timeout": "Answer first and work later: all action servers of a call together have 18 s.",
    }.get(code, "Try it: `offhook actions try URL` asks as a call would.")
