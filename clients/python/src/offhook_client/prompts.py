"""What a caller hears: read aloud or played, as a line of its own, or before a recording or a key."""

from dataclasses import dataclass

from offhook_client.urls import url
from offhook_client.words import language, option, quoted, spoken, voice_name, whole

LOOP = (1, 100)


@dataclass(frozen=True, slots=True)
class Say:
    """A text to read aloud, of at most 2,000 characters."""

    lang: str
    text: str
    loop: int | None = None
    voice: str | None = None

    @property
    def line(self) -> str:
        """How the action language writes it; raises BadScript."""
        return (
            f"say {language(self.lang)} {quoted(spoken(self.text))}"
            + option("loop", whole("loop", self.loop, LOOP))
            + option("voice", voice_name(self.voice))
        )


@dataclass(frozen=True, slots=True)
class Playback:
    """A sound to play."""

    url: str
    loop: int | None = None

    @property
    def line(self) -> str:
        """How the action language writes it; raises BadScript."""
        return f"playback {url(self.url)}" + option("loop", whole("loop", self.loop, LOOP))
