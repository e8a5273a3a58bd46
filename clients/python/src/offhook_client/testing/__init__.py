"""Calls to an action server that stay within a test. `read` reads action text as the platform does."""

from offhook_client.testing.problems import Problem
from offhook_client.testing.reader import Reading, read

__all__ = ["Problem", "Reading", "read"]
