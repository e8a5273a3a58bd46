"""What the action language cannot say."""

from offhook_client.errors import BadValue


class BadScript(BadValue):
    """A script would not run as it stands; it was not made."""
