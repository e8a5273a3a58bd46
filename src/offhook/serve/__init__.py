"""The composition root: the only place where the rooms are joined.

`house` is a running node, `office` its database for an operator's commands, `studio` its voices and
decoders for our own phone. Import the one that you need: the command line must not wait for the others.
"""
