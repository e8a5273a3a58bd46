from offhook.engine.sip.errors import MalformedMessage
from offhook.errors import ProtocolError


def test_a_malformed_message_deserves_400_unless_told_otherwise() -> None:
    assert MalformedMessage("no").status == 400
    assert MalformedMessage("no", status=416).status == 416


def test_a_malformed_message_is_a_protocol_error_with_its_code_and_sentence() -> None:
    error = MalformedMessage("there is no Via header")
    assert isinstance(error, ProtocolError)
    assert (error.code, error.sentence) == ("malformed-message", "there is no Via header")
