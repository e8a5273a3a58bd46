"""Voicemail to e-mail: callers leave a message, and each message comes to you by mail, as an MP3.

    pip install offhook-client flask
    export OFFHOOK_SECRET=...                    # `offhook accounts signing rotate NAME` shows it, once
    export OFFHOOK_URL=http://127.0.0.1:8080 OFFHOOK_SID=shop OFFHOOK_TOKEN=...
    export SMTP_HOST=mail.shop.example SMTP_USER=calls SMTP_PASSWORD=... MAIL_TO=me@shop.example
    flask --app voicemail_to_email run --port 9000

The action URL of your number is then http://127.0.0.1:9000/calls. Messages are told by the webhook of the account:

    offhook accounts contact NAME --webhook http://127.0.0.1:9000/events

If a mail cannot be sent, the webhook is answered 500: Offhook tells it again, for a day.
"""

import os
import smtplib
import ssl
from email.message import EmailMessage

from flask import Flask, Response, request

from offhook_client import Client, Recording, Say, Script, SignatureRefused, verify_event, verify_request

# While a new secret takes the old one's place: both, with a blank between. Without any, everything is refused.
SECRETS = os.environ.get("OFFHOOK_SECRET", "").split()
SMTP = (os.environ.get("SMTP_HOST", "localhost"), int(os.environ.get("SMTP_PORT", "25")))
# Whoever waits for the webhook does so for ten seconds.
SMTP_TIMEOUT_S = 5
MAIL_TO = os.environ["MAIL_TO"]
MAIL_FROM = os.environ.get("MAIL_FROM", MAIL_TO)

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
offhook = Client(os.environ["OFFHOOK_URL"], os.environ["OFFHOOK_SID"], os.environ["OFFHOOK_TOKEN"])


@app.get("/calls")
def calls() -> Response:
    """Have every caller leave a message."""
    verify_request(request.headers.get("Offhook-Signature"), request.environ["QUERY_STRING"], SECRETS)
    script = Script().voicemail(Say("en", "Please leave a message."), max=120).say("en", "Thank you. Goodbye.")
    return Response(script.text, mimetype="text/plain")


@app.post("/events")
def events() -> Response:
    """Forward a message that was left. An event may come twice: what is marked as heard was sent."""
    verify_event(request.headers.get("Offhook-Signature"), request.get_data(), SECRETS)
    event = request.get_json()
    if event["event"] == "voicemail.recorded":
        recording = offhook.get_recording(event["data"]["recording_uid"])
        if not recording["heard"] and not recording["deleted_at"]:
            send(mail_of(recording, offhook.get_recording_audio(recording["recording_uid"], "mp3")))
            offhook.mark_recording(recording["recording_uid"])
    return Response(status=204)


def mail_of(recording: Recording, audio: bytes) -> EmailMessage:
    """Write the mail about a message."""
    caller = f"+{recording['caller']}" if recording["caller"] else "a withheld number"
    mail = EmailMessage()
    mail["From"], mail["To"] = MAIL_FROM, MAIL_TO
    mail["Subject"] = f"Message of {recording['duration']} s from {caller}"
    mail.set_content(f"{caller} called +{recording['din']} at {recording['start_time']}.\n")
    mail.add_attachment(audio, maintype="audio", subtype="mpeg", filename=f"{recording['call_id']}.mp3")
    return mail


def send(mail: EmailMessage) -> None:
    """Send a mail. A password leaves this machine encrypted, or not at all."""
    with smtplib.SMTP(*SMTP, timeout=SMTP_TIMEOUT_S) as server:
        if user := os.environ.get("SMTP_USER"):
            server.starttls(context=ssl.create_default_context())
            server.login(user, os.environ["SMTP_PASSWORD"])
        server.send_message(mail)


@app.errorhandler(SignatureRefused)
def refuse(refused: SignatureRefused) -> Response:
    """Say why, and do nothing."""
    return Response(f"{refused}\n", 403, mimetype="text/plain")
