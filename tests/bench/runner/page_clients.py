"""Browsers that look at the status page, as far as pbxbridge can tell: python3 page_clients.py PORT COUNT.

Says `looking` once each has had its first second, and for each line on standard input how many seconds of the page the
slowest of them has had since.
"""

import selectors
import socket
import sys

_request = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
_second = b"event: events\n"


def _connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(_request)
    client.setblocking(False)
    return client


def main(port: int, count: int) -> None:
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    seconds = {}
    for _ in range(count):
        client = _connect(port)
        seconds[client] = 0
        selector.register(client, selectors.EVENT_READ)
    told = False
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                if not sys.stdin.readline():
                    return
                print(min(seconds.values()), flush=True)
                seconds = dict.fromkeys(seconds, 0)
                continue
            # A piece of one second is smaller than this, so that its beginning is hardly ever cut in two.
            text = key.fileobj.recv(1 << 20)
            if not text:
                raise SystemExit("pbxbridge has closed a connection")
            seconds[key.fileobj] += text.count(_second)
        if not told and min(seconds.values()) > 0:
            told = True
            print("looking", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
