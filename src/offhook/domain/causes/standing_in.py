"""What took the place of something that failed: the fallback, the default action, our announcement, or nothing."""

from offhook.domain.causes.story import Story, first_sentence, shortened

ANNOUNCED = "the caller heard that nobody can take the call"


def afterwards(story: Story, at: int) -> str:
    """Return how the call went on after the failure at a place, to be put behind its sentence."""
    failed: list[str] = []
    stand_in = ""
    for place in range(at + 1, len(story.events)):
        event = story.events[place]
        match event.kind:
            case "action-requested":
                stand_in = f"the fallback URL {story.told(place, 'url')}".rstrip()
            case "default-action":
                stand_in = "the default action"
            case "action-failed" | "sound-failed" if stand_in:
                failed.append(f"{stand_in} failed too: {first_sentence(shortened(event.text))}")
                stand_in = ""
            case "script" if stand_in and not _fails(story, place):
                return _joined(failed, f"{stand_in} took its place")
            case "announcement":
                return _joined(failed, ANNOUNCED if story.has("playing", after=place) else "")
            case "chain-exhausted":
                return _joined(failed, "the call was refused")
            case "hung-up":
                return _joined(failed, "" if story.has("answered") else "the caller gave up meanwhile")
    return _joined(failed, "")


def _fails(story: Story, at: int) -> bool:
    """Tell whether a script comes to nothing before any of it is done."""
    following = story.first(
        "action-failed", "sound-failed", "playing", "pause", "gather", "transfer", "ended", after=at
    )
    return following is not None and story.events[following].kind in ("action-failed", "sound-failed")


def _joined(failed: list[str], end: str) -> str:
    told = "".join(f"; {one}" for one in failed)
    return f"{told}, so {end}" if end else told
