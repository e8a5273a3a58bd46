"""Every stable code explained: what happened, likely causes, what to do, where it is seen.

The texts are the files `pages/<room>/<code>.md` and ship with the package. `offhook explain`, the page that the API's
`help` leads to, and docs/errors are drawn from them; a test fails if a code has no page, or a page no code.
"""

from offhook.catalogue.entry import Entry, Sighting, read
from offhook.catalogue.shelf import ROOMS, entries, find, in_rooms, near
from offhook.catalogue.words import Kind, Part, parts

__all__ = ["ROOMS", "Entry", "Kind", "Part", "Sighting", "entries", "find", "in_rooms", "near", "parts", "read"]
