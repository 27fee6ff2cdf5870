"""What readers of /events cost the server: its CPU beside the same server without readers, in the same seconds."""

from __future__ import annotations

import resource
import selectors
import socket
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from support import BenchError, busy_seconds, cpu_seconds, print_table, settle, topserver

READERS = [100, 1_000]
# For the program, its listening sockets, and its other open files.
SPARE_DESCRIPTORS = 200


class Readers(threading.Thread):
    """This many connections that read /events and discard it, all of them on one thread."""

    def __init__(self, url: str, count: int):
        super().__init__(daemon=True)
        address = urlsplit(url)
        self.selector = selectors.DefaultSelector()
        self.bytes = 0
        self.ended = 0
        self.is_over = False
        request = f"GET /events HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode()
        for _ in range(count):
            connection = socket.create_connection((address.hostname, address.port), timeout=10)
            connection.sendall(request)
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ)

    def run(self):
        while not self.is_over:
            for key, _ in self.selector.select(timeout=0.2):
                part = key.fileobj.recv(1 << 16)
                self.bytes += len(part)
                if not part:
                    self.selector.unregister(key.fileobj)
                    self.ended += 1

    def close(self):
        self.is_over = True
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


def run(options) -> dict:
    allow_sockets(max(READERS))
    results = [measure(count, options.events_seconds) for count in READERS]
    report(results, options.events_seconds)
    return {"seconds": options.events_seconds, "cases": results}


def allow_sockets(count: int):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_DESCRIPTORS
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise BenchError(f"{wanted} open files are needed and {hard} allowed: ulimit -n")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def reading(url: str, count: int):
    readers = Readers(url, count)
    readers.start()
    try:
        yield readers
    finally:
        readers.close()


def measure(count: int, seconds: int) -> dict:
    """Two servers at 1 Hz over the same time; they differ only in the readers."""
    with topserver() as alone, topserver() as heard, reading(heard.url, count) as readers:
        for server in (alone, heard):
            settle(server, sweeps=5)
        before = [cpu_seconds(server.pid) for server in (alone, heard)]
        busy, read, start = busy_seconds(), readers.bytes, time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - start
        quiet, loud = (cpu_seconds(server.pid) - one for server, one in zip((alone, heard), before))
        busy = busy_seconds() - busy
        if readers.ended:
            raise BenchError(f"{readers.ended} of {count} streams ended too early")
        return {"readers": count, "seconds": elapsed, "cpu_share_alone": quiet / elapsed,
                "cpu_share": loud / elapsed, "bytes_per_reader_and_second": (readers.bytes - read) / elapsed / count,
                "busy_cores": busy / elapsed}


def report(results: list[dict], seconds: int):
    rows = []
    for one in results:
        alone, heard = one["cpu_share_alone"], one["cpu_share"]
        rows.append([f"{one['readers']:,}", f"{100 * alone:.2f}", f"{100 * heard:.2f}", f"{100 * (heard - alone):.2f}",
                     f"{1e6 * (heard - alone) / one['readers']:.1f}",
                     f"{one['bytes_per_reader_and_second'] / 1000:.1f}", f"{one['busy_cores']:.2f}"])
    print_table(f"Readers of /events at 1 Hz over {seconds} s, beside the same server without any",
                ["readers", "% of a core without", "% with", "difference", "µs a reader and second",
                 "KB a reader and second", "busy cores in all"], rows)
