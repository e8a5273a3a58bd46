"""How the house logs: one line an event, for people or for machines, to standard error."""

import logging
import sys

import structlog


def configure(level: str, form: str) -> None:
    """Log from `level` on, as text (`console`) or as JSON lines (`json`), what libraries say included."""
    number = logging.getLevelNamesMapping()[level.upper()]
    stamps: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    endings = _for_machines() if form == "json" else _for_people()
    structlog.configure(
        processors=[*stamps, *endings],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=stamps, processors=[remove, *endings]))
    # News of libraries below a warning are nobody's business, and what strangers write to the HTTP port neither.
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _for_machines() -> list[structlog.typing.Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _for_people() -> list[structlog.typing.Processor]:
    # The renderer's fancy tracebacks print local variables, secrets included.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
