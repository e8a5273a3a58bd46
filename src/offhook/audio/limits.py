"""Every limit of sounds and voices, with its default. Seconds, bytes and characters as named."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sound may cost. Who makes a `Limits` of his own changes only what he must."""

    # What customers may ask for.
    body_bytes: int = 20 * MIB
    sound_s: float = 600.0
    text_chars: int = 2_000

    # How long somebody waits: for the first playable second, and for a whole download. One that is played already
    # may take as long as the fetcher lets it.
    # The call gives up after 5 s and knows nothing of a file; it should hear before then what was waited for.
    ready_s: float = 4.9
    fetch_s: float = 30.0
    heard_fetch_s: float = 120.0
    # A file that comes within this time is decoded as a whole; a slower one is decoded as it comes.
    patience_s: float = 0.25

    # All bodies in memory together; one slow host must not keep the others out, so bytes count and not requests.
    bodies_bytes: int = 256 * MIB

    # What one job may burn in a worker. A step is one sentence, or a few seconds of a file: when it needs
    # seconds itself, something hangs.
    job_cpu_s: float = 30.0
    step_cpu_s: float = 5.0
    step_wall_s: float = 10.0
    # A worker's first step waits for its process and for a voice to load: seconds of computing, and workers give way to
    # calls. To end one on a crowded machine would only make it begin again.
    start_wall_s: float = 60.0
    jobs: int = 8
    # Files that are decoded as they come. They mostly wait, and take turns with the jobs; others wait to be whole.
    streams: int = 32
    decode_memory_bytes: int = 768 * MIB
    speech_memory_bytes: int = 2_048 * MIB

    # What is kept: files, and what we know of URLs. A sound marked `no-store` lives just long enough to be played.
    cache_bytes: int = 1_024 * MIB
    urls: int = 10_000
    unstored_s: float = 600.0
