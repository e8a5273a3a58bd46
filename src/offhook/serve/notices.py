"""The job that sends notices as mails: every node takes what is due, and no two the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from offhook.domain.notices import Notice
from offhook.errors import OffhookError, SetupError
from offhook.mail.server import MailServer
from offhook.mail.smtp import Attachment, Mail, send
from offhook.service import notices
from offhook.service.ports import Database

LOOK_EVERY_S = 5.0
AT_ONCE = 10

log = structlog.get_logger("offhook.serve")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What goes with a mail besides the notice: a paragraph, and files."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()


async def nothing_enclosed(_: Notice) -> Enclosure:
    """Enclose nothing."""
    return Enclosure()


class Post:
    """Delivers one mail. `enclose` says what goes with it."""

    def __init__(
        self,
        mail_server: MailServer | None,
        sender: str,
        enclose: Callable[[Notice], Awaitable[Enclosure]] = nothing_enclosed,
    ) -> None:
        self._enclose = enclose
        self._mail_server = mail_server
        self._sender = sender

    async def deliver(self, notice: Notice) -> None:
        """Deliver a notice. Raises OffhookError."""
        if self._mail_server is None:
            raise SetupError("no mail server is set", hint="the setting `smtp` names one")
        enclosure = await self._enclose(notice)
        said = "\n\n".join(part for part in (notice.text, enclosure.text) if part)
        mail = Mail(
            sender=self._sender,
            recipient=notice.target,
            subject=f"{notice.account}: {notice.subject}",
            text=f"{said}\n\nAccount: {notice.account}\n",
            message_id=f"<notice-{notice.id}.{notice.created_at:%Y%m%d%H%M%S}@{self._sender.partition('@')[2]}>",
            attachments=enclosure.attachments,
        )
        await asyncio.to_thread(send, self._mail_server, mail)


class Notices:
    """Looks for notices that are due, and notes what became of each."""

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Notice], Awaitable[None]],
        *,
        now: Callable[[], datetime],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._now = now
        self._look_every_s = look_every_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._repeat())

    def stop(self) -> None:
        """End; what was on its way is tried again when its lease ends."""
        if self._task is not None:
            self._task.cancel()

    async def work_off(self) -> int:
        """Deliver what is due, and return how many notices that were. Raises DatabaseAway."""
        found = await self._database.write(partial(notices.claim, now=self._now(), limit=AT_ONCE))
        await asyncio.gather(*map(self._try, found))
        return len(found)

    async def _try(self, notice: Notice) -> None:
        try:
            await self._deliver(notice)
        except OffhookError as error:
            log.warning("a notice was not delivered", notice=notice.id, way=notice.way, code=error.code)
            failed = partial(notices.failed, notice_id=notice.id, error=error.sentence, now=self._now())
            await self._database.write(failed)
        else:
            await self._database.write(partial(notices.sent, notice_id=notice.id, now=self._now()))

    async def _repeat(self) -> None:
        while True:
            try:
                if await self.work_off() == AT_ONCE:
                    continue
            except OffhookError as error:
                log.warning("notices cannot be delivered now", code=error.code, text=error.sentence)
            await asyncio.sleep(self._look_every_s)
