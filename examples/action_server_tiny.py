"""A whole action server in one file: Python's standard library and nothing else.

    python examples/action_server_tiny.py --port 9000 --sounds my-mp3-folder

When somebody calls your number, Offhook asks http://127.0.0.1:9000/?caller=...&recipient=...&event=incoming
what to do, and does what `answer` says. Change `answer`, start it again, call again.
"""

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

# What a number plays: the file lies in the folder that --sounds names.
MELODIES = {"815012345679": "welcome.mp3"}


def answer(question: dict[str, str], address: str) -> str:
    """Say in one line what to do with a call; `address` is where Offhook reached us."""
    match question:
        case {"event": "incoming", "anonymous": "1"}:
            return "reject declined"
        case {"event": "incoming", "recipient": recipient} if recipient in MELODIES:
            return f"playback http://{address}/{MELODIES[recipient]}"
        # Anybody may send anything here; what is no number is neither said nor printed.
        case {"event": "incoming", "recipient": recipient} if recipient.isdigit():
            return f'say en "Hello! You have called {" ".join(recipient)}. Goodbye."'
        case {"event": "fallback"}:
            return 'say en "Sorry, something went wrong. Please call again later."'
        case _:
            return "hangup"


class ActionServer(SimpleHTTPRequestHandler):
    """Answers questions at `/`; every other path is a file of the sounds folder."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a question, or send a file."""
        url = urlsplit(self.path)
        if url.path != "/":
            super().do_GET()
            return
        question = dict(parse_qsl(url.query))
        action = answer(question, self.headers["Host"])
        print(f"asked {question}\n told {action}", flush=True)
        body = action.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Tells Offhook what to do with each call.")
    parser.add_argument("--port", type=int, default=9000, help="where to listen on 127.0.0.1 (0: any free port)")
    parser.add_argument("--sounds", default=".", help="the folder whose files are served")
    options = parser.parse_args()
    with ThreadingHTTPServer(("127.0.0.1", options.port), partial(ActionServer, directory=options.sounds)) as server:
        print(f"your action URL: http://127.0.0.1:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("bye")


if __name__ == "__main__":
    main()
