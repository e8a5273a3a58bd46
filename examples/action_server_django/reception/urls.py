"""Where things are: `/calls` is for Offhook, the rest for whoever is logged in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from django.views.static import serve

from reception import views

# Django's own server sends no static files without DEBUG; two small ones may go this way.
STATIC = {"document_root": settings.BASE_DIR / "reception" / "static"}

urlpatterns = [
    path("calls", views.calls, name="calls"),
    path("", views.page, name="page"),
    path("preview", views.preview, name="preview"),
    path("questions", views.questions, name="questions"),
    path("login", LoginView.as_view(template_name="reception/login.html"), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("static/<path:path>", login_not_required(serve), STATIC, name="static"),
]
