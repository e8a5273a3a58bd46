"""Text from the wire, made fit for people, logs and databases."""


def readable(text: str) -> str:
    """Return text with only printable characters: blanks of any kind become spaces, the rest U+FFFD.

    Bytes that were not UTF-8, escaped line breaks and NULs would otherwise travel on inside a name.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else " " if letter.isspace() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
