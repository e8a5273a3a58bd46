"""The page of troubleshooting, made from the gallery of faults."""

from itertools import groupby

from fault_gallery import FAULTS, Fault

PAGE = """\
# Troubleshooting

<!-- Made by scripts/write_docs.py from the code: change scripts/fault_gallery.py, not this page. -->

A call did not go as wished? `offhook calls list` finds it, and `offhook calls show ID`
explains it; without an ID, the latest one.

The first sentence names the cause, the second what to do; the timeline below shows how it came to that. The API tells
the same in the field `cause` of the first line of `GET /voice/calls/<call_id>/timeline/`. It is the root that is named:
where a fallback failed too, or the caller could not be heard either, that stands behind it.

Below are {count} faults, what a caller hears of each, and that first sentence. All of them were made on purpose, and
met by real calls, when this page was tested; `HOST` and `N` stand for what is different each time. A caller hears our
announcement only where nothing else is set up: a fallback URL and a default action come first.

{rooms}

Nothing of this fits? `offhook doctor NUMBER` looks at all that a call of the number meets, and
`offhook actions try URL` follows a whole call. A call that is not in the list at all never came: `offhook trunks
strangers` shows who was not let in.
"""


def page() -> str:
    """Write the page."""
    rooms = (
        f"## {room}\n\n" + "\n\n".join(map(_section, faults))
        for room, faults in groupby(FAULTS, lambda fault: fault.room)
    )
    return PAGE.format(count=len(FAULTS), rooms="\n\n".join(rooms))


def _section(fault: Fault) -> str:
    return (
        f"### {fault.title}\n\n"
        f"The caller hears: {fault.heard[:1].lower()}{fault.heard[1:]}\n\n"
        f"> {_quoted(fault.sentence)}\n\n"
        f"{_quoted(fault.cure)} More: [{fault.code}](errors/{fault.code}.md)."
    )


def _quoted(text: str) -> str:
    """Keep what looks like a tag from being one."""
    return text.replace("<", "&lt;")
