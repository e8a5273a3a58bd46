"""Opening hours: while the office is open its telephone rings, else callers hear when it opens and leave a message.

    pip install offhook-client flask
    export OFFHOOK_SECRET=...                    # `offhook accounts signing rotate NAME` shows it, once
    export OFFICE_TIME_ZONE=Asia/Tokyo OFFICE_NUMBER=+81-3-5550-0123
    flask --app opening_hours run --port 9000

The action URL of your number is then http://127.0.0.1:9000/calls.
"""

import os
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, request

from offhook_client import Say, Script, SignatureRefused, verify_request

# While a new secret takes the old one's place: both, with a blank between. Without any, everything is refused.
SECRETS = os.environ.get("OFFHOOK_SECRET", "").split()
TIME_ZONE = ZoneInfo(os.environ.get("OFFICE_TIME_ZONE", "Asia/Tokyo"))
OFFICE = os.environ.get("OFFICE_NUMBER", "+81-3-5550-0123")

WORKDAY = (time(9), time(18))
HOURS = {"Mon": WORKDAY, "Tue": WORKDAY, "Wed": WORKDAY, "Thu": WORKDAY, "Fri": (time(9), time(16, 30))}
HOLIDAYS = {date(2026, 12, 31), date(2027, 1, 1)}
LONGEST_HOLIDAY = timedelta(days=14)

app = Flask(__name__)


def hours_of(day: date) -> tuple[datetime, datetime] | None:
    """Return when the office opens and closes on a day; None if it stays closed."""
    hours = HOURS.get(f"{day:%a}")
    if hours is None or day in HOLIDAYS:
        return None
    opens, closes = (datetime.combine(day, clock, TIME_ZONE) for clock in hours)
    return opens, closes


def next_opening(now: datetime) -> datetime | None:
    """Return when the office opens next."""
    days = (now.date() + timedelta(days=ahead) for ahead in range(LONGEST_HOLIDAY.days))
    openings = (hours[0] for day in days if (hours := hours_of(day)))
    return next((opens for opens in openings if opens > now), None)


def answer(now: datetime) -> Script:
    """Say what to do with a call that comes now."""
    today = hours_of(now.date())
    if today and today[0] <= now < today[1]:
        return Script().transfer(OFFICE, ring=20).voicemail(Say("en", "All lines are busy. Please leave a message."))
    opens = next_opening(now)
    again = f" We are here again on {opens:%A} at {opens.hour}:{opens:%M}." if opens else ""
    return Script().say("en", f"Our office is closed.{again}").voicemail(Say("en", "Please leave a message."), max=120)


@app.get("/calls")
def calls() -> Response:
    """Answer Offhook's question, if it is Offhook who asks."""
    verify_request(request.headers.get("Offhook-Signature"), request.environ["QUERY_STRING"], SECRETS)
    return Response(answer(datetime.now(TIME_ZONE)).text, mimetype="text/plain")


@app.errorhandler(SignatureRefused)
def refuse(refused: SignatureRefused) -> Response:
    """Say why; the sentence stands in the timeline of the call."""
    return Response(f"{refused}\n", 403, mimetype="text/plain")
