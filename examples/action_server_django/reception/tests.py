"""`python manage.py test`: what the action URL answers, whom it refuses, and what the page shows and keeps."""

import hashlib
import hmac
import time
from urllib.parse import quote, urlencode

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings

from reception.models import KEPT_QUESTIONS, Choice, Question

SECRET = "whsec_test"
CALL = {"call_id": "c1", "caller": "819012345678", "event": "incoming", "recipient": "815012345678"}
SCRIPT = "<script>alert(1)</script>"


def signature(call: dict[str, str], secret: str = SECRET) -> str:
    """Sign a question as Offhook does."""
    t = int(time.time())
    text = "\n".join([str(t), *(f"{name}={quote(call[name], safe='')}" for name in sorted(call))])
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"t={t},n={' '.join(sorted(call))},v1={made}"


@override_settings(OFFHOOK_SECRETS=["whsec_new", SECRET])
class ActionUrl(TestCase):
    """What Offhook gets."""

    def ask(self, header: str | None, **changes: str) -> HttpResponse:
        query = urlencode({**CALL, **changes})
        headers = {} if header is None else {"Offhook-Signature": header}
        return self.client.get(f"/calls?{query}", headers=headers)

    def test_a_signed_question_is_answered_by_what_was_chosen(self) -> None:
        Choice(pk=1, text='He said "hello"\nand more').save()
        response = self.ask(signature(CALL))
        assert response.status_code == 200
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert response.content.decode() == r'say en "He said \"hello\"\nand more"'

    def test_without_a_choice_callers_are_greeted(self) -> None:
        self.assertContains(self.ask(signature(CALL)), 'say en "Hello!')

    def test_whoever_did_not_sign_is_refused_and_told_why(self) -> None:
        for header in (None, "", "t=1", signature(CALL, "whsec_other")):
            response = self.ask(header)
            assert response.status_code == 403
            self.assertNotContains(response, "say", status_code=403)
        self.assertContains(self.ask(signature(CALL), caller="81"), "a value was changed", status_code=403)

    @override_settings(OFFHOOK_SECRETS=[])
    def test_without_a_secret_everybody_is_refused(self) -> None:
        self.assertContains(self.ask(signature(CALL, "")), "no secret", status_code=403)

    def test_what_was_asked_is_written_down(self) -> None:
        self.ask(signature(CALL), shop="unsigned")
        self.ask(None)
        refused, asked = Question.objects.all()
        assert (asked.call, asked.answer[:6], asked.refusal) == (CALL, "say en", "")
        assert (refused.call, refused.answer) == ({}, "")
        assert "no Offhook-Signature" in refused.refusal

    def test_refusals_push_no_caller_out_of_the_log(self) -> None:
        self.ask(signature(CALL))
        for _ in range(KEPT_QUESTIONS + 5):
            self.ask(None)
        assert Question.objects.filter(refusal="").count() == 1
        assert Question.objects.exclude(refusal="").count() == KEPT_QUESTIONS

    def test_other_methods_and_other_hosts_are_refused(self) -> None:
        assert self.client.post("/calls", CALL).status_code == 405
        assert self.client.get("/calls", headers={"Host": "evil.example"}).status_code == 400


class Page(TestCase):
    """What people get."""

    def setUp(self) -> None:
        self.client.force_login(User.objects.create_user("keeper"))

    def choose(self, path: str = "/", **fields: str) -> HttpResponse:
        return self.client.post(path, {"action": "say", "language": "en", **fields})

    def test_only_who_is_logged_in_sees_and_changes_anything(self) -> None:
        stranger = Client()
        for path in ("/", "/questions"):
            self.assertRedirects(stranger.get(path), f"/login?next={path}")
        for path in ("/", "/preview"):
            self.assertRedirects(stranger.post(path, {"action": "reject"}), f"/login?next={path}")
        assert stranger.get("/login").status_code == 200
        assert not Choice.objects.exists()

    def test_one_logs_in_by_a_password(self) -> None:
        User.objects.create_user("owner", password="correct horse")
        stranger = Client()
        wrong = stranger.post("/login", {"username": "owner", "password": "wrong"})
        self.assertContains(wrong, "correct username and password")
        right = stranger.post("/login", {"username": "owner", "password": "correct horse"})
        self.assertRedirects(right, "/")

    def test_each_action_is_chosen_and_shown(self) -> None:
        telephone = {"action": "transfer", "number": "+81-3-5550-0123", "text": "Nobody is here."}
        for fields, script in (
            ({"text": "おはよう", "language": "ja"}, 'say ja "おはよう"'),
            ({"action": "playback", "sound": "https://example.com/a.mp3"}, "playback https://example.com/a.mp3"),
            (telephone, 'transfer +81-3-5550-0123 ring=20\nvoicemail say en "Nobody is here."'),
            ({"action": "voicemail", "text": "Hello."}, 'voicemail say en "Hello." max=120'),
            ({"action": "reject"}, "reject busy"),
        ):
            self.assertRedirects(self.choose(**fields), "/")
            assert Choice.current().script.text == script
            self.assertContains(self.client.get("/"), f"<pre>{script}</pre>", html=True)

    def test_what_would_not_run_is_not_kept(self) -> None:
        for fields in (
            {"text": " "},
            {"action": "playback", "sound": "javascript:alert(1)"},
            {"action": "transfer", "number": "110", "text": "Nobody is here."},
            {"action": "dance"},
        ):
            response = self.choose(**fields)
            self.assertContains(response, 'class="problem"', status_code=400)
        self.assertContains(self.choose(action="transfer", number="110"), "with its country code", status_code=400)
        assert not Choice.objects.exists()

    def test_the_preview_is_what_would_be_answered_and_keeps_nothing(self) -> None:
        assert self.choose("/preview", text='"a"').json() == {"text": r'say en "\"a\""', "problem": ""}
        wrong = self.choose("/preview", text="").json()
        assert (wrong["text"], wrong["problem"][:17]) == ("", "The text is empty")
        assert not Choice.objects.exists()

    def test_a_form_of_another_site_changes_nothing(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(User.objects.get())
        for path in ("/", "/preview", "/logout"):
            assert strict.post(path, {"action": "reject"}).status_code == 403
        token = strict.get("/").context["csrf_token"]
        fields = {"action": "reject", "language": "en", "csrfmiddlewaretoken": str(token)}
        elsewhere = strict.post("/", fields, headers={"Origin": "https://evil.example"})
        assert elsewhere.status_code == 403
        assert not Choice.objects.exists()
        self.assertRedirects(strict.post("/", fields), "/")

    def test_nothing_that_callers_or_people_wrote_is_markup(self) -> None:
        self.choose(text=SCRIPT)
        Question.note(call={**CALL, "caller": SCRIPT, "caller_name": SCRIPT, SCRIPT: "x"}, answer=SCRIPT)
        Question.note(refusal=SCRIPT)
        for path in ("/", "/questions"):
            response = self.client.get(path)
            self.assertNotContains(response, SCRIPT)
            self.assertContains(response, "&lt;script&gt;")
            assert "script-src 'self'" in response["Content-Security-Policy"]

    def test_the_page_says_that_a_secret_is_missing(self) -> None:
        with override_settings(OFFHOOK_SECRETS=[]):
            self.assertContains(self.client.get("/"), "every question is refused")
        with override_settings(OFFHOOK_SECRETS=[SECRET]):
            self.assertNotContains(self.client.get("/"), "every question is refused")

    def test_the_style_and_the_behaviour_are_there_without_a_login(self) -> None:
        for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
            response = Client().get(f"/static/{name}")
            assert (response.status_code, response["Content-Type"]) == (200, kind)
            response.close()
        assert Client().get("/static/../settings.py").status_code == 400
