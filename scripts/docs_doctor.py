"""The page of the doctor's checks, made from `offhook.domain.diagnosis.checks`."""

from collections.abc import Iterable

from offhook.domain.diagnosis.checks import MEANINGS, Check

FIRST_OF_PLATFORM = Check.SETTINGS
"""What stands before it in the list is about a number."""

PAGE = """\
# The doctor

<!-- Made by scripts/write_docs.py from the code: change offhook.domain.diagnosis.checks or scripts/docs_doctor.py. -->

A number does not answer, or not as it should: ask the doctor first.

<!-- run by: tests/journeys/test_doctor.py -->
```sh
offhook doctor 815012345678
offhook doctor
```

With a number it looks at all that a call of this number would meet, and at the platform. Without one it looks at the
platform, and lists the numbers whose trouble shows without asking anybody's server. Run it on the machine of the node,
in the same folder or with the same environment, so that it reads the same settings. What the running node was told by
options (`--http`, `--sip`, `--rtp-ports`, `--allow-addresses`) the doctor finds in the data folder.

Each line is one check with its code:

| sign | verdict | what it means |
|---|---|---|
| `✓` | `good` | it is as it should be |
| `?` | `unknown` | it was not looked at, and the line says why; that is no fault |
| `!` | `warning` | calls may go well all the same; somebody should look |
| `✗` | `bad` | it is wrong, and the line below it says what to do |

Where the terminal's letters have no tick and no cross, `+` and `x` stand for them.

The exit status is the worst: 0 without a cross and without a warning, 3 with warnings only, 1 with a cross.
`offhook doctor --json` prints one JSON document: `verdict`, `number` and `platform` with their findings, and `numbers`
with trouble. A finding has `code`, `verdict`, `sentence`, `cure` and `data`; `data.reason` is the code of what failed,
such as `dns-failed` or `sound-not-found`, and times are in milliseconds (`dns_ms`, `connect_ms`, `tls_ms`,
`first_byte_ms`, and of a sound `fetch_ms` and `make_ms`), the same as in [timelines](../timelines.md). Of an
answer that is none there are also `headers` and how its `body` begins.

## What it does, and what it does not

- It **really asks** the action server, once, as a call would: through the same guard, signed with the account's
  secret. The request's `call_id` begins with `doctor-` and its `trunk` is `doctor`, so that a server can tell it from
  a call. Lines with `redirect` are followed, three at most, and each URL is asked once.
- It **really fetches** each sound that the answer names, and decodes it to its end.
- It **changes nothing**: nobody is called, nothing is held or charged, no table is made or upgraded, and what a server
  does wrong is held against nobody (no circuit breaker counts it).
- It **does not crash** on what is broken. Without a database it still looks at ports, disk and clock.
- `fallback_url`, and what `next=` leads to, are not asked: `offhook actions try` follows a whole call.
- Whether a firewall in the internet lets SIP and RTP through cannot be seen from inside. What the last calls tell is
  used instead (`audio-arrives`), and what strangers send.

## A number

| code | question | how it is looked at | cure |
|---|---|---|---|
{number}

## The platform

| code | question | how it is looked at | cure |
|---|---|---|---|
{platform}

## For customers

`GET /voice/dins/subscriptions/<din_uid>/diagnosis/` tells a customer the same about a number of the account, without
`number-forms` and without anything about trunks, addresses and the platform. A running node looks at four numbers at
once; each account may have a diagnosis for every hundred requests that the setting `api_rate` allows, so one in two
seconds unless it says otherwise. What is too much is `429` with `Retry-After`.
"""


def page() -> str:
    """Return the page as Markdown."""
    checks = list(Check)
    border = checks.index(FIRST_OF_PLATFORM)
    return PAGE.format(number=_rows(checks[:border]), platform=_rows(checks[border:]))


def _rows(checks: Iterable[Check]) -> str:
    return "\n".join(
        f"| `{check}` | {MEANINGS[check].question} | {MEANINGS[check].how} | {MEANINGS[check].cure} |"
        for check in checks
    )
