"""How the house logs: one line an event, for people or for machines, to standard error."""

import logging
import sys

import structlog


def configure(level: str, form: str) -> None:
    """Log from `level` on, as coloured text (`console`) or as JSON lines (`json`)."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The fancy formatter prints local variables, secrets included.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if form == "json" else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # What libraries say goes the plain way; their news below a warning is nobody's business.
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr)
