"""All nouns over one connection: what a unit of work is given."""

from sqlalchemy import Connection

from offhook.storage.accounts import Accounts
from offhook.storage.api_users import ApiUsers
from offhook.storage.audit import Books
from offhook.storage.breakers import Breakers
from offhook.storage.calls import Calls
from offhook.storage.commands import Commands
from offhook.storage.hosted_rules import HostedRules
from offhook.storage.ledger import Ledger
from offhook.storage.legs import Legs
from offhook.storage.limits import Limits
from offhook.storage.nodes import Nodes
from offhook.storage.notices import Notices
from offhook.storage.numbers import Numbers
from offhook.storage.rates import Rates
from offhook.storage.recordings import Recordings
from offhook.storage.replies import Replies
from offhook.storage.reservations import Reservations
from offhook.storage.server_secrets import ServerSecrets
from offhook.storage.signings import Signings
from offhook.storage.standings import Standings
from offhook.storage.strangers import Strangers
from offhook.storage.subscriptions import Subscriptions
from offhook.storage.trunk_states import TrunkStates
from offhook.storage.trunks import Trunks
from offhook.storage.usage import Usage
from offhook.storage.version import Version
from offhook.storage.webhooks import Webhooks


class Work:
    """Reads and writes through one connection, inside a transaction that somebody else opens and ends."""

    __slots__ = (
        "accounts",
        "api_users",
        "books",
        "breakers",
        "calls",
        "commands",
        "connection",
        "hosted_rules",
        "ledger",
        "legs",
        "limits",
        "nodes",
        "notices",
        "numbers",
        "rates",
        "recordings",
        "replies",
        "reservations",
        "server_secrets",
        "signings",
        "standings",
        "strangers",
        "subscriptions",
        "trunk_states",
        "trunks",
        "usage",
        "version",
        "webhooks",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.accounts = Accounts(connection)
        self.api_users = ApiUsers(connection)
        self.books = Books(connection)
        self.breakers = Breakers(connection)
        self.calls = Calls(connection)
        self.hosted_rules = HostedRules(connection)
        self.commands = Commands(connection)
        self.ledger = Ledger(connection)
        self.legs = Legs(connection)
        self.limits = Limits(connection)
        self.nodes = Nodes(connection)
        self.notices = Notices(connection)
        self.numbers = Numbers(connection)
        self.rates = Rates(connection)
        self.recordings = Recordings(connection)
        self.replies = Replies(connection)
        self.reservations = Reservations(connection)
        self.server_secrets = ServerSecrets(connection)
        self.signings = Signings(connection)
        self.standings = Standings(connection)
        self.strangers = Strangers(connection)
        self.subscriptions = Subscriptions(connection)
        self.trunk_states = TrunkStates(connection)
        self.trunks = Trunks(connection)
        self.usage = Usage(connection)
        self.version = Version(connection)
        self.webhooks = Webhooks(connection)
