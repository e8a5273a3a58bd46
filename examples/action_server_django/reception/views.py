"""The action URL, and the page where somebody chooses what it answers."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from offhook_client import SignatureRefused, verify_request
from reception.forms import ChoiceForm
from reception.models import Choice, Question


@login_not_required
@require_GET
@never_cache
def calls(request: HttpRequest) -> HttpResponse:
    """Answer Offhook's question what to do with a call, if it is Offhook who asks."""
    try:
        call = verify_request(
            request.headers.get("Offhook-Signature"), request.META["QUERY_STRING"], settings.OFFHOOK_SECRETS
        )
    except SignatureRefused as refused:
        Question.note(refusal=str(refused))
        return HttpResponse(f"{refused}\n", status=403, content_type="text/plain; charset=utf-8")
    answer = Choice.current().script.text
    Question.note(call=call, answer=answer)
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show what callers get and what was asked; keep what is chosen."""
    form = ChoiceForm(request.POST or None, instance=Choice.current())
    if form.is_valid():
        form.save()
        return redirect("page")
    shown = {
        "form": form,
        "now": Choice.current().script,
        "questions": Question.objects.all(),
        "signed": bool(settings.OFFHOOK_SECRETS),
        "action_url": request.build_absolute_uri(reverse("calls")),
    }
    return render(request, "reception/page.html", shown, status=400 if form.errors else 200)


@require_POST
def preview(request: HttpRequest) -> JsonResponse:
    """Say what the form would answer, or what is wrong with it; nothing is kept."""
    form = ChoiceForm(request.POST, instance=Choice.current())
    if form.is_valid():
        return JsonResponse({"text": form.instance.script.text, "problem": ""})
    problems = [problem for field in form.errors.values() for problem in field]
    return JsonResponse({"text": "", "problem": " ".join(problems)})


@require_GET
@never_cache
def questions(request: HttpRequest) -> HttpResponse:
    """Show the log alone, for the page to renew it."""
    return render(request, "reception/questions.html", {"questions": Question.objects.all()})
