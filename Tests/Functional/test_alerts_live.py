"""A load makes an alert fire, every channel reports it, and the alert is resolved after the load ends."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer

import children
import pytest
from harness import Server, wait_until

RULES = """
defaults: false
rules:
  - name: busy
    metric: process
    process: {process}
    above: 40%
    clear: 10%
    over: 1s
    for: 1s
    keep_firing_for: 1s
"""


class Receiver:
    """A webhook: keeps the messages, and answers with the given statuses, then with 200."""

    def __init__(self, statuses=()):
        self.messages: list[dict] = []
        self.headers: list[dict] = []
        statuses = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.headers.append(dict(self.headers))
                receiver.messages.append(json.loads(body))
                self.send_response(statuses.pop(0) if statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def burning():
    """A process that uses one CPU until the block ends."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(children.named(children.unique_name(), children.BURN))


def write_rules(folder, webhook: str | None = None):
    file = folder / "alerts.yml"
    text = RULES.format(process=children.unique_name().decode())
    if webhook:
        text += f"webhook:\n  url: {webhook}\n  timeout: 2s\n  headers:\n    X-Token: secret\n"
    file.write_text(text)
    return file


def active(server):
    return server.json("/alerts")["active"]


@pytest.mark.alone  # it must get two fifths of a CPU
def test_load_makes_an_alert_fire_and_clear_and_every_channel_reports_it(tmp_path, burning):
    receiver = Receiver(statuses=[503])
    try:
        rules = write_rules(tmp_path, receiver.url)
        with Server("--interval", "0.2", "--alerts", str(rules)) as server:
            assert active(server) == []
            process = burning()
            firing = wait_until(lambda: [one for one in active(server) if one["state"] == "firing"], 30)
            assert firing[0]["rule"] == "busy"
            assert any(suspect["pid"] == process.pid for suspect in firing[0]["suspects"])
            process.terminate()
            wait_until(lambda: not active(server), 30)
            (past,) = server.json("/alerts")["recent"]
            assert past["end"] == "cleared"
            # The first attempt was rejected, and repeated.
            wait_until(lambda: len(receiver.messages) >= 3, 30)
            assert [message["step"] for message in receiver.messages] == ["firing", "firing", "resolved"]
            assert receiver.messages[0] == receiver.messages[1]
            assert receiver.messages[-1]["alert"]["id"] == past["id"]
            assert receiver.headers[0]["X-Token"] == "secret"
            sending = wait_until(lambda: (now := server.json("/alerts")["webhook"])["sent"] == 2 and now)
            assert sending == {"sent": 2, "failed_attempts": 1, "given_up": 0, "dropped": 0, "last_error": "status 503"}
    finally:
        receiver.close()


@pytest.mark.alone  # it must get two fifths of a CPU
def test_a_webhook_that_refuses_a_message_does_not_get_it_again(tmp_path, burning):
    receiver = Receiver(statuses=[403])
    try:
        rules = write_rules(tmp_path, receiver.url)
        with Server("--interval", "0.2", "--alerts", str(rules)) as server:
            burning()
            sending = wait_until(
                lambda: (now := server.json("/alerts")["webhook"])["given_up"] == 1 and now, 30)
            assert sending["failed_attempts"] == 1
            assert len(receiver.messages) == 1
    finally:
        receiver.close()
