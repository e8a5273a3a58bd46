"""The engine's only sockets and processes: SIP transports, media workers, the switchboard, the phone."""
