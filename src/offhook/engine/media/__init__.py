"""Media without sockets: descriptions, packets, reports, keys, samples, and who may be heard.

Bytes and `now` (monotonic seconds) come in, values go out; the worker in `engine.net` does the rest.
"""
