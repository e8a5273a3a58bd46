"""What bytes that are no sound seem to be, by how they begin: pure."""

_PLAYED = "MP3, WAV, OGG and FLAC are"
_OTHER_SOUND = (
    (b"#!AMR", "AMR"),
    (b"MThd", "MIDI"),
    (b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (b"\x30\x26\xb2\x75", "Windows Media"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
    (b"\xff\xf1", "AAC"),
    (b"\xff\xf9", "AAC"),
    (b"ADIF", "AAC"),
    (b"caff", "CAF"),
)
_OTHER_THINGS = (
    (b"\x1f\x8b", "it is compressed (gzip)"),
    (b"PK\x03\x04", "it is an archive (ZIP)"),
    (b"\x89PNG", "it is a picture (PNG)"),
    (b"\xff\xd8\xff", "it is a picture (JPEG)"),
    (b"GIF8", "it is a picture (GIF)"),
    (b"%PDF", "it is a document (PDF)"),
    (b"#EXTM3U", "it is a playlist, which only names sounds"),
    (b"[playlist]", "it is a playlist, which only names sounds"),
    (b"version https://git-lfs", "it is a pointer of Git LFS to the file"),
    (b"{", "it looks like JSON"),
    (b"[", "it looks like JSON"),
    (b"<?xml", "it looks like XML, as file hosts write errors in"),
    (b"<error", "it looks like XML, as file hosts write errors in"),
    (b"<", "it looks like a web page"),
)
_MP4_AT = slice(4, 8)
_LOOKED_AT = 512


def complaint(body: bytes) -> str:
    """Say what a file is that could not be played: an error page is the common mistake."""
    if not body:
        return "the file is empty"
    beginning = body[:_LOOKED_AT]
    if beginning[_MP4_AT] == b"ftyp":
        return f"the file is MP4 (M4A or video), which is not played; {_PLAYED}"
    for mark, name in _OTHER_SOUND:
        if beginning.startswith(mark):
            return f"the file is {name}, which is not played; {_PLAYED}"
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, words in _OTHER_THINGS:
        if beginning.startswith(mark) or text.startswith(mark.lower()):
            return f"the file is no sound: {words}"
    if beginning.startswith((b"RIFF", b"ID3", b"OggS", b"fLaC")):
        return "the file begins as a sound does, but holds none that can be played"
    if _is_text(beginning):
        return "the file is no sound: it is text"
    return "the file is no sound that is played (MP3, WAV, OGG, FLAC)"


def _is_text(beginning: bytes) -> bool:
    # A letter at the end may be cut in two.
    text = beginning.decode("utf-8", "ignore")
    return len(text.encode()) > len(beginning) - 4 and all(one.isprintable() or one in "\t\r\n" for one in text)
