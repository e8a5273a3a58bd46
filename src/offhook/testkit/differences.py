"""What a caller would now hear differently: two flows side by side, passage by passage and line by line.

Where next= leads is not heard, and neither is at which base URL a sound lies; both are overlooked.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from offhook.language import Action, Gather, Playback, Say, Script, Transfer, Voicemail, write
from offhook.testkit.following import Over, Passage
from offhook.testkit.rewriting import Rewriting

RULES = "the subscription's own rules"


class Mark(StrEnum):
    """Whether the caller heard it in the old call, hears it now, or both."""

    SAME = "same"
    WAS = "was"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a script, or in brackets what became of the passage."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """What both flows came to after one question; `is_shared` if both asked it."""

    question: str
    rows: tuple[Row, ...]
    is_shared: bool = True

    @property
    def is_same(self) -> bool:
        """Whether the caller hears here what was heard before."""
        return self.is_shared and all(row.mark is Mark.SAME for row in self.rows)


def compare(old: Sequence[Passage], new: Sequence[Passage], rewriting: Rewriting) -> list[Part]:
    """Return the parts in the order of the call: shared ones, then the rest of the old flow and of the new one."""
    parts: list[Part] = []
    shared = 0
    for was, now in zip(old, new, strict=False):
        if was.key != now.key:
            break
        parts.append(Part(_question(was), _rows(was, now, rewriting)))
        shared += 1
    parts += [_alone(Mark.WAS, passage) for passage in old[shared:]]
    parts += [_alone(Mark.NOW, passage) for passage in new[shared:]]
    return parts


Piece = tuple[Hashable, str]
"""What counts in a comparison, and how it is written."""


def _rows(was: Passage, now: Passage, rewriting: Rewriting) -> tuple[Row, ...]:
    is_same_failure = was.failure and now.failure and was.failure[0] == now.failure[0]
    if is_same_failure and not (was.lines and now.lines):
        # Nobody knows what one of the two went on with, so there is nothing to compare the other with.
        return (Row(Mark.SAME, _failed(now)),)
    if was.over and not (was.over.is_known or was.lines or was.failure):
        # The old caller never heard the answer.
        return (Row(Mark.SAME, f"({was.over.words})"),)
    if was.over and was.over.is_cut and len(now.lines) >= len(was.lines):
        now = replace(now, lines=now.lines[: len(was.lines)], over=was.over)
    old, new = _pieces(was, rewriting), _pieces(now, rewriting)
    rows: list[Row] = []
    matcher = SequenceMatcher(None, [key for key, _ in old], [key for key, _ in new], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            rows += [Row(Mark.SAME, text) for _, text in new[k:m]]
        else:
            rows += [Row(Mark.WAS, text) for _, text in old[i:j]]
            rows += [Row(Mark.NOW, text) for _, text in new[k:m]]
    return tuple(rows)


def _alone(mark: Mark, passage: Passage) -> Part:
    pieces = _pieces(passage, None)
    return Part(_question(passage), tuple(Row(mark, text) for _, text in pieces), is_shared=False)


def _question(passage: Passage) -> str:
    return passage.about.words if passage.about else RULES


def _pieces(passage: Passage, rewriting: Rewriting | None) -> list[Piece]:
    found: list[Piece] = []
    if passage.failure:
        found.append((passage.failure[0], _failed(passage)))
    for action in passage.lines:
        heard = _heard(action, rewriting) if rewriting else action
        found.append((heard, write(Script((action,))).rstrip("\n")))
    if passage.over:
        found.append((_ending(passage.over), f"({passage.over.words})"))
    return found


def _ending(over: Over) -> Hashable:
    # Which fact is missing follows from the line before it.
    return over.words if over.is_known else None


def _failed(passage: Passage) -> str:
    assert passage.failure is not None, "only what failed says why"
    code, text = passage.failure
    return f"(no usable answer: {code}: {text})"


def _heard(action: Action, rewriting: Rewriting) -> Action:
    """Return an action with all left out that the caller does not hear."""
    match action:
        case Playback():
            return _sound(action, rewriting)
        case Gather(prompt=prompt):
            return replace(action, prompt=prompt and _sound(prompt, rewriting), next=None)
        case Voicemail(greeting=greeting):
            return replace(action, greeting=greeting and _sound(greeting, rewriting), next=None)
        case Transfer():
            return replace(action, next=None)
        case _:
            return action


def _sound(sound: Say | Playback, rewriting: Rewriting) -> Say | Playback:
    return replace(sound, url=rewriting.of(sound.url)) if isinstance(sound, Playback) else sound
