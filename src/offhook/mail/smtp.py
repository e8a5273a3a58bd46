"""One mail by one connection: plain, with STARTTLS, or with TLS from the beginning.

Blocking, and meant for a thread: notices are few. The standard library speaks SMTP; this file says where to,
how long at most, and what may stand in a mail.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from offhook.mail.errors import MailNotSent
from offhook.mail.server import MailServer, Security

TIMEOUT_S = 15.0
"""For each answer of the server."""
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; `kind` is its media type, like `audio/mpeg`."""

    name: str
    kind: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of plain text. `message_id` is the same each time that it is sent."""

    sender: str
    recipient: str
    subject: str
    text: str
    message_id: str
    attachments: tuple[Attachment, ...] = ()


def compose(mail: Mail) -> EmailMessage:
    """Return a mail as it travels. Nobody adds headers of their own."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.recipient
    message["Subject"] = _as_subject(mail.subject)
    message["Message-ID"] = mail.message_id
    # RFC 3834 section 5: no automatic answers to automatic mail.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    for one in mail.attachments:
        kind, _, subtype = one.kind.partition("/")
        message.add_attachment(one.data, maintype=kind, subtype=subtype, filename=one.name)
    return message


def send(server: MailServer, mail: Mail) -> None:
    """Hand a mail in. Raises MailNotSent."""
    try:
        connection = _connected(server)
        try:
            if server.security is Security.STARTTLS:
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(compose(mail), mail.sender, [mail.recipient])
            _take_leave(connection)
        finally:
            connection.close()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotSent(f"{server.host}:{server.port} did not take the mail: {_reason(error)}") from error


def _take_leave(connection: smtplib.SMTP) -> None:
    """Say QUIT. The server has taken the mail: whatever it answers now, it would be sent twice if this failed."""
    with suppress(OSError, smtplib.SMTPException):
        connection.quit()


def _as_subject(text: str) -> str:
    """Return a text for a header: a line end is a blank, and what looks like an encoded word is none.

    The standard library would decode such a word (RFC 2047), whatever it hides, and write that into the header.
    """
    return " ".join(text.split()).replace("=?", "= ?")[:LONGEST_SUBJECT]


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security is Security.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)


def _reason(error: OSError | smtplib.SMTPException) -> str:
    """Say what the server said, without the words of ours that it may quote."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"{code} {said.decode(errors='replace')}"
    if isinstance(error, smtplib.SMTPResponseException):
        # The library keeps some answers as bytes and some as text.
        answer = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {answer}"
    return str(error) or type(error).__name__
