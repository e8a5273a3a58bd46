"""The checks of the doctor: the code of each, what it asks, and what is done about a cross.

`docs/operators/doctor.md` is made of this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.errors import Codes


class Check(Codes):
    """The stable codes of what is looked at, in the order in which it is told."""

    SUBSCRIBED = "subscribed"
    ACTION_URL = "action-url-set"
    LEFT_ALONE = "action-url-left-alone"
    RESOLVES = "action-url-resolves"
    ALLOWED = "action-url-allowed"
    REACHABLE = "action-url-reachable"
    ANSWERS = "action-url-answers"
    TEXT = "action-text"
    SOUND = "sound"
    LANGUAGE = "language"
    TRANSFER = "transfer-target"
    CREDIT = "credit"
    LIMITS = "limits"
    CALLS = "calls-arrive"
    FORMS = "number-forms"

    SETTINGS = "settings"
    DATABASE = "database"
    NODE = "node"
    WORKERS = "workers"
    SIP_PORT = "sip-port"
    RTP_PORTS = "rtp-ports"
    RTP = "audio-arrives"
    PUBLIC_ADDRESS = "public-address"
    TRUNK = "trunk"
    STRANGERS = "strangers"
    DISK = "disk"
    CLOCK = "clock"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The question of a check, how it is looked at, and the cure."""

    question: str
    how: str
    cure: str


MEANINGS: Mapping[Check, Meaning] = {
    Check.SUBSCRIBED: Meaning(
        "Is the number subscribed?",
        "The number must be in the pool and have a living subscription whose renewal is paid.",
        "Subscribe it with the API, or pay the renewal with `offhook accounts top-up`.",
    ),
    Check.ACTION_URL: Meaning(
        "Is there anything to ask or to do?",
        "A subscription needs an action URL or hosted rules; without one its default action runs, and without that"
        " callers hear an announcement.",
        "Set the action URL with the API: POST `action_url` to the subscription.",
    ),
    Check.LEFT_ALONE: Meaning(
        "Do running nodes ask it?",
        "A server that failed again and again is not asked for a while. Nodes say which ones those are.",
        "Repair the server; it is asked again by itself within a minute.",
    ),
    Check.RESOLVES: Meaning(
        "Does the host of the action URL resolve?",
        "Its name is asked of the name servers of this machine, as for a call.",
        "Correct the spelling of the host, or its DNS records.",
    ),
    Check.ALLOWED: Meaning(
        "May Offhook connect there?",
        "Every address is judged by the guard that judges all connections to customers' servers.",
        "Use a public address; a server of the operator's own is opened with the setting `allow_addresses`.",
    ),
    Check.REACHABLE: Meaning(
        "Can it be connected to?",
        "A connection is made to each address, and TLS is agreed on, each with its time. The end of a certificate is"
        " told fourteen days before.",
        "Start the server, open its port to this machine, and give it a certificate that is valid and names its host.",
    ),
    Check.ANSWERS: Meaning(
        "Does it answer 200 in time?",
        "The very request of a call is sent, signed as for a call; its `call_id` begins with `doctor-` and its `trunk`"
        " is `doctor`. A slow answer is warned about.",
        "Look into the server's log for the request: it must answer 200 within 5 seconds.",
    ),
    Check.TEXT: Meaning(
        "Is the action text right?",
        "The answer, or the script of the hosted rules, is parsed; each mistake is shown with a caret.",
        "Correct the text; `offhook actions lint URL` checks it again.",
    ),
    Check.SOUND: Meaning(
        "Is every sound fetchable and decodable?",
        "Each sound that the text names is fetched through the guard and decoded to its end in a worker process.",
        "Put an MP3, WAV, OGG or FLAC file there that anybody may fetch.",
    ),
    Check.LANGUAGE: Meaning(
        "Is each language installed?",
        "For each `say` a voice is looked for. On a node's own machine only: others may have other voices.",
        "Install the language's extra on every node, or say it in another language.",
    ),
    Check.TRANSFER: Meaning(
        "Is every transfer target permitted, and its trunk up?",
        "Each number is judged by the rules for destinations and rates, and the trunks that lead there are looked at."
        " Nobody is called and nothing is held.",
        "Import a rate for the destination with `offhook tariffs import`, permit its country with"
        " `offhook accounts destinations`, and give a trunk `--send`.",
    ),
    Check.CREDIT: Meaning(
        "Is there enough credit, and for how many minutes?",
        "The available credit is compared with what takes calls, with the cost of a minute, and with a renewal that is"
        " due within three days.",
        "Top the account up with `offhook accounts top-up`.",
    ),
    Check.LIMITS: Meaning(
        "Do the limits let a call in?",
        "The limits of the number and of its account are compared with what was counted for them: calls of this minute"
        " and credits of this day (UTC). How many calls run at this moment is not counted.",
        "Widen it with `offhook numbers limit` or `offhook accounts limit`; what a day may cost begins anew at midnight"
        " UTC.",
    ),
    Check.CALLS: Meaning(
        "Does the trunk send calls here?",
        "The last call of the number is told: when and through which trunk it came, and what became of it.",
        "Call the number from a telephone. `offhook calls show ID` explains a call.",
    ),
    Check.FORMS: Meaning(
        "Is the number read as the trunk writes it?",
        "Each trunk's rules are tried with the usual forms of the number, and calls of the last seven days for no known"
        " number are searched for ones that end as this number does.",
        "Give the trunk the rules of its carrier with `offhook trunks set`; `offhook trunks try` shows how a form is"
        " read.",
    ),
    Check.SETTINGS: Meaning(
        "Are the settings right?",
        "They are read as `offhook serve` reads them.",
        "Correct the setting that the sentence names.",
    ),
    Check.DATABASE: Meaning(
        "Is the database there, and of this version?",
        "It is opened without changing anything, and its schema is compared with the one that this program needs.",
        "Run `offhook database upgrade`, or start the database server.",
    ),
    Check.NODE: Meaning(
        "Is the node running?",
        "A running node writes a heartbeat every 5 seconds; after 15 seconds without one it is dead. Other nodes of the"
        " same database that fell silent within a day are told too.",
        "Start it with `offhook serve`, and look into its log.",
    ),
    Check.WORKERS: Meaning(
        "Are the API and the workers healthy?",
        "`/readyz` of the node on this machine is asked, which looks at its database, its SIP and its media workers;"
        " and `/metrics`, how busy the workers are, and whether calls are refused for the load.",
        "Wait for a moment if a part is being started; else look into the log of the node.",
    ),
    Check.SIP_PORT: Meaning(
        "Is the SIP port ours?",
        "While the node runs its port must be taken, and where a trunk names this machine the port is asked by OPTIONS;"
        " while it does not run the port must be free. So with the port of TLS, if there is a certificate. Firewalls on"
        " the way are not measured.",
        "End the program that has the port, or choose another with the setting `sip`.",
    ),
    Check.RTP_PORTS: Meaning(
        "Are RTP ports free?",
        "The kernel's table of sockets says how many pairs of the range are free. Nothing is bound.",
        "Widen the setting `rtp_ports`, or end the program that has them.",
    ),
    Check.RTP: Meaning(
        "Does the audio of callers arrive?",
        "The last answered calls of a day are looked at: those whose caller sent no RTP tell of a firewall or a wrong"
        " address.",
        "Let UDP from everywhere through to the range of `rtp_ports`, and check `public_address`.",
    ),
    Check.PUBLIC_ADDRESS: Meaning(
        "Is the public address right?",
        "The setting is compared with the addresses of this machine, and with the one from which it would send to each"
        " trunk. What the other side really sees is not measured.",
        "Set `public_address` to the address at which the internet reaches this machine.",
    ),
    Check.TRUNK: Meaning(
        "Are the trunks up?",
        "What the living nodes know: whether a gateway answers OPTIONS, and whether a registration holds. With it"
        " stands when the trunk last brought a call.",
        "Ask the carrier; check address, port and login with `offhook trunks show`.",
    ),
    Check.STRANGERS: Meaning(
        "Does somebody call whom no trunk names?",
        "Sources of the last day whose INVITEs were dropped, because no trunk names them.",
        "If one is your carrier: `offhook trunks add NAME --source ADDRESS`. Others are scanners, and get no answer.",
    ),
    Check.DISK: Meaning(
        "Is there room on the disk?",
        "The free space and the free files of the data folder, and of the folder of a SQLite file elsewhere, and"
        " whether they can be written to.",
        "Make room, or move the data folder with the setting `data_folder`.",
    ),
    Check.CLOCK: Meaning(
        "Is the clock right?",
        "The kernel says whether it is being synchronised; the clocks of PostgreSQL, of nodes whose heartbeat lies in"
        " our future and of the action server are compared with ours. No time server is asked.",
        "Start a time service such as chrony or systemd-timesyncd.",
    ),
    Check.NUMBERS: Meaning(
        "Which numbers have trouble?",
        "Without a NUMBER, every subscription is looked at without asking any server: URL, grace, credit, servers that"
        " are left alone.",
        "Run `offhook doctor NUMBER` for the number.",
    ),
}
"""Every check has a meaning; a test sees to it."""

CURES: Mapping[Check, str] = {check: meaning.cure for check, meaning in MEANINGS.items()}

CUSTOMERS_CURES: Mapping[Check, str] = {
    Check.SUBSCRIBED: "Subscribe the number, or top the account up: a renewal is then paid within minutes.",
    Check.ALLOWED: "Use a public address for the server.",
    Check.TEXT: "Correct the text where the caret points.",
    Check.LANGUAGE: "Say it in a language that is installed, or ask whoever runs this platform to install it.",
    Check.TRANSFER: "Ask whoever runs this platform to permit the destination, or try again later.",
    Check.CREDIT: "Top the account up.",
    Check.LIMITS: "Wait for midnight UTC if it is about a day, or ask whoever runs this platform to widen the limit.",
}
"""What a customer does, who cannot do what the operator can."""
