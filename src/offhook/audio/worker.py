"""The audio worker: a process that turns hostile bytes into sound and can hurt nobody.

`python -m offhook.audio.worker FD MEMORY_BYTES STEP_CPU_S LONGEST_S`. It knows one socket. It may write
no file, may take so much memory and no more, is killed by the kernel when one step takes too much
CPU (in C code too, where Python's signals do not reach), and exits when its socket closes.
"""

import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

from offhook.audio.decode import decode, decode_coming
from offhook.audio.encoded import Encoded
from offhook.audio.encoder import encoded
from offhook.audio.errors import SoundNotAudio
from offhook.audio.feeding import Feeding
from offhook.audio.frames import LENGTHS, Reply, Request, State, Verb, head, read_request
from offhook.audio.press import pressed
from offhook.audio.speech import speak
from offhook.errors import SoundError

NICENESS = 5
# A decoder's thread needs little, and all of it counts as memory.
THREAD_BYTES = 2 * 1024 * 1024

Task = Iterator[Encoded] | Iterator[bytes] | Feeding


def main() -> None:
    """Take the socket and the limits from the command line, give everything else up, and serve."""
    descriptor, memory_bytes, step_cpu_s, longest_s = sys.argv[1:]
    _confine(int(memory_bytes))
    with socket.socket(fileno=int(descriptor)) as peer:
        try:
            serve(peer, float(step_cpu_s), float(longest_s))
        except (BrokenPipeError, ConnectionResetError):
            # The main process is gone; so are we.
            return


def serve(peer: socket.socket, step_cpu_s: float, longest_s: float) -> None:
    """Answer requests until the socket closes."""
    jobs: dict[int, Task] = {}
    try:
        while (came := _receive(peer)) is not None:
            request, body = came
            match request.verb:
                case Verb.OPEN:
                    jobs[request.job] = _job(request, body, longest_s)
                case Verb.FEED:
                    _feed(jobs.get(request.job), request, body)
                case Verb.PRESS:
                    jobs[request.job] = pressed(body)
                case Verb.CLOSE:
                    _close(jobs.pop(request.job, None))
                case Verb.STEP:
                    reply, made = _step(jobs[request.job], step_cpu_s)
                    if reply.state not in (State.MORE, State.HUNGRY):
                        _close(jobs.pop(request.job))
                    peer.sendall(head(reply, len(made)) + made)
    finally:
        # A thread that waits for bytes would keep this process.
        for job in jobs.values():
            _close(job)


def _job(request: Request, body: bytes, longest_s: float) -> Task:
    if request.voice:
        return encoded(speak(body.decode(), request.voice, request.language, longest_s))
    if request.is_partial:
        return Feeding(lambda source: encoded(decode_coming(source, longest_s)), body)
    return encoded(decode(body, longest_s))


def _feed(job: Task | None, request: Request, body: bytes) -> None:
    # One that has failed meanwhile is not there any more.
    if isinstance(job, Feeding):
        job.feed(body, is_last=not request.is_partial)


def _close(job: Task | None) -> None:
    if isinstance(job, Feeding):
        job.close()


def _written(piece: Encoded | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.pcmu + piece.pcma + piece.g722


def _step(job: Task, step_cpu_s: float) -> tuple[Reply, bytes]:
    """Take the next piece of a job, under the kernel's clock."""
    began = time.process_time()
    state, code, sentence, made = State.MORE, "", "", b""
    signal.setitimer(signal.ITIMER_PROF, step_cpu_s)
    try:
        piece = next(job)
        state, made = (State.HUNGRY, b"") if piece is None else (State.MORE, _written(piece))
    except StopIteration:
        state = State.DONE
    except SoundError as error:
        state, code, sentence = State.FAILED, error.code, error.sentence
    except MemoryError:
        state, code, sentence = State.FAILED, SoundNotAudio.code, "the sound needs more memory than it is worth"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Reply(state, time.process_time() - began, code, sentence), made


def _receive(peer: socket.socket) -> tuple[Request, bytes] | None:
    lengths = _exactly(peer, LENGTHS.size)
    if lengths is None:
        return None
    header_bytes, body_bytes = LENGTHS.unpack(lengths)
    header, body = _exactly(peer, header_bytes), _exactly(peer, body_bytes)
    return None if header is None or body is None else (read_request(header), body)


def _exactly(peer: socket.socket, length: int) -> bytes | None:
    """Read so many bytes, or None when the other side closed."""
    data = bytearray(length)
    view, filled = memoryview(data), 0
    while filled < length:
        received = peer.recv_into(view[filled:])
        if not received:
            return None
        filled += received
    return bytes(data)


def _confine(memory_bytes: int) -> None:
    """Give up what a decoder or a voice has no use for."""
    # Whatever secrets the environment held; and onnxruntime must not phone home.
    os.environ.clear()
    os.environ.update(ORT_DISABLE_TELEMETRY="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    # The interpreter would catch SIGPROF for nobody; its default action ends a process that hangs in C.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # Ctrl-C is the main process's business: it closes the socket when it is ready to.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.stack_size(THREAD_BYTES)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
