"""/system: its sums, its agreement with the kernel and with /cpu_usage, and the effect of bad input."""

import os
import signal
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import children
import pytest
from answers import STATUSES, assert_problem, assert_security_headers, next_snapshot, row_of, strict_json
from harness import Server, wait_until
from held_threads import held_sampler
from proc_tree import KERNEL_THREAD_FLAG, TICKS_PER_SECOND, ProcTree, stat_line

PARTS = ["processes_percent", "ended_children_percent", "kernel_threads_percent", "interrupts_percent",
         "steal_percent", "unaccounted_percent"]
MODES = ["user_percent", "nice_percent", "system_percent", "idle_percent", "iowait_percent", "irq_percent",
         "softirq_percent", "steal_percent", "guest_percent"]
MEMBERS = ["sequence", "sampled_at", "interval_seconds", "window_seconds", "last_gap", "boot_id", "hostname",
           "uptime_seconds", "cpu_count", "cpu", "ledger", "coverage_advice", "processes",
           "forks_per_second", "memory", "swap", "load", "disks", "disk_total", "file_systems", "network",
           "network_total", "pressure", "view", "recorder", "fleet", "self"]
# Two decimals each, so a sum may be off by half a digit for each of its terms.
HALF_DIGIT = 0.005


def assert_ledger_adds_up(ledger: dict):
    assert all(ledger[part] >= 0 for part in PARTS), ledger
    assert ledger["excess_percent"] >= 0
    slack = HALF_DIGIT * (len(PARTS) + 1) + 1e-6
    assert sum(ledger[part] for part in PARTS) == pytest.approx(ledger["busy_percent"], abs=slack)
    assert 0 <= ledger["coverage_percent"] <= 100
    if ledger["unaccounted_percent"] == 0 == ledger["busy_percent"]:
        assert ledger["coverage_percent"] == 100


def newer_system(server) -> dict:
    """An answer of a sweep that began after this call; a sweep in progress may end in between."""
    start = server.json("/system")["sequence"]
    return wait_until(lambda: (now := server.json("/system"))["sequence"] >= start + 2 and now)


def same_sweep(server) -> tuple[dict, list[dict]]:
    """/system and all rows of one sweep."""

    def both():
        system, response = server.json("/system"), server.request("/cpu_usage?fields=all")
        same = int(response.headers["X-Sequence"]) == system["sequence"]
        return (system, strict_json(response.body)) if same else None

    return wait_until(both)


# The real machine.


def test_members_and_their_types(quick):
    newer_system(quick)
    response = quick.request("/system")
    assert response.headers["Content-Type"] == "application/json"
    assert_security_headers(response)
    system = strict_json(response.body)
    assert list(system) == MEMBERS
    assert isinstance(system["sequence"], int)
    sampled_at = datetime.fromisoformat(system["sampled_at"])
    assert sampled_at.tzinfo and response.headers["X-Sampled-At"] == system["sampled_at"]
    assert 0 < system["interval_seconds"] <= system["window_seconds"] <= 62
    assert int(response.headers["X-Sequence"]) == system["sequence"]
    for pair in ("cpu", "ledger", "forks_per_second"):
        assert list(system[pair]) == ["now", "window"]
    assert system["forks_per_second"]["window"] >= 0
    assert system["view"]["proc_root"] == "/proc"
    assert system["self"]["sweep_seconds"] > 0
    assert system["self"]["sample_lag_seconds"] >= 0


def test_the_parts_add_up_to_busy_and_the_modes_to_100(quick):
    newer_system(quick)
    with children.burner(), children.system_burner():
        for _ in range(10):
            system = newer_system(quick)
            for span in ("now", "window"):
                assert_ledger_adds_up(system["ledger"][span])
                modes = system["cpu"][span]
                assert sum(modes[mode] for mode in MODES) == pytest.approx(
                    100, abs=HALF_DIGIT * len(MODES) + 1e-6)
                busy = sum(modes[mode] for mode in MODES if mode not in ("idle_percent", "iowait_percent"))
                assert modes["busy_percent"] == pytest.approx(busy, abs=HALF_DIGIT * len(MODES) + 1e-6)
        assert system["ledger"]["window"]["processes_percent"] > 10


def test_busy_is_what_was_not_idle(quick):
    """The busy time of the server's window equals the non-idle time of the kernel's counters for the same time."""

    def not_idle():
        words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
        idle = (int(words[4]) + int(words[5])) / TICKS_PER_SECOND
        return time.monotonic() * os.cpu_count() - idle

    with Server("--interval", "0.2", "--window", "3600") as server:
        first = newer_system(server)
        with children.burner():
            before = not_idle()
            begin = wait_until(lambda: (now := server.json("/system"))["sequence"] > first["sequence"] and now)
            wait_until(lambda: server.json("/system")["sequence"] > begin["sequence"] + 10)
            after = not_idle()
            end = wait_until(lambda: newer_system(server))
    if end["view"]["cpu_time"]["method"] != "elapsed-minus-idle":
        pytest.skip(f"idle time is not exact here: {end['view']['cpu_time']['reason']}")
    assert end["view"]["cpu_time"]["reason"] is None
    assert end["view"]["cpu_time"]["unknown_seconds"] == end["view"]["cpu_time"]["sampled_seconds"] == 0

    def busy(system):
        return system["ledger"]["window"]["busy_percent"] / 100 * system["view"]["cpu_time"]["measured_seconds"]
    # The server's window is longer than the time between our two readings, by less than a second at either end.
    assert busy(end) >= after - before - 0.1
    assert busy(end) <= after - before + busy(begin) + 4 * os.cpu_count()


def test_it_describes_the_kernels_machine(quick):
    system = quick.json("/system")
    assert system["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert system["hostname"] == os.uname().nodename
    assert system["cpu_count"] == os.cpu_count()
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    uptime = newer_system(quick)["uptime_seconds"]
    assert before - 0.01 <= uptime <= time.clock_gettime(time.CLOCK_BOOTTIME) + 0.01


def test_processes_are_those_of_the_table(quick):
    with children.zombie(), children.sleeper() as stopped:
        stopped.send_signal(signal.SIGSTOP)
        wait_until(lambda: (row := row_of(quick, stopped.pid)) and row["status"] == "stopped")
        system, rows = same_sweep(quick)
        stopped.send_signal(signal.SIGCONT)
    counts = dict(system["processes"])
    assert counts.pop("total") == len(rows) == sum(counts.values())
    assert set(counts) == STATUSES
    for status, count in counts.items():
        assert count == sum(row["status"] == status for row in rows), status
    assert counts["zombie"] >= 1 and counts["stopped"] >= 1


def test_self_is_our_server(quick):
    newer_system(quick)
    system, rows = same_sweep(quick)
    own = system["self"]
    assert own["pid"] == quick.process.pid
    row = next(row for row in rows if row["pid"] == own["pid"])
    assert own["rss_bytes"] == row["rss_bytes"] > 0
    for span, suffix in (("now", "now"), ("window", "avg")):
        total = row[f"user_{suffix}"] + row[f"sys_{suffix}"]
        assert own["cpu_percent"][span] == pytest.approx(total, abs=3 * HALF_DIGIT)


def test_before_the_second_sample_the_spans_are_null(frozen):
    system = frozen.json("/system")
    assert system["sequence"] == 1
    assert system["interval_seconds"] is system["window_seconds"] is system["last_gap"] is None
    for pair in ("cpu", "ledger", "forks_per_second"):
        assert system[pair] == {"now": None, "window": None}
    assert system["coverage_advice"] == []


# Children that exit between two sweeps.

# Each child uses some CPU time and exits; the parent prints what they used together.
SHORT_CHILDREN = """
import resource, time
{prologue}
print('ready', flush=True)
for _ in range(60):
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.03: pass
        os._exit(0)
    {wait}
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, flush=True)
sys.stdin.read()
"""


@contextmanager
def parent_of_short_children(prologue: str, wait: str):
    """Returns the parent, once its children have exited, and the CPU seconds that the kernel counted for it."""
    with children.child(SHORT_CHILDREN.format(prologue=prologue, wait=wait)) as parent:
        yield parent, lambda: float(parent.stdout.readline())


def children_seconds(row: dict) -> float:
    return (row["children_user_avg"] + row["children_sys_avg"]) / 100 * row["window_seconds"]


def test_a_parent_has_the_cpu_time_of_its_short_lived_children(quick):
    with parent_of_short_children("", "os.waitpid(child, 0)") as (parent, used):
        expected = used()
        assert expected > 60 * 0.03 * 0.9
        _, rows = next_snapshot(quick)
    row = rows[parent.pid]
    # Rounding: a tick for each of the two columns, and two decimals of a percentage of the row's window.
    slack = 2 / TICKS_PER_SECOND + 0.0002 * row["window_seconds"] + 0.01 * expected
    assert children_seconds(row) == pytest.approx(expected, abs=slack)


def test_waited_children_are_covered():
    """The ledger's ended children hold at least their time; other work on this machine may only add to it."""
    with Server("--interval", "0.1") as server:
        newer_system(server)
        with parent_of_short_children("", "os.waitpid(child, 0)") as (_, used):
            expected = used()
            system = newer_system(server)
    seconds, ledger = system["window_seconds"], system["ledger"]["window"]
    assert_ledger_adds_up(ledger)
    # Children that lived through a sweep were live processes for a part of their time.
    counted = sum(ledger[f"{part}_percent"] for part in ("ended_children", "processes", "excess"))
    counted *= seconds / 100
    assert counted >= expected * 0.95
    assert ledger["ended_children_percent"] > 0


def test_children_that_no_parent_waits_for_are_unaccounted():
    """The kernel adds their time to no parent, and so the server cannot either, but the machine was busy."""
    with Server("--interval", "0.5") as server:
        newer_system(server)
        # With SIGCHLD ignored, waitpid returns when the child has exited, without a status.
        prologue = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)"
        wait = "try: os.waitpid(child, 0)\n    except ChildProcessError: pass"
        with parent_of_short_children(prologue, wait) as (parent, used):
            assert used() == 0, "the kernel counts nothing for this parent"
            row = wait_until(lambda: row_of(server, parent.pid))
            system = newer_system(server)
    # A child that a sweep saw with no more than two ticks may look like one that a parent waited for.
    # Each sweep sees at most one.
    most = 2 * system["sequence"] / TICKS_PER_SECOND + 0.0002 * row["window_seconds"]
    assert children_seconds(row) <= most
    ledger = system["ledger"]["window"]
    assert_ledger_adds_up(ledger)
    # Each sweep saw at most one child while it lived; half of the rest is allowed for the noise of the ticks.
    unseen = 60 * 0.03 - 0.03 * system["sequence"]
    assert ledger["unaccounted_percent"] / 100 * system["window_seconds"] > unseen / 2
    assert ledger["coverage_percent"] < 100


# Bad input.


CPU0, CPU1 = "cpu0 50 0 50 50000 0 0 0 0 0 0\n", "cpu1 50 0 50 50000 0 0 0 0 0 0\n"


def stat(cpu: str, cpus: str = CPU0 + CPU1, processes: int = 1) -> str:
    return f"cpu  {cpu}\n{cpus}btime 1700000000\nprocesses {processes}\n"


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    tree.put(8, user=100)
    return tree


@contextmanager
def serving(tree: ProcTree, expected_log: str | None = None, interval: str = "0.5"):
    """Two sweeps are done, so every value exists.

    The two CPUs of the tree have 100 ticks in an interval, and its counters may not grow by more.
    """
    with Server("--proc", str(tree.root), "--interval", interval, expected_log=expected_log) as server:
        newer_system(server)
        yield server


def ticks(share: float, system: dict) -> float:
    """What a percentage of one CPU over the measured part of the window amounts to."""
    return share / 100 * system["view"]["cpu_time"]["measured_seconds"] * TICKS_PER_SECOND


def when(server, condition) -> dict:
    """The first answer that satisfies a condition."""
    return wait_until(lambda: condition(now := server.json("/system")) and now, interval=0.02)


def test_known_ticks_give_the_known_ledger(tree):
    tree.put(2, name=b"kthreadd", ppid=0, flags=KERNEL_THREAD_FLAG)
    with serving(tree) as server:
        # A sweep may fall between two of these, so each is written with or after what explains it.
        tree.write("stat", stat("120 0 110 100000 0 2 4 6 0 0", processes=8))
        tree.put(8, user=110, system=2)
        tree.put(2, name=b"kthreadd", ppid=0, flags=KERNEL_THREAD_FLAG, system=3)

        def whole(now):
            ledger = now["ledger"]["window"]
            return ledger["kernel_threads_percent"] > 0 and ledger["processes_percent"] > 0
        system = when(server, whole)
    ledger = system["ledger"]["window"]
    assert_ledger_adds_up(ledger)
    expected = {"busy": 42, "processes": 12, "kernel_threads": 3, "interrupts": 6, "steal": 6,
                "ended_children": 0, "unaccounted": 15, "excess": 0}
    for part, count in expected.items():
        assert ticks(ledger[f"{part}_percent"], system) == pytest.approx(count, abs=0.5), part
    assert ledger["coverage_percent"] == pytest.approx(27 / 42 * 100, abs=0.01)
    assert system["forks_per_second"]["window"] * system["window_seconds"] == pytest.approx(7, abs=0.1)


def test_guests_are_counted_once(tree):
    """The kernel counts them in user and nice too."""
    with serving(tree) as server:
        tree.write("stat", stat("120 10 100 100010 0 0 0 0 12 4"))
        system = when(server, lambda now: now["ledger"]["window"]["busy_percent"] > 0)
    modes = system["cpu"]["window"]
    assert modes["guest_percent"] == pytest.approx(40, abs=0.01)
    assert modes["user_percent"] == pytest.approx(20, abs=0.01)
    assert modes["nice_percent"] == pytest.approx(15, abs=0.01)
    assert modes["busy_percent"] == pytest.approx(75, abs=0.01)
    assert ticks(system["ledger"]["window"]["busy_percent"], system) == pytest.approx(30, abs=0.5)


def test_an_excess_over_busy_is_reduced_and_reported(tree):
    with serving(tree) as server:
        tree.write("stat", stat("140 0 100 100000 0 0 0 0 0 0"))
        tree.put(8, user=150)
        system = when(server, lambda now: now["ledger"]["window"]["busy_percent"] > 0
                      and now["ledger"]["window"]["processes_percent"] > 0)
    ledger = system["ledger"]["window"]
    assert_ledger_adds_up(ledger)
    assert ticks(ledger["busy_percent"], system) == pytest.approx(40, abs=0.5)
    assert ticks(ledger["processes_percent"], system) == pytest.approx(40, abs=0.5)
    assert ticks(ledger["excess_percent"], system) == pytest.approx(10, abs=0.5)
    assert ledger["coverage_percent"] == 100


def test_exited_children_count_once(tree):
    """Of the 50 ticks that the parent's count grew by, 20 had been counted as the child's own."""
    tree.put(20, name=b"make", ppid=1)
    with serving(tree) as server:
        tree.write("21/stat", stat_line(21, b"cc", ppid=20, user=20,
                                        start=int(time.clock_gettime(time.CLOCK_BOOTTIME)
                                                  * TICKS_PER_SECOND)))
        wait_until(lambda: (row := row_of(server, 21)) and row["user_avg"])
        tree.write("stat", stat("150 0 100 100000 0 0 0 0 0 0"))
        fields = stat_line(20, b"make", ppid=1).split(b" ")
        # The 16th is cutime.
        fields[15] = b"50"
        tree.remove(21)
        tree.write("20/stat", b" ".join(fields))
        row = wait_until(lambda: row_of(server, 20)["children_user_avg"] and row_of(server, 20))
        system = newer_system(server)
    assert children_seconds(row) * TICKS_PER_SECOND == pytest.approx(
        50, abs=0.01 * TICKS_PER_SECOND + 1)
    assert_ledger_adds_up(system["ledger"]["window"])


@pytest.mark.parametrize("content", [
    None, "", "intr 0\n", "cpu  1 2 3\ncpu0 1 2 3\nbtime 1700000000\n", "cpu  100 0 100\n", "cpu\n",
    "cpu  a b c d\ncpu0 0 0 0 0\nbtime 1\n", stat("100 0 100 99999999999999999999999 0 0 0 0 0 0"),
], ids=["missing", "empty", "no cpu line", "three counters", "cut off", "bare", "words", "too large"])
def test_without_the_cpu_counters_the_table_continues(tree, content):
    """The server may or may not log this."""
    with serving(tree, expected_log=r"stat") as server:
        if content is None:
            (tree.root / "stat").unlink()
        else:
            tree.write("stat", content)
        system = when(server, lambda now: now["ledger"]["now"] is None)
        assert system["cpu"]["now"] is None and system["forks_per_second"]["now"] is None
        tree.put(8, user=150)
        wait_until(lambda: row_of(server, 8)["user_avg"] > 0)
        assert server.request("/readyz").status == 200
        tree.write("stat", stat("100 0 100 100000 0 0 0 0 0 0"))
        system = when(server, lambda now: now["ledger"]["now"] is not None)
        assert_ledger_adds_up(system["ledger"]["now"])
        assert_ledger_adds_up(system["ledger"]["window"])


def test_a_short_cpu_line_is_read_to_its_end(tree):
    """Kernels before 2.6 have four counters."""
    tree.write("stat", stat("100 0 100 100000"))
    with serving(tree) as server:
        tree.write("stat", stat("104 2 102 100012"))
        system = when(server, lambda now: now["ledger"]["window"]["busy_percent"] > 0)
    modes = system["cpu"]["window"]
    assert modes["busy_percent"] == pytest.approx(40, abs=0.01)
    assert modes["user_percent"] == pytest.approx(20, abs=0.01)
    assert modes["steal_percent"] == modes["softirq_percent"] == 0
    assert_ledger_adds_up(system["ledger"]["window"])


def test_an_interval_in_which_counters_go_back_is_not_known(tree):
    with serving(tree) as server:
        tree.write("stat", stat("10 0 40 50 0 0 0 0 0 0"))
        system = when(server, lambda now: now["cpu"]["now"] is None)
        assert system["ledger"]["now"] is system["forks_per_second"]["now"] is None
        assert "went back" in system["view"]["cpu_time"]["reason"]
        assert system["view"]["cpu_time"]["method"] is None
        assert system["ledger"]["window"]["busy_percent"] == 0
        assert_ledger_adds_up(system["ledger"]["window"])
        tree.write("stat", stat("14 0 40 66 0 0 0 0 0 0"))
        system = when(server, lambda now: now["ledger"]["window"]["busy_percent"] > 0)
    assert ticks(system["ledger"]["window"]["busy_percent"], system) == pytest.approx(4, abs=0.1)
    assert system["cpu"]["window"]["user_percent"] == pytest.approx(20, abs=0.01)
    counting = system["view"]["cpu_time"]
    assert counting["unknown_seconds"] > 0
    assert counting["measured_seconds"] + counting["unknown_seconds"] == pytest.approx(
        system["window_seconds"], abs=0.01)


def test_cpus_that_go_offline_and_return(tree):
    """The sums fall by what the CPU had counted when it goes offline, and rise by it when it returns."""
    with serving(tree) as server:
        tree.write("stat", stat("50 0 50 50000 0 0 0 0 0 0", cpus=CPU0))
        system = when(server, lambda now: now["cpu_count"] == 1 and now["cpu"]["now"] is None)
        assert_ledger_adds_up(system["ledger"]["window"])
        tree.write("stat", stat("100 0 100 100000 0 0 0 0 0 0"))
        system = when(server, lambda now: now["cpu_count"] == 2 and now["cpu"]["now"] is None)
        assert_ledger_adds_up(system["ledger"]["window"])
        for mode in MODES:
            assert 0 <= system["cpu"]["window"][mode] <= 100


# A gap in the samples.


def test_no_gap_while_sampling_continues():
    with Server("--interval", "0.5") as server:
        assert newer_system(server)["last_gap"] is None


def test_a_stalled_sampler_is_a_gap():
    with Server("--interval", "0.2") as server:
        newer_system(server)
        with held_sampler(server.process.pid):
            held = server.json("/system")
            # HTTP continues with the last sample.
            wait_until(lambda: server.request("/readyz").status == 503)
            assert server.json("/system")["sequence"] == held["sequence"]
        system = when(server, lambda now: now["sequence"] > held["sequence"])
        gap = system["last_gap"]
        # It is a gap from three intervals on, to two decimals, and it ends at the sample that came after it.
        assert gap["seconds"] >= 0.6
        assert gap["ended_at"] == system["sampled_at"] or system["sequence"] > held["sequence"] + 1
        assert system["uptime_seconds"] - held["uptime_seconds"] >= gap["seconds"] - 0.02
        assert 0 <= gap["suspended_seconds"] < gap["seconds"]
        assert_ledger_adds_up(newer_system(server)["ledger"]["now"])


# HTTP.


def test_known_etag_costs_a_304(frozen):
    etag = frozen.request("/system").headers["ETag"]
    response = frozen.request("/system", headers={"If-None-Match": etag})
    assert response.status == 304
    assert response.body == b""
    assert response.headers["ETag"] == etag
    assert frozen.request("/system", headers={"If-None-Match": '"other"'}).status == 200


def test_a_new_sweep_has_a_new_etag(quick):
    response = quick.request("/system")
    etag, sequence = response.headers["ETag"], int(response.headers["X-Sequence"])
    wait_until(lambda: quick.json("/system")["sequence"] > sequence)
    response = quick.request("/system", headers={"If-None-Match": etag})
    assert response.status == 200
    assert response.headers["ETag"] != etag


def test_head_has_the_headers_of_get_and_no_body(frozen):
    got, head = frozen.request("/system"), frozen.request("/system", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    for name, value in got.headers.items():
        if name.lower() != "date":
            assert head.headers[name] == value


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(frozen, method):
    response = frozen.request("/system", method=method)
    assert_problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_it_has_no_parameters(frozen):
    assert_problem(frozen.request("/system?scale=host"), 400, "scale")
