"""`offhook demo`: a whole platform on loopback, called for real, that checks what was heard."""

from offhook.cli.options import Json


def demo(as_json: Json = False) -> None:
    """Hear it work: real calls on loopback.

    Starts a platform with a new database, a trunk, numbers, an account and an action server; searches, subscribes and
    sets the URL through the HTTP API; calls, and checks what is heard. Leaves the folder demo-out behind: the sounds
    as WAV files, and the timelines.
    """
    from offhook.cli.demo.story import play

    play(as_json=as_json)
