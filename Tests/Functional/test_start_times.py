"""start_time: correct to a tick regardless of what /proc says about the boot, and the same in every sample."""

import time
from datetime import datetime

import children
import pytest
from answers import strict_json
from harness import Server, wait_until
from mounted import with_boottime_ahead, with_mounts
from proc_tree import BOOT_TIME, TICKS_PER_SECOND, ProcTree

TICK = 1 / TICKS_PER_SECOND
MILLISECOND = 0.001


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def row_of(server, pid: int):
    rows = strict_json(server.request("/cpu_usage?fields=pid,start_time,user_avg").body)
    return next((row for row in rows if row["pid"] == pid), None)


def assert_right(server, counts_forks: bool = True):
    """A process that starts now has a start time of now."""
    before = time.time()
    with children.sleeper() as child:
        after = time.time()
        row = wait_until(lambda: row_of(server, child.pid))
        assert before - TICK - MILLISECOND <= seconds(row["start_time"]) <= after + MILLISECOND
        # It is new and has used nothing before, which the server knows if it counts births.
        assert row["user_avg"] is not None or not counts_forks
        seen = server.json("/system")["sequence"]
        starts = set()
        while server.json("/system")["sequence"] < seen + 5:
            starts.add(row_of(server, child.pid)["start_time"])
        assert starts == {row["start_time"]}


def test_a_start_time_is_right_to_a_tick_and_does_not_change(quick):
    assert_right(quick)


def test_the_past_and_the_present_agree(quick):
    with children.sleeper() as child:
        row = wait_until(lambda: row_of(quick, child.pid))

        def recorded():
            answer = quick.request("/cpu_usage?at=-0s&fields=pid,start_time")
            rows = strict_json(answer.body) if answer.status == 200 else []
            return next((one for one in rows if one["pid"] == child.pid), None)
        assert wait_until(recorded)["start_time"] == row["start_time"]


@pytest.mark.parametrize("ahead", [100_000, 5])
def test_in_a_time_namespace(ahead):
    with Server("--interval", "0.1", wrapper=with_boottime_ahead(ahead)) as server:
        assert server.json("/system")["uptime_seconds"] > time.clock_gettime(time.CLOCK_BOOTTIME) + ahead - 1
        assert_right(server)


def test_in_a_container_with_its_own_boot(tmp_path):
    """LXCFS mounts files over those of the kernel: up for seven seconds, booted an hour ago, no btime at all."""
    lines = [line for line in open("/proc/stat") if not line.startswith("btime")]
    for name, text in {"uptime": "7.00 3.00\n", "bare": "".join(lines),
                       "stat": "".join(lines) + f"btime {int(time.time()) - 3600}\n"}.items():
        (tmp_path / name).write_text(text)
    for stat in ("stat", "bare"):
        wrapper = with_mounts(f"mount --bind {tmp_path}/uptime /proc/uptime; mount --bind {tmp_path}/{stat} /proc/stat")
        with Server("--interval", "0.1", wrapper=wrapper) as server:
            assert_right(server, counts_forks=False)


# A synthetic tree.


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0, start=250)
    return tree


def serve(tree: ProcTree, interval: str = "0.1") -> Server:
    return Server("--proc", str(tree.root), "--interval", interval)


def starts_of(server, pid: int, sweeps: int = 5) -> set[float]:
    """The start times in several sweeps."""
    first, starts = server.json("/system")["sequence"], set()
    while server.json("/system")["sequence"] < first + sweeps:
        starts.add(seconds(row_of(server, pid)["start_time"]))
    return starts


def without(tree: ProcTree, name: str):
    """Omits one line of stat."""
    text = (tree.root / "stat").read_text()
    tree.write("stat", "".join(line + "\n" for line in text.splitlines() if not line.startswith(name)))


def test_a_recorded_tree_has_the_start_times_of_its_boot(tree):
    with serve(tree) as server:
        assert starts_of(server, 1) == {BOOT_TIME + 2.5}


def test_a_recorded_tree_without_a_boot_time_keeps_its_first_age(tree):
    without(tree, "btime")
    before = time.time()
    with serve(tree) as server:
        (start,) = starts_of(server, 1)
        assert before - 1000 + 2.5 - MILLISECOND <= start <= time.time() - 1000 + 2.5


def test_the_tree_of_another_running_machine(tree):
    """It has been up an hour less than this machine, and its wall clock agrees."""
    up = time.clock_gettime(time.CLOCK_BOOTTIME) % 3600 + 50
    boot = time.time() - up
    text = (tree.root / "stat").read_text()
    tree.write("stat", text.replace(str(BOOT_TIME), str(int(boot))))
    tree.write("uptime", f"{up:.2f} 1.00\n")
    with serve(tree) as server:
        for _ in range(5):
            tree.write("uptime", f"{time.time() - boot:.2f} 1.00\n")
            assert seconds(row_of(server, 1)["start_time"]) == pytest.approx(boot + 2.5, abs=0.5)


def test_nothing_starts_in_the_future(tree):
    tree.write("stat", (tree.root / "stat").read_text().replace(str(BOOT_TIME), str(int(time.time()))))
    tree.write("uptime", "0.00 0.00\n")
    tree.put(7, start=10**12)
    with serve(tree) as server:
        assert wait_until(lambda: row_of(server, 7))
        start = seconds(row_of(server, 7)["start_time"])
        assert start <= time.time() + MILLISECOND


@pytest.mark.parametrize("name", ["intr", "ctxt", "btime", "processes", "procs_running", "procs_blocked"])
def test_a_missing_line_of_stat_affects_only_its_own_value(tree, name):
    without(tree, name)
    with serve(tree) as server:
        system = wait_until(lambda: (now := server.json("/system"))["sequence"] > 2 and now)
    assert system["cpu"]["now"] is not None and system["ledger"]["window"] is not None
    assert system["cpu_count"] == 2
    forks = system["forks_per_second"]
    assert forks == ({"now": None, "window": None} if name == "processes" else {"now": 0.0, "window": 0.0})


def test_a_truncated_stat_keeps_its_cpus(tree):
    text = (tree.root / "stat").read_text()
    tree.write("stat", text[:text.index("intr") + 2])
    # The counters grow by a second of CPU time, so an interval that is a little longer still counts as measured.
    with serve(tree, "0.5") as server:
        tree.write("stat", text[:text.index("intr") + 2].replace("100 0 100 100000", "103 0 100 100097"))
        system = wait_until(lambda: (now := server.json("/system"))["cpu"]["window"]
                            and now["cpu"]["window"]["busy_percent"] > 0 and now)
    # Before the change nothing is counted, so the busy time of those intervals is the sum of the sampled modes: 0.
    window, times = system["cpu"]["window"], system["view"]["cpu_time"]
    measured = times["measured_seconds"] - times["sampled_seconds"]
    assert window["busy_percent"] + window["idle_percent"] == pytest.approx(100, abs=0.02)
    assert window["idle_percent"] * measured * system["cpu_count"] == pytest.approx(97, abs=0.5)
