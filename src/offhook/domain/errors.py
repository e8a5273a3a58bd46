"""The facts that stop a use case, each a leaf of the family tree with its own code."""

from offhook.domain.credits import CREDIT, in_words
from offhook.errors import ConflictError, CreditError, GoneError, NotFoundError


class AccountNotFound(NotFoundError):
    code = "account-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no account {name!r}", hint="`offhook accounts list` names them all")


class AccountNameTaken(ConflictError):
    code = "account-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is already an account {name!r}")


class ApiUserNotFound(NotFoundError):
    code = "api-user-not-found"

    def __init__(self, sid: str) -> None:
        super().__init__(
            f"there is no API user with the SID {sid!r}", hint="`offhook accounts users list` names an account's"
        )


class NicknameTaken(ConflictError):
    """Calls are told apart by their API users' nicknames."""

    code = "nickname-taken"

    def __init__(self, nickname: str) -> None:
        super().__init__(f"the account has an API user {nickname!r} already")


class SidTaken(ConflictError):
    code = "sid-taken"

    def __init__(self, sid: str) -> None:
        super().__init__(f"there is already an API user with the SID {sid!r}")


class CallNotFound(NotFoundError):
    code = "call-not-found"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"there is no call {call_id!r}")


class CallIsOver(ConflictError):
    """Nothing can be wanted of it any more."""

    code = "call-is-over"

    def __init__(self, call_id: str) -> None:
        super().__init__(f"the call {call_id!r} is over")


class CreditHasEnded(ConflictError):
    """The call says its last words, and ends with the minute that is paid for."""

    code = "credit-ended"

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"the account has no credit for another minute of the call {call_id!r}, which says its last words",
            hint="only its end can still be wanted",
        )


class CommandNotFound(NotFoundError):
    code = "command-not-found"

    def __init__(self, command_id: str) -> None:
        super().__init__(f"there is no command {command_id!r} of this call")


class TooManyCommands(ConflictError):
    """Its node has not done what it was told before."""

    code = "too-many-commands"

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} commands of this call wait already", hint="wait until one of them is done")


class NotEnoughCredit(CreditError):
    """The account cannot pay `needed` micro-credits."""

    code = "not-enough-credit"

    def __init__(self, needed: int) -> None:
        super().__init__(
            f"{in_words(needed)} {'is' if needed == CREDIT else 'are'} needed, and the account has less available",
            hint="top up the account, or wait until running calls release what they hold",
        )
        self.needed = needed


class NumberNotFound(NotFoundError):
    code = "number-not-found"

    def __init__(self, din_uid: str) -> None:
        super().__init__(f"there is no number {din_uid!r}", hint="search the free numbers first")


class NumberTaken(ConflictError):
    """Somebody holds or reserves the number, or it still rests after its last subscription."""

    code = "number-taken"

    def __init__(self, din_uid: str) -> None:
        super().__init__(f"the number {din_uid!r} is not free", hint="choose another one of the free numbers")


class TooManyReservations(ConflictError):
    """What an account keeps from others without paying for it has a limit."""

    code = "too-many-reservations"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"an account reserves {most} numbers at once at most",
            hint="subscribe one of those, give one back, or wait until one ends",
        )


class VerificationRequired(ConflictError):
    """The law wants to know who has this number, and nobody has checked who the account is."""

    code = "verification-required"

    def __init__(self, din_uid: str) -> None:
        super().__init__(
            f"the number {din_uid!r} is for accounts whose identity was checked",
            hint="ask whoever runs this platform to check yours",
        )


class KeyInProgress(ConflictError):
    """The first request with this key has not been answered yet."""

    code = "idempotency-key-in-progress"

    def __init__(self, key: str) -> None:
        super().__init__(f"the request with the idempotency key {key!r} is still in progress")


class KeyUsedOtherwise(ConflictError):
    """The key stood on a request with another body."""

    code = "idempotency-key-reused"

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} was used with another body")


class RecordingNotFound(NotFoundError):
    code = "recording-not-found"

    def __init__(self, uid: str) -> None:
        super().__init__(f"there is no recording {uid!r}")


class RecordingGone(GoneError):
    """The row is there, the audio is not any more."""

    code = "recording-gone"

    def __init__(self, uid: str, why: str) -> None:
        super().__init__(f"the recording {uid} cannot be heard: {why}")


class RecordingNotStored(ConflictError):
    """The caller still speaks, or nobody has noted yet that the recording ended."""

    code = "recording-not-stored"

    def __init__(self, uid: str) -> None:
        super().__init__(f"the recording {uid} is not whole yet", hint="come back when its call has ended")


class RecordingElsewhere(ConflictError):
    """Its file is on the disk of another node."""

    code = "recording-elsewhere"

    def __init__(self, uid: str, node: str) -> None:
        super().__init__(
            f"the file of the recording {uid} is on the node {node}",
            hint="ask that node, or let all nodes share the folder `recordings` of their data folders",
        )


class LinkWrong(NotFoundError):
    code = "link-wrong"

    def __init__(self) -> None:
        super().__init__("this link is not one that was given out here", hint="copy it whole")


class LinkExpired(GoneError):
    code = "link-expired"

    def __init__(self) -> None:
        super().__init__("this link has expired", hint="ask for a new one, or sign in with an API user")


class ReservationNotFound(NotFoundError):
    code = "reservation-not-found"

    def __init__(self, din_uid: str) -> None:
        super().__init__(f"this account does not reserve the number {din_uid!r}, or no longer")


class SubscriptionNotFound(NotFoundError):
    code = "subscription-not-found"

    def __init__(self, din_uid: str) -> None:
        super().__init__(f"this account does not subscribe the number {din_uid!r}")


class RulesNotFound(NotFoundError):
    code = "rules-not-found"

    def __init__(self, din_uid: str) -> None:
        super().__init__(f"the subscription of the number {din_uid!r} has no hosted rules")


class RulesUrlNotFound(NotFoundError):
    """The secret in the URL is nobody's, or its rules are gone."""

    code = "rules-url-not-found"

    def __init__(self) -> None:
        super().__init__("no rules are served at this URL", hint="the API shows the URL of a subscription's rules")


class TrunkNameTaken(ConflictError):
    code = "trunk-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is already a trunk {name!r}")


class TrunkNotFound(NotFoundError):
    code = "trunk-not-found"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no trunk {name!r}", hint="`offhook trunks list` names them all")


class SourceTaken(ConflictError):
    """Calls from one network can belong to one trunk only."""

    code = "source-taken"

    def __init__(self, source: str, trunk: str) -> None:
        super().__init__(f"calls from {source} belong to the trunk {trunk!r} already")


class PeerUserTaken(ConflictError):
    """A proof is one trunk's: user names of peers are different."""

    code = "peer-user-taken"

    def __init__(self, user: str, trunk: str) -> None:
        super().__init__(f"the user {user} is trunk {trunk}'s already")
