"""Documents of hosted rules as the OpenAPI document describes them; `domain.hosted_rules.document` reads them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from offhook.api.fields import Text
from offhook.domain.hosted_rules.callers import MOST_CALLERS
from offhook.domain.hosted_rules.document import MOST_DATES
from offhook.domain.hosted_rules.hours import MOST_INTERVALS


def _is_left_out(schema: dict[str, Any]) -> None:
    """A field that is not there has no value either: null is none."""
    schema.pop("default", None)


def _maybe(description: str) -> Any:
    return Field(None, description=description, json_schema_extra=_is_left_out)


Script = Annotated[Text, Field(description="Action lines, at most ten.", examples=["reject declined"])]
CallerEntry = Annotated[str, Field(pattern=r"^[0-9]{1,15}\*?$", examples=["8190*"])]
CallerEntries = Annotated[
    list[CallerEntry], Field(min_length=1, max_length=MOST_CALLERS, description="Numbers, or beginnings with a `*`.")
]
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
IntervalText = Annotated[str, Field(pattern=f"^{_CLOCK}-({_CLOCK}|24:00)$", examples=["09:00-17:00"])]
DayHours = Annotated[list[IntervalText], Field(max_length=MOST_INTERVALS)]
DateText = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-24"])]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BlockPart(_Part):
    """Callers who get a script of their own, whatever else is said."""

    callers: CallerEntries
    script: Script


class AllowPart(_Part):
    """Callers who are let through, or get `script`; all others get `otherwise`."""

    callers: CallerEntries
    otherwise: Script
    script: Script | SkipJsonSchema[None] = _maybe("Instead of the rules after this one.")


class AnonymousPart(_Part):
    """What callers get who withheld their number."""

    script: Script


class DatePart(_Part):
    """Hours of one day, or of every day up to `last_date`, in place of the week's."""

    date: DateText
    last_date: DateText | SkipJsonSchema[None] = _maybe("The last of several days.")
    hours: DayHours | SkipJsonSchema[None] = _maybe("Closed all day without any.")
    open: Script | SkipJsonSchema[None] = _maybe("Instead of `open` for every day.")
    closed: Script | SkipJsonSchema[None] = _maybe("Instead of `closed` for every day.")


class WeekPart(_Part):
    """The hours of each weekday; what closes before it opens closes on the next day."""

    monday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    tuesday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    wednesday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    thursday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    friday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    saturday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")
    sunday: DayHours | SkipJsonSchema[None] = _maybe("Closed without any.")


class RulesDocument(_Part):
    """What a number does with its calls by itself."""

    time_zone: Annotated[str, Field(examples=["Asia/Tokyo"])] | SkipJsonSchema[None] = _maybe(
        "A name of the IANA database; needed where there are hours or dates."
    )
    block: BlockPart | SkipJsonSchema[None] = _maybe("Asked first.")
    allow: AllowPart | SkipJsonSchema[None] = _maybe("Asked second.")
    anonymous: AnonymousPart | SkipJsonSchema[None] = _maybe("Asked third; never beside `allow`.")
    dates: Annotated[list[DatePart], Field(max_length=MOST_DATES)] | SkipJsonSchema[None] = _maybe("Asked fourth.")
    hours: WeekPart | SkipJsonSchema[None] = _maybe("Asked fifth. Without them it is always open.")
    open: Script
    closed: Script | SkipJsonSchema[None] = _maybe("Needed where there are hours, or dates without it.")
