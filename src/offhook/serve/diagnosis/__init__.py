"""The doctor: what is measured in every room, and what the judgements of `domain.diagnosis` make of it.

`number` looks at one number, `platform` at the machine and its node, `doctor` joins them for the command line, where
anything may be broken. Nothing here changes money or what is kept.
"""
