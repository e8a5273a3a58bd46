"""What codecs have in common."""

import pytest

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE, are_laws, are_near, preferred
from offhook.engine.media.sdp import SPOKEN


def test_every_codec_has_a_silence_of_one_byte() -> None:
    assert {codec: len(silence) for codec, silence in SILENCE.items()} == dict.fromkeys(Codec, 1)


def test_only_the_laws_of_g711_are_turned_by_a_table() -> None:
    assert are_laws(Codec.PCMU, Codec.PCMA)
    assert not are_laws(Codec.PCMU, Codec.G722)
    assert not are_laws(Codec.G722, Codec.PCMA)


def test_who_needs_no_decoder_is_near() -> None:
    assert are_near(Codec.G722, Codec.G722)
    assert are_near(Codec.PCMU, Codec.PCMA)
    assert not are_near(Codec.PCMU, Codec.G722)


@pytest.mark.parametrize(
    ("own", "may_transcode", "offered"),
    [
        (Codec.PCMU, True, "PCMU PCMA G722"),
        (Codec.PCMA, True, "PCMA PCMU G722"),
        (Codec.G722, True, "G722 PCMU PCMA"),
        (Codec.PCMA, False, "PCMA PCMU"),
        (Codec.G722, False, "G722"),
    ],
)
def test_the_callers_codec_stands_first_and_what_takes_a_decoder_last_if_at_all(
    own: Codec, may_transcode: bool, offered: str
) -> None:
    assert preferred(own, SPOKEN, may_transcode=may_transcode) == [Codec(name) for name in offered.split()]
