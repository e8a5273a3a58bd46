"""Hosted rules: what a subscription says of its calls by itself, where no action server is needed.

`rules` are the values, `document` is how they are written, `deciding` says which of them decides about a call.
Beside them: `callers` (lists of numbers), `hours` (when it is open, on days when the clock is put back too).
Scripts are only texts here: what they mean is the language's business.
"""
