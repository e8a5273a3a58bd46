"""What the use cases need of a database, and nothing more.

A unit of work is a plain function of a `Work`. It happens whole or not at all: when it raises,
nothing of it remains, and its result is handed out only after its commit. Units may be grouped
into one commit, so they must not wait for anything outside the database.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from offhook.domain.accounts import Account, ApiUser
from offhook.domain.audit import Totals
from offhook.domain.breakers import BreakerState
from offhook.domain.calls import Call, CallFilters, Status, TimelineEvent
from offhook.domain.commands import Command
from offhook.domain.credits import LedgerLine, Posting
from offhook.domain.hosted_rules.kept import KeptRules
from offhook.domain.legs import Leg
from offhook.domain.limits import Limit, Standing
from offhook.domain.logins import Login
from offhook.domain.notices import Contact, Notice, NoticeKind, Way
from offhook.domain.numbers import NewNumber, Number, SearchFilters
from offhook.domain.recordings import Recording, RecordingFilters
from offhook.domain.replies import Reply
from offhook.domain.reservations import Reservation
from offhook.domain.rules import TrunkRules
from offhook.domain.signing import Signing
from offhook.domain.sip_messages import SipMessage
from offhook.domain.strangers import Sighting, Stranger
from offhook.domain.subscriptions import Dialled, Subscription
from offhook.domain.tariffs import Rate
from offhook.domain.trunk_states import TrunkState
from offhook.domain.trunks import Trunk
from offhook.domain.usage import Days, UsageLine
from offhook.domain.webhooks import Backlog, Event, Outcome

T = TypeVar("T")


class Accounts(Protocol):
    """Customers."""

    def add(self, name: str, language: str, now: datetime) -> Account:
        """Add an account with no credit; raises AccountNameTaken."""
        ...

    def settle_in(self, account_id: int, country: str, destinations: Collection[str]) -> None:
        """Keep the account's country, empty for none, and the countries that its transfers may reach."""
        ...

    def route(self, account_id: int, trunk: str) -> None:
        """Keep the name of the account's own trunk, empty for any."""
        ...

    def verify(self, account_id: int, is_verified: bool) -> None:
        """Keep whether the identity of the account's owner was checked."""
        ...

    def by_id(self, account_id: int) -> Account | None: ...

    def by_name(self, name: str) -> Account | None: ...

    def all(self) -> list[Account]:
        """Return every account in the order of names."""
        ...


class ApiUsers(Protocol):
    """Who may act for an account, each named by a SID that no other has."""

    def add(
        self,
        account_id: int,
        sid: str,
        nickname: str,
        token_hash: str,
        now: datetime,
        networks: tuple[str, ...] = (),
    ) -> ApiUser:
        """Add an enabled API user; raises SidTaken."""
        ...

    def by_sid(self, sid: str) -> ApiUser | None: ...

    def lock(self, sid: str) -> ApiUser | None:
        """Return what `by_sid` does; nobody else changes it until this unit ends."""
        ...

    def of(self, account_id: int) -> list[ApiUser]:
        """Return an account's users, the first one first."""
        ...

    def save(self, user: ApiUser) -> None:
        """Keep everything of a user but its account and its SID."""
        ...


class Numbers(Protocol):
    """The pool."""

    def add(self, numbers: Collection[NewNumber], now: datetime) -> None: ...

    def known(self, dins: Collection[str]) -> set[str]:
        """Return those of the numbers that are in the pool already."""
        ...

    def by_uid(self, din_uid: str) -> Number | None: ...

    def dialled(self, din: str) -> Dialled | None:
        """Return a number of the pool with its living subscription."""
        ...

    def free(self, filters: SearchFilters, now: datetime, limit: int, after: str | None) -> list[Number]:
        """Return free numbers in the order of their digits, those after the digits `after`."""
        ...

    def take(self, number_id: int, account_id: int, now: datetime) -> bool:
        """Take a number that is free, or that the account reserves; False if it is neither."""
        ...

    def give_back(self, number_id: int, free_from: datetime) -> None: ...


class Reservations(Protocol):
    """Which free numbers are kept for one account alone, and until when. What has ended is none any more."""

    def begin(self, account_id: int, number_id: int, now: datetime, until: datetime) -> bool:
        """Keep a free number for an account; False if it is not free."""
        ...

    def end(self, account_id: int, number_id: int, now: datetime) -> bool:
        """Free a number that the account reserves; False if it does not."""
        ...

    def count(self, account_id: int, now: datetime) -> int: ...

    def living(self, account_id: int, din_uid: str, now: datetime) -> Reservation | None: ...

    def all_living(self, account_id: int, now: datetime) -> list[Reservation]:
        """Return the account's reservations, the one that ends first in front."""
        ...


class Subscriptions(Protocol):
    """Who holds which number. A number has at most one living subscription."""

    def add(
        self,
        account_id: int,
        number: Number,
        action_url: str | None,
        now: datetime,
        renews_at: datetime,
        api_user_id: int | None = None,
    ) -> Subscription:
        """Add an active subscription that paid the number's monthly cost; raises NumberTaken.

        `api_user_id` is who subscribed for the account, None if it was nobody in particular.
        """
        ...

    def living(self, account_id: int, din_uid: str) -> Subscription | None:
        """Return the account's subscription of a number unless it has ended."""
        ...

    def lock(self, account_id: int, din_uid: str) -> Subscription | None:
        """Return what `living` does; nobody else changes it until this unit ends."""
        ...

    def all_living(self, account_id: int) -> list[Subscription]: ...

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Subscription]:
        """Return and lock living subscriptions whose renewal is due, in its order, those after a moment and an id.

        Those that another unit has locked are left out.
        """
        ...

    def short_accounts(self, now: datetime, until: datetime) -> list[int]:
        """Return the accounts that cannot pay all their renewals between two moments."""
        ...

    def coming(self, account_id: int, now: datetime, until: datetime) -> list[Subscription]:
        """Return and lock an account's renewals between two moments, in their order."""
        ...

    def save(self, subscription: Subscription) -> None:
        """Keep all of the subscription that can change."""
        ...


class HostedRules(Protocol):
    """What subscriptions say of their calls by themselves, and the token of the URL that serves it."""

    def of(self, subscription_id: int) -> KeptRules | None: ...

    def by_token(self, token: str) -> KeptRules | None:
        """Return the rules that a URL's token names, if their subscription is living."""
        ...

    def add(self, kept: KeptRules) -> None:
        """Keep the rules of a subscription that has none."""
        ...

    def change(self, subscription_id: int, document: str) -> None:
        """Put another document in the place of a subscription's; the token stays."""
        ...

    def drop(self, subscription_id: int) -> None: ...


class Ledger(Protocol):
    """The append-only book of postings, with every account's balance kept in step."""

    def post(self, posting: Posting) -> bool:
        """Write a posting; False if one with its id stands there already.

        Raises NotEnoughCredit, and writes nothing, if the account would go below zero.
        """
        ...

    def post_covered(self, posting: Posting) -> None:
        """Write a posting unless one with its id stands there; the credit is known to be there.

        It need not be waited for. If the account went below zero after all, the whole unit would fail.
        """
        ...

    def lock(self, account_id: int) -> tuple[int, int]:
        """Return what `balance` does, and let nobody else post to the account until this unit ends.

        Several accounts are locked in the order of their ids.
        """
        ...

    def balance(self, account_id: int) -> tuple[int, int]:
        """Return available and held micro-credits."""
        ...

    def lines(
        self,
        account_id: int,
        limit: int,
        before: str | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[LedgerLine]:
        """Return the account's postings, newest first, those older than the posting `before`.

        `since` counts in, `until` does not.
        """
        ...

    def lines_of_call(self, call_id: str) -> list[LedgerLine]:
        """Return the postings of a call, in the order in which they were made."""
        ...

    def length(self, account_id: int) -> int:
        """Return a number that every posting to the account makes larger."""
        ...


class Calls(Protocol):
    """The log of calls and their timelines."""

    def add(self, call: Call, number_id: int | None) -> None: ...

    def get(self, call_id: str) -> Call | None: ...

    def lock(self, call_id: str) -> Call | None:
        """Return a call that nobody else changes until this unit ends; lock it before its account."""
        ...

    def answered(self, call_id: str, at: datetime) -> None:
        """Note the answer of a call that has not ended."""
        ...

    def held(self, call_id: str, minutes: int) -> None: ...

    def end(
        self,
        call_id: str,
        *,
        status: Status,
        reason: str | None,
        answered_at: datetime | None,
        ended_at: datetime,
        duration_s: int,
        cost: int,
        node: str,
    ) -> None: ...

    def lose(self, node: str, seen_at: datetime | None) -> None:
        """Mark a node's running calls as lost, last heard at `seen_at`, if None when each was answered.

        Those that are lost already keep the moment that was told first.
        """
        ...

    def lost(self) -> list[tuple[Call, datetime]]:
        """Return the lost calls that have not ended, oldest first, each with the last sign of its node."""
        ...

    def lost_at(self, call_id: str) -> datetime | None:
        """Return the last sign of the node of a lost call that has not ended; None for any other call."""
        ...

    def page(self, account_id: int | None, filters: CallFilters, limit: int, before: str | None) -> list[Call]:
        """Return calls, newest first, those older than the call `before`; of every account if None."""
        ...

    def close_timeline(self, call_id: str, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None:
        """Keep the main part of a timeline and the SIP messages; a second one for the same call is ignored."""
        ...

    def note(self, call_id: str, events: Sequence[TimelineEvent]) -> None:
        """Keep a further part of a timeline; raises CallNotFound."""
        ...

    def timeline(self, call_id: str) -> list[TimelineEvent]:
        """Return all events in the order of time."""
        ...

    def messages(self, call_id: str) -> list[SipMessage]:
        """Return the SIP messages that were kept, in the order of time."""
        ...


class Legs(Protocol):
    """The legs of running calls: the callees', and the caller's once it was answered."""

    def keep(self, call_id: str, leg: Leg) -> None:
        """Keep a leg unless it is kept already, or its call has ended."""
        ...

    def rings(self, call_id: str, leg: int, dialog: str) -> None:
        """Note what cancels a leg that is kept and was not answered."""
        ...

    def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> bool:
        """Note the first answer of a leg that is kept, and what hangs it up; False if it is not kept."""
        ...

    def held(self, call_id: str, leg: int, minutes: int) -> None: ...

    def get(self, call_id: str, leg: int) -> Leg | None: ...

    def of(self, call_id: str) -> tuple[Leg, ...]:
        """Return a call's legs in their order."""
        ...

    def take(self, call_id: str) -> tuple[Call | None, tuple[Leg, ...]]:
        """Lock a call as `Calls.lock` does; forget its legs, and return them in their order."""
        ...


class Commands(Protocol):
    """What is wanted of calls that run."""

    def add(self, command: Command) -> None: ...

    def get(self, command_id: str) -> Command | None: ...

    def count_waiting(self, call_id: str) -> int: ...

    def waiting(self, node: str) -> list[Command]:
        """Return what is wanted of this node's calls and not done, in the order in which it was wanted."""
        ...

    def finish(self, command_id: str, code: str | None, now: datetime) -> None:
        """Note that a command was done, or why not; the first word about it counts."""
        ...


class Nodes(Protocol):
    """The servers that carry calls, by name: when each was last heard, and in which epoch it lives."""

    def seen_at(self, node: str) -> datetime | None: ...

    def heard_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Return the nodes that were heard since, by name, each with when it last was."""
        ...

    def take(self, node: str, now: datetime) -> int:
        """Begin a name's next epoch (1 for a new name), heard at `now`, and return it."""
        ...

    def renew(self, node: str, epoch: int, now: datetime) -> bool:
        """Note that a node was heard; False if it lives in another epoch."""
        ...

    def silent(self, since: datetime, *, besides: str) -> list[tuple[str, datetime | None]]:
        """Return the nodes with running calls that are not lost yet, if not heard since (None: never heard)."""
        ...

    def fence(self, node: str, seen_at: datetime) -> bool:
        """Begin a silent node's next epoch without hearing it; False if it was heard after `seen_at`."""
        ...


class Limits(Protocol):
    """What operators allow accounts and numbers, each named by its owner (`domain.limits`)."""

    def of(self, account: str, number: str) -> list[Limit]:
        """Return those of the two owners that have any."""
        ...

    def count(self, account: str, number: str, minute: int) -> None:
        """Count a call for both in the minute so numbered."""
        ...

    def spend(self, account: str, number: str, amount: int, day: int) -> None:
        """Count micro-credits for both on the day so numbered; a negative amount comes back."""
        ...

    def get(self, owner: str) -> Limit | None: ...

    def all(self) -> list[Limit]: ...

    def set(self, limit: Limit) -> None:
        """Keep what is allowed; what was counted stays."""
        ...

    def drop(self, owner: str) -> None: ...


class Standings(Protocol):
    """What decides about one more call."""

    def lock(self, account_id: int, number: Number) -> Standing:
        """Lock an account as `Ledger.lock` does, and only then look: two calls at once cannot both be the last one."""
        ...


class Notices(Protocol):
    """What customers are to be told."""

    def contact(self, account_id: int) -> Contact: ...

    def set_contact(self, account_id: int, contact: Contact) -> None: ...

    def tell_low(self, account_id: int, now: datetime) -> bool:
        """Note that an account is told of its low credit now; False if it was within the last day."""
        ...

    def add(
        self,
        account_id: int,
        kind: NoticeKind,
        way: Way,
        target: str,
        *,
        fact: str,
        subject: str,
        text: str,
        data: Mapping[str, object],
        now: datetime,
    ) -> None:
        """Write a notice, due now, unless its fact was told by this way."""
        ...

    def claim(self, now: datetime, limit: int) -> list[Notice]:
        """Return notices that are due, counted as attempted once more, and due again when the lease ends."""
        ...

    def get(self, notice_id: int) -> Notice | None: ...

    def finish(self, notice_id: int, *, next_at: datetime | None, sent_at: datetime | None, error: str | None) -> None:
        """Keep what came of an attempt."""
        ...

    def of(self, account_id: int, limit: int) -> list[Notice]:
        """Return an account's notices, newest first."""
        ...


class Webhooks(Protocol):
    """The events that customers' webhooks are told: those of the notices that travel by this way."""

    def tell_first(self, kind: NoticeKind, account_id: int, call_id: str, target: str, now: datetime) -> None:
        """Write the first event of a call, due now."""
        ...

    def tell_answered(self, call_id: str, at: datetime) -> None:
        """Write that a running call was answered, unless it is written or its account has no webhook."""
        ...

    def tell_last(
        self, kind: NoticeKind, account_id: int, call_id: str, data: Mapping[str, object], now: datetime
    ) -> None:
        """Write the last event of a call, due now, if its account has a webhook; a second one is refused."""
        ...

    def targets(self, now: datetime) -> list[str]:
        """Return the URLs for which an event is due."""
        ...

    def claim(self, shares: Mapping[str, int], now: datetime) -> list[int]:
        """Lease events that are due, at most so many of each target, count their attempt, and return their ids.

        One is left out as long as an earlier one of its call waits.
        """
        ...

    def claimed(self, ids: Collection[int], now: datetime) -> list[Event]:
        """Return events with all that is told of them and what signs them, in the order of their facts."""
        ...

    def delivered(self, ids: Collection[int], now: datetime) -> None: ...

    def failed(self, outcomes: Sequence[Outcome]) -> None:
        """Keep why events did not arrive; later ones of the same call wait as long as they do."""
        ...

    def close(self, target: str, error: str) -> None:
        """Give up every event of a target, and let no account name it any more."""
        ...

    def expire(self, now: datetime, error: str) -> int:
        """Give up what has waited too long, and return how many events that were."""
        ...

    def forget(self, delivered_before: datetime, created_before: datetime) -> int:
        """Delete a batch of events that were delivered so long ago, or given up and created so long ago."""
        ...

    def backlog(self) -> Backlog: ...

    def of(self, account_id: int | None, limit: int, *, undelivered: bool) -> list[Notice]:
        """Return events, newest first, of every account if None."""
        ...

    def retry(self, account_id: int, target: str, now: datetime) -> int:
        """Let everything undelivered of an account be due now, at this URL, and return how many events that are."""
        ...

    def redirect(self, account_id: int, target: str) -> None:
        """Send what waits to this URL instead, or give it up if that is empty."""
        ...


class Rates(Protocol):
    """What minutes to destinations cost."""

    def of(self, number: str) -> Rate | None:
        """Return the rate with the longest prefix of these digits."""
        ...

    def all(self) -> list[Rate]:
        """Return the table in the order of its prefixes."""
        ...

    def replace(self, table: Collection[Rate]) -> None:
        """Put this table in the place of the old one."""
        ...


class Trunks(Protocol):
    """The carriers' gateways."""

    def add(
        self,
        name: str,
        sources: tuple[str, ...],
        send: str | None,
        pass_caller: bool,
        rules: TrunkRules,
        login: Login | None,
        registers: bool,
        now: datetime,
    ) -> Trunk:
        """Add a trunk; raises TrunkNameTaken."""
        ...

    def find(self, name: str) -> Trunk | None: ...

    def lock(self, name: str) -> Trunk | None:
        """Return the trunk as it stays for the rest of the unit, but for what that changes itself."""
        ...

    def rule(self, trunk: Trunk) -> None:
        """Keep the trunk's rules in place of those it had."""
        ...

    def log_in(self, trunk: Trunk) -> None:
        """Keep the trunk's login in place of the one it had."""
        ...

    def ask_proof(self, trunk: Trunk) -> None:
        """Keep the trunk's peer in place of the one it had."""
        ...

    def all(self) -> list[Trunk]: ...


class TrunkStates(Protocol):
    """How trunks fare, as each node sees it."""

    def replace(self, node: str, states: Collection[TrunkState]) -> None:
        """Keep what a node knows in place of what it knew."""
        ...

    def of_nodes_heard_since(self, moment: datetime) -> list[TrunkState]:
        """Return what those nodes know by trunks and kinds, what is so for longest in front."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what nodes knew that were last heard before a moment."""
        ...


class Breakers(Protocol):
    """Action servers that are left alone for a while, as each node sees it."""

    def replace(self, node: str, states: Collection[BreakerState]) -> None:
        """Keep what a node knows in place of what it knew."""
        ...

    def of_nodes_heard_since(self, account_id: int, moment: datetime) -> list[BreakerState]:
        """Return what those nodes know of an account's servers, by origins."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what nodes knew that were last heard before a moment."""
        ...


class Signings(Protocol):
    """What accounts sign with. Each account that exists has one, be it empty."""

    def of(self, account_id: int) -> Signing: ...

    def lock(self, account_id: int) -> Signing:
        """Return what `of` does; nobody else changes it until this unit ends."""
        ...

    def save(self, account_id: int, signing: Signing) -> None: ...


class Strangers(Protocol):
    """Sources that no trunk names, as each node has heard them."""

    def note(self, node: str, sightings: Collection[Sighting]) -> None:
        """Add what a node has heard since the last time; of all its sources the latest `MOST_STRANGERS` are kept."""
        ...

    def drop(self, addresses: Collection[str]) -> None:
        """Forget these sources, whoever heard them."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what was last heard before a moment."""
        ...

    def addresses(self) -> set[str]:
        """Return every source that is kept."""
        ...

    def all(self) -> list[Stranger]:
        """Return each source of each node, the one heard last in front; the latest 10,000."""
        ...


class Usage(Protocol):
    """What numbers were used for."""

    def lines(self, account_id: int, days: Days) -> list[UsageLine]:
        """Return a line for each number and day on which it was called, or charged; by days, then by numbers."""
        ...


Broken = Any
"""A row that breaks a rule, with the names that the rule's statement gives."""


class Books(Protocol):
    """What an audit reads."""

    def broken(self, name: str) -> list[Broken]:
        """Return the first rows that break a rule."""
        ...

    def periods(self) -> Iterator[tuple[str, datetime, datetime, int]]:
        """Return of each living subscription its number, its beginning, its next renewal and its periods."""
        ...

    def totals(self) -> Totals: ...

    def counts(self) -> tuple[int, int]:
        """Count the accounts and the running calls."""
        ...


class Recordings(Protocol):
    """What callers said, by the rows; the files are others' business."""

    def add(self, recording: Recording) -> Recording:
        """Add a recording, and return it with its id."""
        ...

    def get(self, uid: str) -> Recording | None: ...

    def lock(self, uid: str) -> Recording | None:
        """Return what `get` does; nobody else changes it until this unit ends."""
        ...

    def save(self, recording: Recording) -> None:
        """Keep all of a recording that can change."""
        ...

    def page(
        self, account_id: int | None, filters: RecordingFilters, limit: int, before: str | None
    ) -> list[Recording]:
        """Return recordings, newest first, those older than the recording `before`; of every account if None."""
        ...

    def unfinished(self, ended_before: datetime) -> list[Recording]:
        """Return recordings that are neither stored nor lost though their call ended before a moment."""
        ...

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Recording]:
        """Return and lock recordings that begin a period of storage, in its order, those after a moment and an id.

        Those that another unit has locked are left out.
        """
        ...

    def expired(self, now: datetime, limit: int) -> list[Recording]:
        """Return and lock recordings that were kept long enough, but for those that another unit has locked."""
        ...

    def of_uids(self, uids: Collection[str]) -> list[Recording]: ...

    def stored_at(self, node: str, after: int, limit: int) -> list[Recording]:
        """Return recordings that a node has stored and nobody deleted, by their ids, those after an id."""
        ...


class ServerSecrets(Protocol):
    """What the platform signs with; all nodes have the same."""

    def get(self, name: str) -> str:
        """Return a secret in hexadecimal digits."""
        ...


class Replies(Protocol):
    """What was answered under an idempotency key, per account."""

    def get(self, account_id: int, key: str) -> Reply | None: ...

    def begin(self, account_id: int, key: str, body_hash: str, now: datetime) -> None: ...

    def finish(self, account_id: int, key: str, status: int, body: str) -> None: ...

    def drop(self, account_id: int, key: str) -> None: ...

    def drop_before(self, moment: datetime) -> None: ...


class Version(Protocol):
    """A counter that every node polls to learn that something it keeps in memory has changed."""

    def current(self) -> int: ...

    def bump(self) -> None: ...


class Work(Protocol):
    """One unit of work: everything that is kept, by its noun."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def api_users(self) -> ApiUsers: ...

    @property
    def numbers(self) -> Numbers: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def hosted_rules(self) -> HostedRules: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def calls(self) -> Calls: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def legs(self) -> Legs: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def standings(self) -> Standings: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def rates(self) -> Rates: ...

    @property
    def nodes(self) -> Nodes: ...

    @property
    def trunks(self) -> Trunks: ...

    @property
    def trunk_states(self) -> TrunkStates: ...

    @property
    def breakers(self) -> Breakers: ...

    @property
    def signings(self) -> Signings: ...

    @property
    def strangers(self) -> Strangers: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def books(self) -> Books: ...

    @property
    def recordings(self) -> Recordings: ...

    @property
    def server_secrets(self) -> ServerSecrets: ...

    @property
    def replies(self) -> Replies: ...

    @property
    def reservations(self) -> Reservations: ...

    @property
    def version(self) -> Version: ...

    @property
    def webhooks(self) -> Webhooks: ...


class Database(Protocol):
    """Where units of work are done: awaited by the server, at once (`_now`) by the command line.

    Every verb raises what the unit raises, or DatabaseAway when the database cannot do it.
    """

    async def write(self, unit: Callable[[Work], T]) -> T: ...

    async def read(self, unit: Callable[[Work], T]) -> T: ...

    def write_now(self, unit: Callable[[Work], T]) -> T: ...

    def read_now(self, unit: Callable[[Work], T]) -> T: ...
