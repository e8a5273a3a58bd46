import pytest

from house import NOW, House
from offhook.domain.accounts import AccountSummary
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import AccountNameTaken, AccountNotFound, SidTaken, TrunkNotFound
from offhook.errors import InputError
from offhook.service import accounts


def top_up(house: House, amount: int, reference: str | None = None, name: str = "Shop") -> AccountSummary:
    return house.write(lambda work: accounts.top_up(work, name=name, amount=amount, reference=reference, now=NOW))


def test_an_account_opens_with_its_first_credit_in_the_ledger(house: House) -> None:
    assert house.credit() == AccountSummary("Shop", balance=1000 * CREDIT, held=0, available=1000 * CREDIT)
    (line,) = house.ledger()
    assert (line.posting.kind, line.change, line.balance) == (PostingKind.TOP_UP, 1000 * CREDIT, 1000 * CREDIT)


def test_an_account_may_open_without_credit(house: House) -> None:
    poor = house.open_account("Poor")
    assert house.read(lambda work: accounts.ledger_page(work, poor.id, limit=10)) == []


def test_a_name_or_sid_is_taken_once_and_the_second_leaves_nothing(house: House) -> None:
    with pytest.raises(AccountNameTaken):
        house.open_account("Shop")
    with pytest.raises(SidTaken):
        house.write(
            lambda work: accounts.create_account(
                work, name="Other", credit=5 * CREDIT, sid="sid-Shop", token="t", now=NOW
            )
        )
    assert [one.name for one in house.read(accounts.list_accounts)] == ["Shop"]


def test_a_negative_first_credit_is_refused(house: House) -> None:
    with pytest.raises(InputError):
        house.open_account("Owing", credit=-1)


def test_the_same_payment_counts_once(house: House) -> None:
    assert top_up(house, 5 * CREDIT, "bank-1").balance == 1005 * CREDIT
    assert top_up(house, 5 * CREDIT, "bank-1").balance == 1005 * CREDIT
    assert top_up(house, 5 * CREDIT, "bank-2").balance == 1010 * CREDIT


def test_payments_without_reference_all_count(house: House) -> None:
    top_up(house, CREDIT)
    assert top_up(house, CREDIT).balance == 1002 * CREDIT


def test_a_reference_belongs_to_its_account(house: House) -> None:
    house.open_account("Other")
    top_up(house, CREDIT, "bank-1")
    assert top_up(house, CREDIT, "bank-1", name="Other").balance == CREDIT


@pytest.mark.parametrize(
    ("amount", "reference", "field"), [(0, None, "amount"), (1, "", "reference"), (1, "r" * 101, "reference")]
)
def test_a_top_up_that_says_nothing_is_refused(house: House, amount: int, reference: str | None, field: str) -> None:
    with pytest.raises(InputError) as refused:
        top_up(house, amount, reference)
    assert refused.value.field == field


def test_an_account_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(AccountNotFound):
        top_up(house, CREDIT, name="Nobody")
    with pytest.raises(AccountNotFound):
        house.read(lambda work: accounts.summary(work, 99))


def test_the_ledger_is_read_newest_first_page_by_page(house: House) -> None:
    for payment in range(4):
        top_up(house, CREDIT, f"p{payment}")
    first = house.ledger(limit=2)
    rest = house.ledger(limit=10, before=first[-1].posting.id)
    balances = [line.balance // CREDIT for line in first + rest]
    assert balances == [1004, 1003, 1002, 1001, 1000]


def test_a_page_never_begins_at_another_accounts_posting(house: House) -> None:
    house.open_account("Other", credit=3)
    other = house.read(lambda work: work.accounts.by_name("Other"))
    assert other is not None
    (line,) = house.read(lambda work: accounts.ledger_page(work, other.id, limit=1))
    assert house.ledger(before=line.posting.id) == []


def route(house: House, trunk: str, name: str = "Shop") -> AccountSummary:
    return house.write(lambda work: accounts.route(work, name=name, trunk=trunk))


def test_an_account_may_have_a_trunk_of_its_own_from_the_beginning(house: House) -> None:
    house.add_trunk("tokyo")

    def opened(trunk: str) -> str:
        return house.write(
            lambda work: accounts.create_account(
                work, name=f"Via {trunk}", credit=0, sid=trunk, token="t", now=NOW, trunk=trunk
            )
        ).trunk

    assert opened("tokyo") == "tokyo"
    with pytest.raises(TrunkNotFound):
        opened("osaka")
    assert [one.trunk for one in house.read(accounts.list_accounts)] == ["", "tokyo"]


def test_an_accounts_trunk_is_changed_and_taken_away(house: House) -> None:
    house.add_trunk("tokyo")
    assert route(house, "tokyo").trunk == "tokyo"
    assert route(house, "tokyo").trunk == "tokyo"
    with pytest.raises(TrunkNotFound):
        route(house, "osaka")
    assert house.credit().trunk == "tokyo"
    assert route(house, "").trunk == ""
    assert house.credit().trunk == ""
    with pytest.raises(AccountNotFound):
        route(house, "tokyo", name="Nobody")


def test_an_account_is_verified_and_no_longer(house: House) -> None:
    assert not house.credit().is_verified
    assert house.write(lambda work: accounts.verify(work, name=" Shop ")).is_verified
    assert house.credit().is_verified
    assert not house.write(lambda work: accounts.verify(work, name="Shop", is_verified=False)).is_verified
    assert [one.is_verified for one in house.read(accounts.list_accounts)] == [False]
    with pytest.raises(AccountNotFound):
        house.write(lambda work: accounts.verify(work, name="Nobody"))
