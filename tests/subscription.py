"""The subscribed number of a running platform, as its customer sets it for one test."""

from running_platform import NUMBER, RunningPlatform

URLS = ("action_url", "fallback_url", "default_action")


class Subscription:
    """Whom the calls of `NUMBER` ask."""

    def __init__(self, platform: RunningPlatform) -> None:
        [self._is_now] = [one for one in platform.api("GET", "/voice/dins/subscriptions/") if one["din"] == NUMBER]
        self._platform = platform
        self._path = f"/voice/dins/subscriptions/{self._is_now['din_uid']}/"

    def set(self, **fields: str) -> None:
        """Change some of action_url, fallback_url and default_action."""
        self._platform.api("POST", self._path, fields)

    def restore(self) -> None:
        """Put everything back."""
        self.set(**{name: self._is_now[name] or "" for name in URLS})
