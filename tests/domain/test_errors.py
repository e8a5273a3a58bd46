from offhook.domain import errors
from offhook.errors import OffhookError


def leaves() -> list[OffhookError]:
    return [
        errors.AccountNotFound("Shop"),
        errors.AccountNameTaken("Shop"),
        errors.ApiUserNotFound("sid"),
        errors.NicknameTaken("Till"),
        errors.SidTaken("sid"),
        errors.CallNotFound("call"),
        errors.CallIsOver("call"),
        errors.CreditHasEnded("call"),
        errors.CommandNotFound("command"),
        errors.TooManyCommands(10),
        errors.NotEnoughCredit(650_000_000),
        errors.NumberNotFound("JP0"),
        errors.NumberTaken("JP0"),
        errors.TooManyReservations(20),
        errors.VerificationRequired("JP0"),
        errors.KeyInProgress("key"),
        errors.KeyUsedOtherwise("key"),
        errors.RecordingNotFound("0f"),
        errors.RecordingGone("0f", "it was deleted"),
        errors.RecordingNotStored("0f"),
        errors.RecordingElsewhere("0f", "node-1"),
        errors.LinkWrong(),
        errors.LinkExpired(),
        errors.ReservationNotFound("JP0"),
        errors.RulesNotFound("JP0"),
        errors.RulesUrlNotFound(),
        errors.SubscriptionNotFound("JP0"),
        errors.TrunkNotFound("lab"),
        errors.TrunkNameTaken("carrier"),
        errors.SourceTaken("192.0.2.0/24", "carrier"),
        errors.PeerUserTaken("anna", "carrier"),
    ]


def test_every_leaf_has_a_code_of_its_own_and_says_what_it_is_about() -> None:
    codes = [leaf.code for leaf in leaves()]
    assert len(set(codes)) == len(codes)
    assert {type(leaf) for leaf in leaves()} == {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, OffhookError) and kind.__module__ == errors.__name__
    }
    assert "650 credits" in errors.NotEnoughCredit(650_000_000).sentence
