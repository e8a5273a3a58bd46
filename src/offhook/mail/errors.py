"""What can go wrong on the way to a mail server."""

from offhook.errors import OffhookError


class MailNotSent(OffhookError):
    """The mail server could not be reached, or did not take the mail; the sentence says what it said."""

    code = "mail-not-sent"
