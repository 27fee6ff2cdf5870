"""/events: server-sent events."""

from __future__ import annotations

import http.client
import json
import signal
from contextlib import contextmanager

import pytest
from harness import Server, wait_until


@contextmanager
def listening(server: Server, path: str = "/events", **headers):
    """The lines of a stream, as they arrive."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value
                                                 for name, value in headers.items()})
        yield connection.getresponse()
    finally:
        connection.close()


def events(response):
    """One by one: name, id, data."""
    event = {}
    while line := response.readline().decode():
        line = line.rstrip("\n")
        if line == "":
            if "data" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


def next_events(stream, name: str, count: int = 1) -> list[dict]:
    found = []
    while len(found) < count:
        event = next(stream)
        if event["event"] == name:
            found.append(event)
    return found


@pytest.fixture
def server():
    with Server("--interval", "0.1") as server:
        yield server


def test_each_sample_is_an_event(server):
    with listening(server) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        some = next_events(events(response), "system", 5)
    ids = [int(event["id"]) for event in some]
    assert ids == list(range(ids[0], ids[0] + 5))
    for event in some:
        assert json.loads(event["data"])["sequence"] == int(event["id"])


def test_a_client_that_reconnects_gets_the_missed_events(server):
    with listening(server) as response:
        (first,) = next_events(events(response), "system")
    server.json("/system")
    with listening(server, Last_Event_ID=first["id"]) as response:
        some = next_events(events(response), "system", 3)
    start = int(first["id"])
    assert [int(event["id"]) for event in some] == [start + 1, start + 2, start + 3]


def test_a_new_stream_can_continue_where_another_ended(server):
    with listening(server) as response:
        (first,) = next_events(events(response), "system")
    server.json("/system")
    start = int(first["id"])
    with listening(server, f"/events?after={start}") as response:
        assert int(next_events(events(response), "system")[0]["id"]) == start + 1
    # A browser that reconnects by itself sends the same query and a newer header.
    with listening(server, f"/events?after={start}", Last_Event_ID=str(start + 1)) as response:
        assert int(next_events(events(response), "system")[0]["id"]) == start + 2


def test_open_streams_are_counted(server):
    def counted():
        return server.json("/system")["self"]["event_streams"]
    with listening(server) as response:
        stream = events(response)
        next_events(stream, "system")
        wait_until(lambda: counted() == {"open": 1, "opened": 1, "dropped": 0})
    wait_until(lambda: counted()["open"] == 0)


def test_a_change_of_the_recorder_is_an_event(server):
    with listening(server) as response:
        stream = events(response)
        next_events(stream, "system")
        server.json("/stop", method="POST")
        switched_off = json.loads(next_events(stream, "recorder")[-1]["data"])
        # The state at the start is an event too.
        if switched_off["switched_on"]:
            switched_off = json.loads(next_events(stream, "recorder")[-1]["data"])
        assert not switched_off["switched_on"]


def test_stopping_the_server_ends_streams_cleanly():
    server = Server("--interval", "0.1")
    with listening(server) as response:
        stream = events(response)
        next_events(stream, "system")
        server.process.send_signal(signal.SIGTERM)
        # An unclean end of a chunked answer would raise an error here.
        list(stream)
    server.stop()


def test_head_has_the_headers_only(server):
    response = server.request("/events", method="HEAD")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.body == b""


def test_bad_parameters_are_refused(server):
    assert server.request("/events?x=1").status == 400
    assert server.request("/events?after=soon").status == 400
    assert server.request("/events", method="POST").status == 405
