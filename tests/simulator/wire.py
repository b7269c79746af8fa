"""The client's side of the PBX's WebSocket interface, as its specification has it: a WebSocket library and JSON."""

import json
import ssl
from pathlib import Path

import websocket


class Client:
    """One connection. Answers come in the order of the commands; events may come between them."""

    def __init__(self, url: str, authority: Path | None = None):
        options = {"ca_certs": str(authority), "cert_reqs": ssl.CERT_REQUIRED} if authority else None
        self.socket = websocket.create_connection(url, timeout=20, sslopt=options)
        self.events: list[dict] = []

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown()

    def send(self, message: object) -> None:
        self.socket.send(json.dumps(message))

    def receive(self) -> dict:
        return json.loads(self.socket.recv())

    def ask(self, message: object) -> dict:
        """The answer; events that come before it are kept."""
        self.send(message)
        while "event_type" in (received := self.receive()):
            self.events.append(received)
        return received

    def authenticate(self, **credentials: str) -> dict:
        return self.ask({"command": "auth", **credentials})

    def subscribe(self, topic: str, **selector: list[str]) -> dict:
        return self.ask({"command": "subscribe", "topics": [topic], **selector})

    def unsubscribe(self, topic: str, **selector: list[str]) -> dict:
        return self.ask({"command": "unsubscribe", "topics": [topic], **selector})

    def next_event(self) -> dict:
        return self.events.pop(0) if self.events else self.receive()


ADMINISTRATOR = {"username": "bridge", "password": "secret", "domain": "example.test"}
SYSTEM_ADMINISTRATOR = {"username": "admin", "password": "secret"}


def authenticated(url: str, credentials: dict[str, str], authority: Path | None = None) -> Client:
    client = Client(url, authority)
    answer = client.authenticate(**credentials)
    if answer.get("status") != 0:
        raise AssertionError(answer)
    return client
