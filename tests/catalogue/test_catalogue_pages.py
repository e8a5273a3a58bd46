"""Each page is whole: all sections, real sentences, commands and codes that exist."""

import re
from pathlib import Path

import pytest

import check_docs
import docs_errors
from offhook.catalogue import ROOMS, Entry, Kind, entries, find, in_rooms, near, parts, read
from offhook.catalogue.entry import PLACES, Sighting

PAGES = Path("src/offhook/catalogue/pages")
ROOT = Path(__file__).resolve().parent.parent.parent
PLACEHOLDER = re.compile(r"\b(todo|tbd|fixme|lorem|xxx)\b|\.\.\.$|\?\?", re.IGNORECASE)
PAGE = """\
# no-tea

There is no tea
left.

Seen: timeline, api 409

## Likely causes

- Somebody drank it, all
  of it.
- Nobody made any.

## What to do

- Make some: `make tea`.
"""


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.code)
def test_a_page_is_whole(entry: Entry) -> None:
    assert find(entry.code) is entry, "its title is its file's name"
    for text in (entry.happened, *entry.causes, *entry.cures, *entry.where):
        assert len(text) > 7, text
        assert text[0].isupper() or text[0] in "`0123456789", text
        assert text.endswith((".", "`")), text
        assert not PLACEHOLDER.search(text), text
        assert text.count("`") % 2 == 0, text
        assert not re.search(r"[ \t]{2}|\n", text), text
    assert entry.seen
    assert len({entry.happened, *entry.causes, *entry.cures}) == 1 + len(entry.causes) + len(entry.cures)


def test_no_two_pages_say_the_same() -> None:
    told = [entry.happened for entry in entries()]
    assert len(set(told)) == len(told)


def test_every_folder_is_a_room_and_every_file_a_page() -> None:
    files = sorted((ROOT / PAGES).rglob("*"))
    assert {path.name for path in files if path.is_dir()} == set(ROOMS)
    assert len([path for path in files if path.is_file()]) == len(entries())
    assert [entry for found in in_rooms().values() for entry in found] == list(entries())


def test_a_page_is_read_as_it_is_written() -> None:
    assert read(PAGE, "calls") == Entry(
        code="no-tea",
        room="calls",
        happened="There is no tea left.",
        seen=(Sighting("timeline"), Sighting("api", "409")),
        causes=("Somebody drank it, all of it.", "Nobody made any."),
        cures=("Make some: `make tea`.",),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("## What to do", "## Cures", "`## What to do`"),
        ("# no-tea\n\n", "", "`# code`"),
        ("Seen: timeline, api 409\n\n", "", "`Seen:`"),
        ("timeline", "kitchen", "'kitchen'"),
        ("api 409", "api", "'api'"),
        ("timeline", "timeline 3", "'timeline 3'"),
        ("- Make", "* Make", "begins with `- `"),
    ],
)
def test_a_page_that_lacks_something_says_what(old: str, new: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        read(PAGE.replace(old, new), "calls")


def test_every_place_is_used_and_has_a_sentence() -> None:
    assert {one.place for entry in entries() for one in entry.seen} == set(PLACES)
    assert Sighting("api", "404").sentence("x") == "The HTTP API, with status 404."


def test_words_that_are_codes_lead_to_their_pages() -> None:
    found = list(parts("Before `no-credit`, `loop` and `no-tea` there is `no-rtp`.", own="no-rtp"))
    assert [(part.kind, part.text) for part in found] == [
        (Kind.WORDS, "Before "),
        (Kind.LINK, "no-credit"),
        (Kind.WORDS, ", "),
        (Kind.CODE, "loop"),
        (Kind.WORDS, " and "),
        (Kind.CODE, "no-tea"),
        (Kind.WORDS, " there is "),
        (Kind.CODE, "no-rtp"),
        (Kind.WORDS, "."),
    ]


@pytest.mark.parametrize(
    ("written", "meant"), [("no-credti", "no-credit"), ("calle-busy", "callee-busy"), ("audio", "audio-again")]
)
def test_a_typing_error_is_near_what_was_meant(written: str, meant: str) -> None:
    assert meant in near(written)


def test_what_is_like_nothing_is_near_nothing() -> None:
    assert near("zzzzzzzz") == near("") == []


def test_the_documents_have_every_page_and_a_list_of_them(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text(docs_errors.index_page())
    for name, entry in docs_errors.named():
        (tmp_path / name).write_text(docs_errors.page(entry))
    for path in tmp_path.iterdir():
        assert list(check_docs.dead_links(path, path.read_text())) == [], path.name
    index = (tmp_path / "index.md").read_text()
    assert all(f"| [`{entry.code}`]({entry.code}.md) |" in index for entry in entries())
    page = (tmp_path / "no-credit.md").read_text()
    assert re.findall(r"^#+ (.*)$", page, re.MULTILINE) == [
        "no-credit",
        "What happened",
        "Likely causes",
        "What to do",
        "Where it is seen",
    ]
