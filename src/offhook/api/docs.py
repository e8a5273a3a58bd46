"""The readable documentation: static files that draw `/openapi.json`, and nothing from elsewhere."""

from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

router = APIRouter(include_in_schema=False)

_FOLDER = files("offhook.api") / "pages"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Nothing that a page shows may come from elsewhere, or run what is not ours."""


@router.get("/")
async def front() -> Response:
    """Lead whoever opens the address of the API in a browser to what can be asked there."""
    return RedirectResponse("docs")


@router.get("/docs")
async def page() -> Response:
    """Serve the page."""
    return _file("docs.html", "text/html")


@router.get("/docs/docs.css")
async def style() -> Response:
    """Serve its style."""
    return _file("docs.css", "text/css")


@router.get("/docs/errors.css")
async def style_of_errors() -> Response:
    """Serve what pages of errors add to it."""
    return _file("errors.css", "text/css")


@router.get("/docs/docs.js")
async def script() -> Response:
    """Serve its script."""
    return _file("docs.js", "text/javascript")


def _file(name: str, kind: str) -> Response:
    return Response((_FOLDER / name).read_bytes(), media_type=kind, headers=HEADERS)
