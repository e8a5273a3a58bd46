"""The HTTP API, as API.md writes it: one file per noun, `errors` for every answer that is not a success."""

from offhook.api.app import create_app

__all__ = ["create_app"]
