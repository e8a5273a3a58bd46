"""The times of one call, in seconds, and the words it can say of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SORRY = MappingProxyType(
    {
        "en": "We are sorry. This number cannot take your call at the moment. Please try again later.",
        "de": "Es tut uns leid. Diese Nummer kann Ihren Anruf gerade nicht annehmen. Bitte versuchen Sie es später.",
        "fr": "Nous sommes désolés. Ce numéro ne peut pas prendre votre appel. Veuillez réessayer plus tard.",
        "es": "Lo sentimos. Este número no puede atender su llamada. Por favor, inténtelo más tarde.",
        "it": "Siamo spiacenti. Questo numero non può rispondere. Si prega di riprovare più tardi.",
    }
)
PRESS_ONE = MappingProxyType(
    {
        "en": "You have a call. To take it, press one.",
        "de": "Sie haben einen Anruf. Um ihn anzunehmen, drücken Sie die Eins.",
        "fr": "Vous avez un appel. Pour le prendre, appuyez sur un.",
        "es": "Tiene una llamada. Para aceptarla, pulse uno.",
        "it": "Ha una chiamata. Per accettarla, prema uno.",
    }
)
CREDIT_ENDED = MappingProxyType(
    {
        "en": "This call ends now. Goodbye.",
        "de": "Dieser Anruf endet jetzt.",
        "fr": "Cet appel se termine.",
        "es": "Esta llamada termina ahora.",
        "it": "Questa chiamata termina ora.",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each part of a call may take."""

    chain_s: float = 18.0
    """All action requests before the answer together."""
    requests: int = 50
    """Action requests of one call, so that none goes round in circles for ever."""
    meanwhile_s: float = 1.0
    """How long an answered caller hears silence while an action server is asked; then it rings."""
    sound_s: float = 5.0
    """From asking for a sound until it can be played."""
    ring_again_s: float = 60.0
    """How often a ringing caller is told so again."""
    extend_before_s: float = 5.0
    """How long before a minute begins it is paid for."""
    gateway_s: float = 5.0
    """How long a route's gateway may say nothing at all, before the next route is taken."""
    confirm_s: float = 15.0
    """How long a callee who answered may take to press the key that takes the call."""
    call_s: float = 4 * 3600.0
    """An answered call."""
    message_s: float = 300.0
    """A recorded message, where the script does not say less."""
    silence_s: float = 6.0
    """How long a caller may be silent within a message."""
    goodbye_s: float = 0.2
    """Silence after the last action, so that the caller's jitter buffer plays the last word."""
    sorry: Mapping[str, str] = field(default_factory=lambda: SORRY)
    """What a caller hears when the chain has failed, by language."""
    credit_ended: Mapping[str, str] = field(default_factory=lambda: CREDIT_ENDED)
    """What a caller hears when the credit has ended, by language; spoken within `extend_before_s`."""
    press_one: Mapping[str, str] = field(default_factory=lambda: PRESS_ONE)
    """What a callee hears who is to confirm that it takes the call, by language."""
