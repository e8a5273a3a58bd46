"""What codecs have in common."""

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE, are_laws


def test_every_codec_has_a_silence_of_one_byte() -> None:
    assert {codec: len(silence) for codec, silence in SILENCE.items()} == dict.fromkeys(Codec, 1)


def test_only_the_laws_of_g711_are_turned_by_a_table() -> None:
    assert are_laws(Codec.PCMU, Codec.PCMA)
    assert not are_laws(Codec.PCMU, Codec.G722)
    assert not are_laws(Codec.G722, Codec.PCMA)
