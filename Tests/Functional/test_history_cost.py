"""What one query about the past may cost, and that cheap queries do not wait for long ones."""

import re
import select
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from answers import assert_problem, strict_json
from harness import BINARY, SANITIZED, Server, wait_until
from past import QUICK, export, flushed
from wire import Wire, get

MOST_BYTES = 64 << 20
# A long query: every block of a year.
LONG = "/history?series=all&from=-365d&step=1d"
SMALL = "/history?series=cpu_count"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The folder of a stopped server."""
    data = tmp_path_factory.mktemp("recorded")
    with Server(*QUICK, data=data) as server:
        flushed(server, time.time() + 2)
    return data


@pytest.fixture(scope="module")
def long_history(recorded, tmp_path_factory):
    data = tmp_path_factory.mktemp("long")
    lengthen(recorded, data)
    return data


def lengthen(source: Path, target: Path):
    """Copies a history and adds copies of one block over a year: as many as there are if each covers an hour."""
    copy(source, target)
    with closing(sqlite3.connect(target / "history.db")) as database:
        database.create_function("earlier", 2, earlier, deterministic=True)
        database.execute("""
            WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 9000),
              one AS (SELECT * FROM block ORDER BY length(series) DESC LIMIT 1)
            INSERT INTO block
            SELECT (SELECT min(id) FROM block) - i, 60, first - i * 3500000, last - i * 3500000,
              earlier(points, i * 3500000), series, processes
            FROM number, one""")
        database.commit()


@pytest.fixture
def server(recorded):
    with Server("--no-record", data=recorded) as running:
        yield running


def copy(source: Path, target: Path):
    with closing(sqlite3.connect(source / "history.db")) as old, closing(
            sqlite3.connect(target / "history.db")) as new:
        old.backup(new)


def earlier(packed: bytes, milliseconds: int) -> bytes:
    """The points of a block, moved back in time: the first number after their count is the time of the first point.

    The length comes first, then the compressed data.
    """
    _, place = number_at(packed, 0)
    points = zlib.decompress(packed[place:])
    _, first = number_at(points, 0)
    time_of_first, rest = number_at(points, first)
    # Signed numbers are stored as twice their value.
    points = points[:first] + number(time_of_first - 2 * milliseconds) + points[rest:]
    return number(len(points)) + zlib.compress(points)


def number_at(text: bytes, place: int) -> tuple[int, int]:
    """A number stored in groups of seven bits, least significant first, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        value |= (text[place + shift // 7] & 0x7F) << shift
        if text[place + shift // 7] < 0x80:
            return value, place + shift // 7 + 1
    raise ValueError("not a number")


def number(value: int) -> bytes:
    groups = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


@contextmanager
def memory_of(server):
    """Fails if the memory of the server grows by more than one answer may use, at any moment."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    before = resident(server, "VmRSS")
    yield
    # The memory of a sanitizer is not the server's.
    assert SANITIZED or resident(server, "VmHWM") - before < MOST_BYTES


def resident(server, name: str) -> int:
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", text)[1]) * 1024


def test_a_series_that_is_selected_twice_is_one_column(server):
    once = server.json("/history?series=*&from=-10m")["series"]
    with memory_of(server):
        for series in [",".join(["*"] * 1900), ",".join(["all", "*", "c*", "cpu.*", "cpu_count"] * 200)]:
            assert server.json(f"/history?series={series}&from=-10m")["series"].keys() == once.keys()
    both = server.json("/history?series=cpu.*:max,*:max,cpu_count,all:max&from=-10m")["series"]
    assert len(both) == len(once) + 1


def test_selections_have_a_limit(server):
    series = ",".join(f"c{number}*" for number in range(600))
    assert_problem(server.request(f"/history?series={series}"), 400,
                   "series has 600 selections; the limit is 200")


@pytest.mark.parametrize("series", ["all:avg,all:min,all:max", "*,*:min,*:max", "a*,b*,c*,l*,m*,p*,s*,*:max,*:min"])
def test_an_answer_that_would_be_too_large_is_refused_with_a_remedy(server, series):
    series = ",".join(one for one in series.split(",")
                      if server.request(f"/history?series={one}&from=-10m").status == 200)
    question = f"/history?series={series}&from=-7d"
    with memory_of(server):
        refusal = server.request(f"{question}&step=62")
        assert_problem(refusal, 400, "the limit of an answer is 1500000", "query fewer series, or make step at least ")
        step = re.search(r"step at least (\d+)s", strict_json(refusal.body)["detail"])[1]
        answer = server.json(f"{question}&step={step}")
    assert len(answer["series"]) * len(answer["times"]) <= 1_500_000


def test_an_error_names_only_a_few_series(server):
    refusal = server.request("/history?series=" + "x" * 4000)
    assert_problem(refusal, 400, "no series with this name was recorded; recorded series are ", " more")
    assert len(refusal.body) < 1000


QUESTIONS = [
    LONG, "/history?series=all,all:min,all:max&from=-365d&step=1d", "/history?series=all&from=-365d",
    "/history?series=all&from=-365d&step=1h", "/history?series=all&from=-2h&step=1", "/history?from=-2h&step=1",
    "/history?series=all&from=0&step=604800", "/explain?from=-7d", "/explain?from=-7d&limit=999999999",
    "/process_history?from=-1h&limit=999999999", "/process_history?from=-1h", "/cpu_usage?at=-10m&limit=999999999",
    "/cpu_usage?at=-180d&fields=all", "/get_stats",
]


def test_no_query_exceeds_its_memory(long_history):
    with Server("--no-record", data=long_history) as server:
        for question in QUESTIONS:
            with memory_of(server), Wire(server, timeout=120) as wire:
                wire.send(get(question, "Accept-Encoding: gzip"))
                assert wire.reply().status in (200, 400, 404), question


# Runs a program and prints its largest resident size in KiB, from a small process: the kernel includes the size of the
# process that forks, and that of a test run is large (getrusage(2)).
PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def test_an_export_needs_no_more_memory_for_more_time(long_history):
    def peak(days: int) -> int:
        command = [str(BINARY), "history", "--from", f"-{days}d", "--step", "1d", "--data", str(long_history)]
        return int(subprocess.run([sys.executable, "-c", PEAK, *command], check=True, capture_output=True).stdout) * 1024

    assert export("--from", "-365d", "--step", "1d", data=long_history).stdout.count("\r\n") > 300
    assert SANITIZED or peak(365) < peak(10) + (16 << 20)


def test_too_many_processes_are_refused_before_they_are_read(recorded, tmp_path):
    copy(recorded, tmp_path)
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        database.execute("""
            WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i <= 250000)
            INSERT INTO process SELECT -i, 'b', i, i, 0, 'p', 0, 1, 0, (SELECT max(last) FROM block) FROM number""")
        database.commit()
    with Server("--no-record", data=tmp_path) as server:
        for question in ("/explain?from=-1h", "/process_history?from=-1h"):
            assert_problem(server.request(question), 400, "more than 250000 processes", "query a shorter range")
        assert_problem(server.request("/explain?from=-8d"), 400, "a range may be at most seven days long")


@pytest.fixture(scope="module")
def crowded(recorded, tmp_path_factory):
    """The same folder with 90,000 processes in each block, and a moment in the middle of the last block."""
    data = tmp_path_factory.mktemp("crowded")
    copy(recorded, data)
    count, first = 90_000, 10_000_000
    with closing(sqlite3.connect(data / "history.db")) as database:
        database.executemany(
            "INSERT INTO process VALUES (?, 'b', ?, ?, 1700000000000, ?, 1000, 1, 0, NULL)",
            ((first + i, i + 1, i + 7, f"process-{i % 1000}") for i in range(count)))
        # The count, the numbers as differences, and the states; no process started, exited or used CPU time.
        present = number(count) + number(2 * first) + number(2) * (count - 1) + number(0) * (count + 3)
        database.execute("UPDATE block SET processes = ?", (number(len(present)) + zlib.compress(present),))
        database.commit()
        moment, = database.execute("SELECT (first + last) / 2000.0 FROM block ORDER BY id DESC LIMIT 1").fetchone()
    return data, moment


def test_a_table_of_very_many_processes_has_a_limit(crowded):
    data, moment = crowded
    with Server("--no-record", data=data) as server:
        question = f"/cpu_usage?at={moment}&fields=all"
        for query in (question, f"{question}&sort=user", f"/cpu_usage?at={moment}", f"{question}&limit=5"):
            with memory_of(server), Wire(server, timeout=120) as wire:
                wire.send(get(query, "Accept-Encoding: gzip"))
                assert wire.reply().status == (400 if query.startswith(question) and "limit" not in query else 200), query
        refusal = server.request(question)
        assert_problem(refusal, 400, "query fewer fields, or limit must be at most ")
        limit = re.search(r"limit must be at most (\d+)", strict_json(refusal.body)["detail"])[1]
        with memory_of(server):
            assert len(server.json(f"{question}&limit={limit}")) == int(limit)


def test_a_cheap_query_does_not_wait_for_a_long_one(long_history):
    with Server("--no-record", data=long_history) as server, Wire(server, timeout=120) as long:
        long.send(get(LONG))
        for _ in range(3):
            assert server.request(SMALL).status == 200
        assert not select.select([long.socket], [], [], 0)[0], "the long one was answered first"
        assert long.reply().status == 200


def test_a_client_with_too_many_queries_is_told_when_to_retry(long_history):
    with Server("--no-record", data=long_history) as server:
        wires = [Wire(server, timeout=120) for _ in range(24)]
        try:
            for wire in wires:
                wire.send(get(LONG))
            # One is in progress and sixteen wait; the others are answered at once.
            ready = set()
            while len(ready) < 7:
                ready |= set(select.select([wire.socket for wire in wires if wire.socket not in ready], [], [], 60)[0])
            refused = [reply for reply in (wire.reply() for wire in wires if wire.socket in ready) if reply.status == 503]
            assert len(refused) >= 6
            for reply in refused:
                assert reply.headers["retry-after"] == "5"
                assert b"you already have 16 waiting queries about the past" in reply.body
            assert server.json("/system")["self"]["past_questions"]["refused_total"] >= 7
            assert server.request(SMALL).status == 200
        finally:
            for wire in wires:
                wire.close()


def test_queries_of_disconnected_clients_are_cancelled(long_history):
    with Server("--no-record", data=long_history) as server, Wire(server, timeout=120) as first:
        first.send(get(LONG))
        gone = [Wire(server) for _ in range(12)]
        for wire in gone:
            wire.send(get(LONG))
        questions = lambda: server.json("/system")["self"]["past_questions"]  # noqa: E731
        wait_until(lambda: questions()["waiting"] == 12 or first_is_there(first))
        for wire in gone:
            wire.close()
        wait_until(lambda: questions()["waiting"] == 0, timeout=60)
        assert first.reply().status == 200
        # One or two may have been answered before the server noticed that their clients had left.
        wait_until(lambda: questions()["cancelled_total"] >= 8)


def first_is_there(wire) -> bool:
    return bool(select.select([wire.socket], [], [], 0)[0])
