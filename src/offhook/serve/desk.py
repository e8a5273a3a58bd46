"""The engine's desk over the database: one unit of work for each of its verbs."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from offhook.domain.calls import Admission, Arrival, Ending, Refusal, TimelineEvent
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.sip_messages import SipMessage
from offhook.domain.terms import TERMS, Terms
from offhook.engine.net.ports import Blank
from offhook.serve.clock import utc_now
from offhook.serve.recordings import RecordingDesk
from offhook.service import callees, desk
from offhook.service.ports import Database


class Desk:
    """See `engine.net.ports.Desk`."""

    def __init__(
        self,
        database: Database,
        limits: desk.Limits,
        node: str,
        recordings: RecordingDesk,
        routes: Sequence[str] = (),
        terms: Terms = TERMS,
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._limits = limits
        self._terms = terms
        self._node = node
        self._routes = routes
        # The running calls of accounts without a webhook: they are spared what tells of them. Of a call whose
        # admission nobody heard of it is not known, so it is told.
        self._untold: set[str] = set()

    async def admit(self, arrival: Arrival) -> Admission | Refusal:
        admitted = await self._database.write(
            partial(
                desk.admit,
                arrival=arrival,
                now=utc_now(),
                limits=self._limits,
                terms=self._terms,
                node=self._node,
            )
        )
        if isinstance(admitted, Admission) and not admitted.is_told:
            self._untold.add(admitted.call_id)
        return admitted

    async def find_routes(self, call_id: str, leg: int, number: str, *, came_inside: bool) -> Routes | Unroutable:
        return await self._database.write(
            partial(
                callees.find_routes,
                call_id=call_id,
                leg=leg,
                number=number,
                came_inside=came_inside,
                defaults=self._routes,
                now=utc_now(),
            )
        )

    async def rings(self, call_id: str, leg: int, dialog: str) -> None:
        await self._database.write(partial(callees.rings, call_id=call_id, leg=leg, dialog=dialog))

    async def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> None:
        is_told = call_id not in self._untold
        await self._database.write(
            partial(desk.answered, call_id=call_id, leg=leg, at=at, dialog=dialog, is_told=is_told)
        )

    async def extend(self, call_id: str, leg: int, minute: int) -> bool:
        return await self._database.write(partial(desk.extend, call_id=call_id, leg=leg, now=utc_now(), minute=minute))

    async def give_back(self, call_id: str, leg: int) -> None:
        await self._database.write(partial(callees.give_back, call_id=call_id, leg=leg, now=utc_now()))

    async def begin_recording(self, call_id: str) -> Blank:
        uid, place = await self._recordings.begin(call_id)
        return Blank(uid, str(place))

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        await self._recordings.store(uid, seconds, size, code)
        return self._recordings.url(uid)

    async def drop_recording(self, uid: str, code: str) -> None:
        await self._recordings.lose(uid, code)

    async def close(self, ending: Ending, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None:
        is_told = ending.call_id not in self._untold
        await self._database.write(
            partial(
                desk.close,
                ending=ending,
                events=tuple(events),
                messages=tuple(messages),
                node=self._node,
                terms=self._terms,
                is_told=is_told,
            )
        )
        self._untold.discard(ending.call_id)
