import base64
from dataclasses import replace

import pytest

from free_ports import tcp_port
from mail_sink import MailSink
from offhook.mail.errors import MailNotSent
from offhook.mail.server import MailServer, Security
from offhook.mail.smtp import LONGEST_SUBJECT, Attachment, Mail, compose, send

MAIL = Mail(
    "offhook@example.org", "shop@example.com", "Low credit", "Fünf credits are left.\n.\n", "<notice-1@example.org>"
)


def server(port: int, *, user: str = "", password: str = "", security: Security = Security.NONE) -> MailServer:
    return MailServer("127.0.0.1", port, security, user, password)


def test_a_mail_arrives_as_it_was_written() -> None:
    with MailSink() as sink:
        send(server(sink.port), MAIL)
    (mail,) = sink.mails
    assert (mail["From"], mail["To"], mail["Subject"], mail["Message-ID"], mail["Auto-Submitted"]) == (
        "offhook@example.org",
        "shop@example.com",
        "Low credit",
        "<notice-1@example.org>",
        "auto-generated",
    )
    assert mail.get_content().replace("\r\n", "\n") == "Fünf credits are left.\n.\n"


def test_a_user_logs_in() -> None:
    with MailSink() as sink:
        send(server(sink.port, user="me", password="a secret"), MAIL)
    secret = base64.b64encode(b"\0me\0a secret").decode()
    assert f"AUTH PLAIN {secret}" in sink.words
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("RCPT", "550 nobody of this name"),
        ("MAIL", "451 come back later"),
        ("DATA", "554 no"),
        ("AUTH", "535 wrong password"),
    ],
)
def test_a_refusal_says_what_the_server_said(verb: str, answer: str) -> None:
    with MailSink({verb: answer}) as sink, pytest.raises(MailNotSent) as refused:
        send(server(sink.port, user="me", password="a secret"), MAIL)
    assert answer in refused.value.sentence
    assert "a secret" not in refused.value.sentence
    assert sink.mails == []


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(MailNotSent, match="refused"):
        send(server(tcp_port()), MAIL)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_without_the_protection_that_was_wanted_gets_nothing(security: Security) -> None:
    with MailSink() as sink, pytest.raises(MailNotSent):
        send(server(sink.port, user="me", password="a secret", security=security), MAIL)
    assert not [word for word in sink.words if word.startswith(("AUTH", "MAIL"))]


def test_nobody_adds_headers_by_a_subject() -> None:
    mail = Mail("a@example.org", "b@example.org", "Hello\r\nBcc: c@example.org", "Text", "<1@example.org>")
    message = compose(mail)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: c@example.org"
    assert len(compose(Mail("a@b", "b@c", "x" * 999, "", "<1@b>"))["Subject"]) == LONGEST_SUBJECT


def test_a_secret_is_not_shown() -> None:
    assert "a secret" not in repr(server(1, user="me", password="a secret"))


@pytest.mark.parametrize(
    "word", ["=?utf-8?q?Hello=0D=0ABcc:_c=40example.org?=", "=?utf-8?b?SGkNCkJjYzogY0BleGFtcGxlLm9yZw==?="]
)
def test_nobody_hides_headers_in_an_encoded_word(word: str) -> None:
    with MailSink() as sink:
        send(
            server(sink.port), Mail("a@example.org", "b@example.org", f"{word}: low credit", "Text", "<1@example.org>")
        )
    (mail,) = sink.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == f"{word}: low credit".replace("=?", "= ?")


@pytest.mark.parametrize("answer", ["421 gone", "nonsense"])
def test_a_mail_that_was_taken_is_sent_whatever_the_server_says_to_quit(answer: str) -> None:
    with MailSink({"QUIT": answer}) as sink:
        send(server(sink.port), MAIL)
    assert len(sink.mails) == 1


def test_a_file_goes_with_a_mail_byte_by_byte() -> None:
    data = bytes(range(256)) * 300
    mail = replace(MAIL, attachments=(Attachment("message.mp3", "audio/mpeg", data),))
    with MailSink() as sink:
        send(server(sink.port), mail)
    (received,) = sink.mails
    text, file = received.iter_parts()
    assert text.get_content().startswith("Fünf credits")
    assert (file.get_content_type(), file.get_filename(), file.get_content()) == ("audio/mpeg", "message.mp3", data)
