"""SIP (RFC 3261) without input or output: bytes and `now` go in, values come out.

Read `agent` for what a user agent may be told and what it tells; `moves` for the transaction
tables; `dialog` for the life of one leg. Nothing here opens a socket, reads a clock or rolls dice.
"""
