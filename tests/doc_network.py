"""The network of a page: this machine with the addresses that documents use, and one other, which is `example.com`.

Run as a program in a new network namespace it furnishes it, and starts itself once more in another namespace behind a
cable, as a web server by HTTP and HTTPS. Every path there has a script, a menu, and every `.mp3` a sound.
"""

import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

WEB, GATEWAY = "93.184.215.14", "93.184.215.1"
"""Public addresses, as far as anybody in this network knows; one's own would be refused."""
NEAR, FAR = "docs0", "docs1"
ADDRESSES = ("192.0.2.10/24", "192.0.2.20/24", "192.168.1.10/24", "198.51.100.20/24", "10.0.0.5/24")
NAMES = ("example.com", "www.example.com", "api.example.com", "shop.example", "spare.example")
SOUND = Path(__file__).parents[1] / "src" / "offhook" / "cli" / "demo" / "melody.mp3"
MENU = 'gather say en "For sales press one." digits=1\n'
ANSWERS = {"incoming": MENU, "gather": "transfer 81355500123 ring=20 next=self\n", "transfer": "hangup\n"}


class Web(BaseHTTPRequestHandler):
    """A customer's web server: a menu, then a transfer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.endswith(".mp3"):
            self._send(200, "audio/mpeg", SOUND.read_bytes())
            return
        question = dict(parse_qsl(url.query))
        self._send(200, "text/plain; charset=utf-8", ANSWERS.get(question.get("event", ""), "hangup\n").encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(200, "text/plain", b"")

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(certificate: str, hosts: str) -> None:
    """Furnish the network that this process stands in."""
    _run("ip", "link", "set", "lo", "up")
    for address in ADDRESSES:
        _run("ip", "address", "add", address, "dev", "lo")
    _run("mount", "--bind", hosts, "/etc/hosts")
    itself = [sys.executable, __file__, certificate]
    with subprocess.Popen(["unshare", "--net", *itself]) as web:
        # The cable's far end can be laid once the other namespace is there.
        here, there = Path("/proc/self/ns/net"), Path(f"/proc/{web.pid}/ns/net")
        while there.readlink() == here.readlink():
            time.sleep(0.01)
        _run("ip", "link", "add", NEAR, "type", "veth", "peer", "name", FAR, "netns", str(web.pid))
        _plug(NEAR, GATEWAY)


def serve(certificate: str) -> None:
    """Be the other machine, say so, and serve."""
    _run("ip", "link", "set", "lo", "up")
    while FAR not in Path("/proc/net/dev").read_text():
        time.sleep(0.01)
    _plug(FAR, WEB)
    plain = ThreadingHTTPServer((WEB, 80), Web)
    secure = ThreadingHTTPServer((WEB, 443), Web)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    secure.serve_forever()


def hosts_file() -> str:
    """Return what stands in the network's /etc/hosts."""
    return f"127.0.0.1 localhost\n::1 localhost\n{WEB} {' '.join(NAMES)}\n"


def _plug(cable: str, address: str) -> None:
    _run("ip", "address", "add", f"{address}/24", "dev", cable)
    _run("ip", "link", "set", cable, "up")


def _run(*words: str) -> None:
    subprocess.run(words, check=True)


if __name__ == "__main__":
    (serve if len(sys.argv) == 2 else main)(*sys.argv[1:])
