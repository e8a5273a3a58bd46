"""From any codec to any other, one stream at a time.

What G.722 needs is only loaded when it is spoken: the command line starts faster without.
"""

from collections.abc import Callable

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import are_laws
from offhook.engine.media.g711 import transcode

Turn = Callable[[bytes], bytes]


def transcoder(source: Codec, target: Codec) -> Turn:
    """Return what turns the payloads of one stream, in their order; each stays as long as it was."""
    if source is target:
        return _same
    if are_laws(source, target):
        return lambda payload: transcode(payload, source, target)
    from offhook.engine.net import g722

    return g722.FromLaw(source).turn if target is Codec.G722 else g722.ToLaw(target).turn


def _same(payload: bytes) -> bytes:
    return payload
