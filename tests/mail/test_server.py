import pytest

from offhook.mail.server import MailServer, Security, read_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, Security.NONE)),
        ("smtp://127.0.0.1:2525/", MailServer("127.0.0.1", 2525, Security.NONE)),
        ("smtp+starttls://me:a%40b@mail.example", MailServer("mail.example", 587, Security.STARTTLS, "me", "a@b")),
        ("smtps://me:x@mail.example", MailServer("mail.example", 465, Security.TLS, "me", "x")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert read_url(url) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://a:99999", "smtp://a:0", "smtp://a/b", "smtp://a?b"],
)
def test_what_is_no_mail_server_says_how_one_is_written(url: str) -> None:
    with pytest.raises(ValueError, match="smtps://USER"):
        read_url(url)
