"""/cpu_usage?at=: the table of a moment in the past is the one that was live then."""

import os
import time
from contextlib import ExitStack
from urllib.parse import quote

import children
import pytest
from answers import ALL_COLUMNS, COLUMNS, assert_problem, assert_security_headers, content, strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed, seconds, when_recorder

# The record has hundredths of a second over times of this precision, so a share may differ by as much.
GRAIN = 0.0001
SAME = ["pid", "name", "status", "ppid", "uid", "user", "start_time", "kernel"]
SHARES = ["user_avg", "sys_avg"]
SHARES_NOW = ["user_now", "sys_now", "children_user_now", "children_sys_now"]
# The parent that waited is not recorded: the nearest existing ancestor has its children's time.
CHILDREN = ["children_user_avg", "children_sys_avg"]
UNKNOWN = ["threads", "rss_bytes"]
# Like a kernel worker, it alternates between a few names; the first is its own.
RENAMES_ITSELF = """
import time
print('ready', flush=True)
for turn in range(1000):
    end = time.monotonic() + {after}
    while time.monotonic() < end: pass
    open('/proc/self/comm', 'wb', buffering=0).write(b'name %d' % (turn % 3))
"""


class Live:
    """The live tables, sample by sample: headers and rows, by the time of the sample."""

    def __init__(self):
        self.tables: dict[str, tuple[dict, list]] = {}

    def watch(self, server, until):
        """Reads each new table until a condition holds."""
        while not until():
            response = server.request("/cpu_usage?fields=all")
            self.tables[response.headers["X-Sampled-At"]] = (
                dict(response.headers), strict_json(response.body))
            time.sleep(0.02)

    def for_seconds(self, server, length: float):
        end = time.monotonic() + length
        self.watch(server, lambda: time.monotonic() > end)


def turmoil(live: Live, server, length: float):
    """Processes that work, start, exit, are renamed and lose their parent while the tables are read."""
    part = length / 5
    with ExitStack() as stack:
        stack.enter_context(children.burner())
        stack.enter_context(children.child(RENAMES_ITSELF.format(after=0.7 * part)))
        live.for_seconds(server, part)
        with children.system_burner(), children.child(RENAMES_ITSELF.format(after=part / 2)):
            live.for_seconds(server, part)
            stack.enter_context(children.sleeper())
            with children.zombie():
                live.for_seconds(server, part)
        stack.enter_context(children.child(
            "import time\nif os.fork() == 0:\n  time.sleep(0.3)\n  if os.fork(): os._exit(0)\n"
            f"  time.sleep({length})\n  os._exit(0)\nprint('ready', flush=True)\nos.wait()\nsys.stdin.read()\n"))
        live.for_seconds(server, 2 * part)


def assert_same_table(server, moment: str, headers: dict, rows: list):
    """The rows are equal except for what is not recorded and for the precision of the recorded times."""
    response = server.request(f"/cpu_usage?at={moment}&fields=all")
    assert response.status == 200, (moment, response.body[:300])
    assert response.headers["X-Sampled-At"] == moment
    for name in ("X-Cpu-Count", "X-Hostname"):
        assert response.headers[name] == headers[name]
    # The very first sample has nothing to measure from.
    assert ("X-Resolution-Seconds" in response.headers) == ("X-Window-Seconds" in headers)
    resolution = float(response.headers.get("X-Resolution-Seconds", 1))
    if "X-Window-Seconds" in headers:
        assert float(response.headers["X-Window-Seconds"]) == pytest.approx(
            float(headers["X-Window-Seconds"]), abs=0.0101)
        covered = seconds(response.headers["X-Window-End"]) - seconds(response.headers["X-Window-Start"])
        assert covered == pytest.approx(float(headers["X-Window-Seconds"]), abs=0.02)
        assert response.headers["X-Window-End"] == moment
    past = {row["pid"]: row for row in strict_json(response.body)}
    assert set(past) == {row["pid"] for row in rows}, moment
    for row in rows:
        other = past[row["pid"]]
        where = (moment, row, other)
        assert list(other) == list(row) == ALL_COLUMNS
        assert {name: row[name] for name in SAME} == {name: other[name] for name in SAME}, where
        assert {other[name] for name in UNKNOWN} == {None}, where
        assert_close(row["window_seconds"], other["window_seconds"], 0, where)
        for name in SHARES:
            assert_close(row[name], other[name], GRAIN / (row["window_seconds"] or 1), where)
        for name in SHARES_NOW:
            assert_close(row[name], other[name], GRAIN / resolution, where)
    for name in CHILDREN:
        assert sum(row[name] or 0 for row in ours(list(past.values()))) == pytest.approx(
            sum(row[name] or 0 for row in ours(rows)), rel=0.02, abs=0.5), (moment, name)


def ours(rows: list) -> list:
    """This process, its descendants, and pid 1, which adopts orphans.

    In other tests, children exit for which no process waits; only the past table assigns their time.
    """
    known = {1, os.getpid()}
    # Pids may have wrapped around, so a child may come before its parent.
    while more := {row["pid"] for row in rows if row["ppid"] in known and row["ppid"] != 1} - known:
        known |= more
    return [row for row in rows if row["pid"] in known]


def assert_close(live, past, relative: float, where):
    """To the last of the two decimals, or to the recorded precision."""
    if live is None or past is None:
        assert live is past, where
    else:
        assert abs(live - past) <= 0.0101 + relative * live, where


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A server after some turmoil, of which about the first half is in the file and the rest in memory."""
    data = tmp_path_factory.mktemp("past")
    with Server("--interval", "0.25", "--window", "3", "--flush-interval", "6", data=data) as running:
        running.live = Live()
        turmoil(running.live, running, 9)
        # The last sample that was seen may still be on its way to the recorder.
        last = max(running.live.tables)
        wait_until(lambda: running.request(f"/cpu_usage?at={last}").headers["X-Sampled-At"] == last)
        # Later batches would move the tested samples from memory to the file.
        running.request("/stop")
        yield running


def test_every_table_is_the_one_that_was_live(recorded):
    """From the file, from memory, and from both."""
    assert len(recorded.live.tables) > 20
    for moment, (headers, rows) in recorded.live.tables.items():
        assert_same_table(recorded, moment, headers, rows)


@pytest.mark.parametrize("flush", ["3600", "0.05"], ids=["in memory only", "all in the file"])
def test_tables_stay_the_same_when_they_are_written_and_after_a_restart(tmp_path, flush):
    live = Live()
    arguments = ["--interval", "0.25", "--window", "3", "--flush-interval", flush]
    with Server(*arguments, data=tmp_path) as server:
        turmoil(live, server, 4)
        last = max(live.tables)
        wait_until(lambda: server.request(f"/cpu_usage?at={last}").headers["X-Sampled-At"] == last)
        for moment, (headers, rows) in live.tables.items():
            assert_same_table(server, moment, headers, rows)
    with Server(*arguments, data=tmp_path) as again:
        ever_flushed(again)
        for moment, (headers, rows) in live.tables.items():
            assert_same_table(again, moment, headers, rows)


def middle(server) -> str:
    """The time of a sample in the middle of the record."""
    moments = sorted(server.live.tables)
    return moments[len(moments) // 2]


def past(server, query: str = "", **options):
    response = server.request(f"/cpu_usage?at={middle(server)}{'&' if query else ''}{query}", **options)
    assert response.status == 200, response.body
    return response


def test_headers_say_which_sample_it_is(recorded):
    response = past(recorded)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Sampled-At"] == middle(recorded)
    # A busy machine sometimes takes a sample late.
    assert 0.05 < float(response.headers["X-Resolution-Seconds"]) < 3
    assert 1.5 < float(response.headers["X-Window-Seconds"]) < 6
    assert response.headers["X-Sequence"] is None
    assert_security_headers(response)


def test_between_two_samples_the_earlier_one_applies(recorded):
    moment = middle(recorded)
    later = f"{seconds(moment) + 0.1:.3f}"
    assert recorded.request(f"/cpu_usage?at={later}").headers["X-Sampled-At"] == moment


def test_fields_are_those_of_the_live_table(recorded):
    rows = strict_json(past(recorded).body)
    assert all(list(row) == COLUMNS for row in rows)
    rows = strict_json(past(recorded, "fields=user_now,pid").body)
    assert all(list(row) == ["user_now", "pid"] for row in rows)


@pytest.mark.parametrize(("sort", "order"), [("pid", "asc"), ("pid", "desc"), ("name", "asc"),
                                             ("user_avg", "desc"), ("start_time", "desc")])
def test_it_is_sorted(recorded, sort, order):
    values = [row[sort] for row in strict_json(
        past(recorded, f"fields=pid,{sort}&sort={sort}&order={order}".replace("pid,pid", "pid")).body)]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=order == "desc")
    assert len(known) > 2


def test_it_is_limited_and_filtered(recorded):
    everyone = strict_json(past(recorded).body)
    assert strict_json(past(recorded, "limit=2").body) == everyone[:2]
    name = everyone[0]["name"]
    assert all(name in row["name"] for row in strict_json(past(recorded, f"name={quote(name)}").body))
    assert all(row["status"] == "sleeping" for row in strict_json(past(recorded, "status=sleeping").body))
    busy = strict_json(past(recorded, "min_cpu=10").body)
    assert busy and all(row["user_avg"] + row["sys_avg"] >= 9.99 for row in busy)


def test_the_scale_may_be_the_host(recorded):
    response = past(recorded)
    cpus = int(response.headers["X-Cpu-Count"])
    core = {row["pid"]: row for row in strict_json(response.body)}
    for row in strict_json(past(recorded, "scale=host").body):
        assert row["user_avg"] == pytest.approx(core[row["pid"]]["user_avg"] / cpus, abs=0.0101)


def test_it_is_compressed_for_clients_that_accept_it(recorded):
    plain = past(recorded, "fields=all", headers={"Accept-Encoding": ""})
    packed = past(recorded, "fields=all", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert content(packed) == plain.body
    assert len(packed.body) < len(plain.body) / 2


def test_head_has_no_body_and_other_methods_are_refused(recorded):
    head = past(recorded, method="HEAD")
    assert head.body == b""
    assert head.headers["X-Sampled-At"] == middle(recorded)
    assert_problem(recorded.request("/cpu_usage?at=now", method="POST"), 405)


def test_the_time_may_be_relative(server):
    ever_flushed(server)
    wait_until(lambda: server.request("/cpu_usage?at=-2s").status == 200)
    before = time.time()
    sampled = seconds(server.request("/cpu_usage?at=-2s").headers["X-Sampled-At"])
    assert before - 3.6 < sampled <= time.time() - 1.9
    assert seconds(server.request("/cpu_usage?at=now").headers["X-Sampled-At"]) > sampled


def test_before_the_first_sample_the_error_names_the_range(recorded):
    first, last = min(recorded.live.tables), max(recorded.live.tables)
    response = recorded.request(f"/cpu_usage?at={seconds(first) - 60}")
    assert_problem(response, 404, "there is no sample of ", "the history goes from ")
    told = strict_json(response.body)["detail"].partition("the history goes from ")[2].split(" to ")
    assert abs(seconds(told[0]) - seconds(first)) < 1
    assert seconds(told[1]) >= seconds(last)
    assert_problem(recorded.request(f"/cpu_usage?at={time.time() + 3600}"), 404, told[0], told[1])


@pytest.mark.parametrize(("query", "mention"), [
    ("at=", "at=: at accepts RFC 3339"), ("at=noon", "at=noon: at accepts"), ("at=-5y", "at=-5y: at accepts"),
    ("at=now&at=-1m", "at is given more than once"), ("at=now&limit=0", "limit accepts"),
    ("at=now&nonsense=1", 'unknown parameter "nonsense"'), ("nonsense=1", "scale and at"),
])
def test_bad_input_gets_a_clear_message(recorded, query, mention):
    assert_problem(recorded.request(f"/cpu_usage?{query}"), 400, mention)


@pytest.mark.parametrize("moment", ["0", "-999999999999", "999999999999", "-11574074d",
                                    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_distant_times_are_accepted(recorded, moment):
    assert_problem(recorded.request(f"/cpu_usage?at={moment}"), 404, "the history goes from")


def test_an_exited_process_is_listed_for_as_long_as_it_lived():
    with Server(*QUICK) as server:
        with children.burner() as child:
            def seen():
                response = server.request("/cpu_usage?fields=pid,user_now")
                rows = {row["pid"]: row for row in strict_json(response.body)}
                return child.pid in rows and rows[child.pid]["user_now"] and response.headers["X-Sampled-At"]
            alive = wait_until(seen)
        gone = wait_until(lambda: child.pid not in {row["pid"] for row in server.json()}
                          and server.request("/cpu_usage").headers["X-Sampled-At"])
        when_recorder(server, lambda now: now["flushed_through"]
                      and seconds(now["flushed_through"]) >= seconds(gone))
        then = {row["pid"]: row for row in server.json(f"/cpu_usage?at={alive}&fields=all")}
        assert then[child.pid]["name"].startswith("python")
        assert then[child.pid]["user_now"] > 0
        assert child.pid not in {row["pid"] for row in server.json(f"/cpu_usage?at={gone}")}
