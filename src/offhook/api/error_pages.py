"""What the `help` of an error leads to: a page for each code, drawn from the catalogue, and one that lists them all.

Plain HTML in the style of `/docs`: no script, and nothing from elsewhere. Whoever reads needs no API user.
"""

from collections.abc import Iterable
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template

from fastapi import APIRouter, Response

from offhook.api.docs import HEADERS
from offhook.catalogue import ROOMS, Entry, Kind, find, in_rooms, near, parts
from offhook.catalogue.entry import CAUSES, CURES

HOME = "/docs/errors/"
LONGEST_SHOWN = 80
"""Of what somebody asks for that is no code, so many characters are looked at."""

router = APIRouter(include_in_schema=False)

_PAGE = Template((files("offhook.api") / "pages" / "error.html").read_text(encoding="utf-8"))
_SEEN = "Where it is seen"


@router.get("/docs/errors")
async def index() -> Response:
    """Serve the list of all codes."""
    rooms = (f"<h2>{escape(title)}</h2>\n<dl>{_terms(found)}</dl>" for title, found in in_rooms().items())
    intro = "Every code that Offhook tells, in answers, timelines, logs and on the command line."
    return _page("Errors", "Offhook", f"<p>{intro}</p>", *rooms)


@router.get("/docs/errors/{code}")
async def page(code: str) -> Response:
    """Serve the page of a code; one that nobody knows is a 404 with those that may be meant."""
    entry = find(code)
    if entry is None:
        return _unknown(code)
    return _page(
        entry.code,
        ROOMS[entry.room],
        f'<p class="happened">{_html(entry.happened, entry.code)}</p>',
        _section(CAUSES, entry.causes, entry.code),
        _section(CURES, entry.cures, entry.code),
        _section(_SEEN, entry.where, entry.code),
        f"<p>Where the platform runs: <code>offhook explain {escape(entry.code)}</code></p>",
    )


def _unknown(written: str) -> Response:
    code = written[:LONGEST_SHOWN]
    meant = [found for found in map(find, near(code)) if found is not None]
    asked = f"<dl>{_terms(meant)}</dl>" if meant else ""
    said = f"<p>There is no code <code>{escape(code)}</code>.{' Is it one of these?' if meant else ''}</p>"
    return _page("No such code", "Errors", said, asked, status=HTTPStatus.NOT_FOUND)


def _page(title: str, room: str, *body: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    html = _PAGE.substitute(title=escape(title), room=escape(room), body="\n".join(body))
    return Response(html, status, HEADERS, "text/html")


def _section(title: str, items: Iterable[str], code: str) -> str:
    rows = "\n".join(f"<li>{_html(item, code)}</li>" for item in items)
    return f"<h2>{title}</h2>\n<ul>\n{rows}\n</ul>"


def _terms(found: Iterable[Entry]) -> str:
    return "\n".join(
        f'<dt><a href="{HOME}{one.code}"><code>{one.code}</code></a></dt><dd>{_html(one.happened, one.code)}</dd>'
        for one in found
    )


def _html(text: str, own: str) -> str:
    drawn = []
    for part in parts(text, own=own):
        match part.kind:
            case Kind.WORDS:
                drawn.append(escape(part.text, quote=False))
            case Kind.CODE:
                drawn.append(f"<code>{escape(part.text, quote=False)}</code>")
            case Kind.LINK:
                drawn.append(f'<a href="{HOME}{part.text}"><code>{part.text}</code></a>')
    return "".join(drawn)
