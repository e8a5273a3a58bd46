"""Offhook: a self-hosted dial-in number platform."""

__version__ = "0.1.0"
