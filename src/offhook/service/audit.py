"""An audit: every rule of the books, proved from the rows alone."""

from collections.abc import Callable, Iterator
from types import MappingProxyType

from offhook.domain.audit import Audit, Finding, Rule
from offhook.domain.credits import in_words
from offhook.domain.subscriptions import PERIOD
from offhook.service.ports import Work


def verify(work: Work, *, begun: Callable[[Rule], None] = lambda _rule: None) -> Audit:
    """Prove every rule, on one moment of the database; `begun` is told which one comes next."""
    findings: list[Finding] = []
    for rule in Rule:
        begun(rule)
        findings.extend(Finding(rule, text) for text in _PROOFS[rule](work))
    accounts, running = work.books.counts()
    return Audit(work.books.totals(), accounts, running, tuple(findings))


def _amounts(work: Work) -> Iterator[str]:
    for row in work.books.broken("amounts"):
        yield f"posting {row.id} moves {row.amount} from {row.source} to {row.target}"


def _sides(work: Work) -> Iterator[str]:
    for row in work.books.broken("sides"):
        yield f"posting {row.id} ({row.kind}) goes from {row.source} to {row.target}"


def _balances(work: Work) -> Iterator[str]:
    for row in work.books.broken("balances"):
        yield (
            f"account {row.account_id} has {in_words(row.available)} and holds {in_words(row.held)}, but its"
            f" postings say {in_words(int(row.summed_available))} and {in_words(int(row.summed_held))}"
        )


def _chain(work: Work) -> Iterator[str]:
    for row in work.books.broken("chain"):
        yield f"posting {row.id} says {in_words(row.balance)}, which should be {in_words(int(row.expected))}"


def _holds(work: Work) -> Iterator[str]:
    for row in (*work.books.broken("holds"), *work.books.broken("unheld")):
        holds, should = in_words(int(row.held)), in_words(int(row.on_record))
        yield f"call {row.call_id} ({row.status or 'not on record'}) holds {holds}, which should be {should}"


def _settlements(work: Work) -> Iterator[str]:
    for row in work.books.broken("settlements"):
        yield (
            f"call {row.call_id} costs {in_words(row.cost)}; {in_words(int(row.charged))} were charged,"
            f" in {row.settled} settlements of its caller's leg"
        )


def _numbers(work: Work) -> Iterator[str]:
    for row in work.books.broken("numbers"):
        stands = "taken" if row.free_from is None else f"free from {row.free_from:%Y-%m-%d %H:%M} on"
        yield f"+{row.din} has {row.living} living subscriptions and is {stands}"


def _periods(work: Work) -> Iterator[str]:
    for din, subscribed_at, renews_at, periods in work.books.periods():
        if renews_at != subscribed_at + periods * PERIOD:
            yield f"+{din} was charged {periods} periods from {subscribed_at} on, and renews at {renews_at}"


def _sum(work: Work) -> Iterator[str]:
    totals = work.books.totals()
    rest = totals.cash + totals.revenue + totals.adjustments + totals.available + totals.held
    if rest:
        yield f"all accounts together have {in_words(rest)}, and should have nothing"


_PROOFS: MappingProxyType[Rule, Callable[[Work], Iterator[str]]] = MappingProxyType(
    {
        Rule.AMOUNTS: _amounts,
        Rule.SIDES: _sides,
        Rule.BALANCES: _balances,
        Rule.CHAIN: _chain,
        Rule.HOLDS: _holds,
        Rule.SETTLEMENTS: _settlements,
        Rule.NUMBERS: _numbers,
        Rule.PERIODS: _periods,
        Rule.SUM: _sum,
    }
)
