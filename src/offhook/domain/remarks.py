"""What a timeline remarks by a code though no call ends of it, and no error of the house says it."""

from offhook.errors import Codes


class Remark(Codes):
    """The codes of a timeline beside those of a call's `Reason`, of errors and of action texts."""

    ACTION_URL_NOT_SET = "action-url-not-set"
    TOO_MANY_REQUESTS = "too-many-requests"
    TIMEOUT = "timeout"
    BAD_FRAGMENT = "bad-fragment"
    SOUND_TIMEOUT = "sound-timeout"
    CALLER_NOT_SHOWN = "caller-not-shown"
    REFER_REFUSED = "refer-refused"
    STRANGER_IN_DIALOG = "stranger-in-dialog"
    RULES_UNREADABLE = "rules-unreadable"
    DIALOG_TOO_LONG = "dialog-too-long"
    KEYS_BY_INFO = "keys-by-info"
    HELD_EXCEEDED = "held-exceeded"
