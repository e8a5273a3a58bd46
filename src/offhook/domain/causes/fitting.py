"""What to do where what two ends say about their sound does not fit together."""

from offhook.domain.misfits import Misfit

_CURES = {
    Misfit.UNREADABLE: "Have the carrier correct its SDP: RFC 8866, with IP addresses and no names in c= and o=.",
    Misfit.MISSING: "Have the carrier send its SDP: in the INVITE or the ACK, and in the 200 that answers an offer.",
    Misfit.NO_SOUND: "Have the carrier offer audio; faxes (T.38) and video alone are not taken.",
    Misfit.TURNED_DOWN: "Have the carrier name the port at which it wants to hear us.",
    Misfit.CODECS: "Have the carrier offer PCMA or PCMU (G.711), or G722; SRTP if the trunk demands it.",
    Misfit.FAMILY: "Have the carrier name an address of the family by which it sends its calls.",
    Misfit.IN_THE_CLEAR: (
        "Have the carrier use SRTP (RTP/SAVP with a=crypto), or do without it: `offhook trunks set {trunk} --plain`."
    ),
    Misfit.SEALED: "Offer SRTP there: `offhook trunks set {trunk} --srtp`; or have the carrier answer as it was asked.",
    Misfit.KEYS: "Have the carrier use SRTP by RTP/SAVP with a=crypto and AES_CM_128_HMAC_SHA1_80, or none.",
    Misfit.TRANSPORT: "Have the carrier offer RTP/AVP, or RTP/SAVP with a=crypto.",
}


def cure_of_misfit(misfit: str, trunk: str) -> str:
    """Return what to do about a misfit of a trunk's description; a word of another release is taken for the codecs."""
    known = Misfit(misfit) if misfit in set(Misfit) else Misfit.CODECS
    return _CURES[known].format(trunk=trunk)
