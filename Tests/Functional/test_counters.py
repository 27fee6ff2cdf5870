"""Kernel counters that jump, fall or cannot be read: the affected values are null, and no others."""

import os
import signal
import time
from contextlib import contextmanager

import pytest
from answers import row_of
from harness import Server, wait_until
from past import QUICK, flushed, seconds
from proc_tree import ProcTree, disk_line, interface_line, stat_line
from test_machine import whole_disk

INTERVAL = 0.4
# Counters that show a small part of the time of two CPUs, however long the interval really was, all of it idle.
IDLE = [0, 0, 0, 5, 0, 0, 0, 0, 0, 0]
NAMES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"]
LEAPS = [(index, 4_000_000_000) for index in range(8)] + [(3, 400), (7, 400), (7, 2**55)]


class MissedSampleError(Exception):
    """The machine was too busy for the test to read the right sample; pytest runs the test again."""


class Machine:
    """A tree whose CPU counters grow only when the test advances them."""

    def __init__(self, root):
        self.tree = ProcTree(root)
        self.tree.put(1, name=b"init", ppid=0)
        self.counters = [10_000, 2000, 10_000, 1_000_000, 5000, 300, 400, 500, 600, 700]
        self.cpus = 2
        self.write(self.counters)

    def write(self, counters, cpus=None):
        lines = "".join(f"cpu{number} 1 1 1 1\n" for number in range(cpus or self.cpus))
        self.tree.write("stat", f"cpu  {' '.join(map(str, counters))}\n{lines}btime 1700000000\nprocesses 5\n")

    def step(self, growth=IDLE):
        self.counters = [before + more for before, more in zip(self.counters, growth)]
        self.write(self.counters)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "proc")


@contextmanager
def serving(machine, *arguments):
    with Server("--proc", str(machine.tree.root), "--interval", str(INTERVAL), *arguments) as server:
        at_next_sample(server)
        yield server


def at_next_sample(server) -> dict:
    """The sample that was just taken: the next one is an interval away."""
    start = server.json("/system")["sequence"]
    return wait_until(lambda: (now := server.json("/system"))["sequence"] > start and now, interval=0.005)


def after(server, change) -> dict:
    """The first sample after a change.

    The server is stopped during the change, so that no sample sees a part of it.
    """
    while True:
        before = at_next_sample(server)
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            os.waitpid(server.process.pid, os.WUNTRACED)
            # After this time, the next sample may already have begun.
            if time.time() < seconds(before["sampled_at"]) + INTERVAL / 2:
                change()
                break
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
    now = wait_until(lambda: (now := server.json("/system"))["sequence"] > before["sequence"] and now, interval=0.005)
    check_seen(now["sequence"], before["sequence"] + 1)
    return now


def check_seen(sequence: int, expected: int):
    if sequence != expected:
        raise MissedSampleError(f"sample {sequence} was read instead of sample {expected}")


def row_after(server, change, pid: int) -> dict:
    """The row of a process in the first sample that saw a change."""
    system = after(server, change)
    row = row_of(server, pid)
    check_seen(server.json("/system")["sequence"], system["sequence"])
    return row


def assert_sane(system):
    """No share exceeds all CPUs, no matter which values are known."""
    assert system["cpu"]["window"] is not None
    for span in ("now", "window"):
        for name, value in (system["cpu"][span] or {}).items():
            assert 0 <= value <= 100.05, (span, name)
        ledger = system["ledger"][span]
        if ledger:
            assert 0 <= ledger["busy_percent"] <= 215 and 0 <= ledger["coverage_percent"] <= 100


def assert_unknown(system):
    assert system["cpu"]["now"] is system["ledger"]["now"] is system["forks_per_second"]["now"] is None
    counting = system["view"]["cpu_time"]
    assert counting["method"] is None and "/proc/stat" in counting["reason"]
    assert counting["unknown_seconds"] > 0


@pytest.mark.parametrize(("index", "leap"), LEAPS, ids=[f"{NAMES[index]} {leap}" for index, leap in LEAPS])
def test_no_mode_can_grow_by_more_than_the_time_of_all_cpus(machine, index, leap):
    with serving(machine) as server:
        assert after(server, machine.step)["cpu"]["now"] is not None

        def jump():
            machine.counters[index] += leap
            machine.step()
        system = after(server, jump)
        assert_unknown(system)
        assert_sane(system)
        # It is one interval, and the averages do not cover it.
        system = after(server, machine.step)
        assert system["cpu"]["now"]["idle_percent"] > 90 and system["view"]["cpu_time"]["method"]
        assert_sane(system)
        assert system["cpu"]["window"]["busy_percent"] < 10


@pytest.mark.parametrize("index", range(8), ids=NAMES[:8])
def test_a_counter_that_falls_makes_its_interval_unknown(machine, index):
    with serving(machine) as server:
        after(server, machine.step)

        def fall():
            machine.counters[index] -= 250
            machine.step()
        system = after(server, fall)
        if index != 4:
            assert_unknown(system)
        assert_sane(system)
        assert after(server, machine.step)["cpu"]["now"] is not None


@pytest.mark.parametrize(("index", "text"), [
    *((index, str(2**64 - 1)) for index in range(10)),
    (4, "-1"), (4, "x"), (4, str(2**64)), (4, "9" * 30), (8, "-1"), (3, "9" * 30),
])
def test_a_counter_that_was_unreadable_has_no_past_when_it_returns(machine, index, text):
    with serving(machine) as server:
        after(server, machine.step)

        def spoil():
            machine.step()
            broken = list(map(str, machine.counters))
            broken[index] = text
            machine.write(broken)
        bad = after(server, spoil)
        assert_sane(bad)
        back = after(server, machine.step)
        assert_sane(back)
        if index < 4:
            # Without one of the first four, nothing is known about the rest.
            assert bad["cpu"]["now"] is back["cpu"]["now"] is None
            back = after(server, machine.step)
        for system in (back,) if index < 4 else (bad, back):
            now = system["cpu"]["now"]
            assert now["idle_percent"] > 90 and now["iowait_percent"] == now["steal_percent"] == 0
            assert now["irq_percent"] == now["softirq_percent"] == now["guest_percent"] == 0


def test_a_file_that_ends_early_has_no_past_beyond_its_end(machine):
    with serving(machine) as server:
        def cut():
            machine.step()
            machine.write(machine.counters[:4])
        for change in (cut, machine.step):
            now = after(server, change)["cpu"]["now"]
            assert now["idle_percent"] > 90 and now["steal_percent"] == now["iowait_percent"] == 0


def test_a_cpu_that_goes_offline_and_returns(machine):
    """The sums lose what the CPU had counted, and get it back."""
    with serving(machine) as server:
        after(server, machine.step)

        def go():
            machine.cpus = 1
            machine.step([0, 0, 0, -400_000, 0, 0, 0, 0, 0, 0])

        def come():
            machine.cpus = 2
            machine.step([0, 0, 0, 400_000, 0, 0, 0, 0, 0, 0])
        for change, count in ((go, 1), (come, 2)):
            system = after(server, change)
            assert system["cpu_count"] == count
            assert_unknown(system)
            assert_sane(system)
        # If it keeps its counts, only the sampled modes remain, and the answer reports that.
        machine.cpus = 1
        system = after(server, lambda: machine.step([1, 0, 1, int(INTERVAL * 150), *[0] * 6]))
        assert_sane(system)
        assert system["cpu"]["now"] is not None and system["view"]["cpu_time"]["method"] == "sampled-modes"
        assert system["view"]["cpu_time"]["reason"] == "the number of CPUs changed between 1 and 2"


def test_an_unknown_interval_is_recorded_as_null(machine, tmp_path):
    with serving(machine, *QUICK[2:], "--data", str(tmp_path / "data")) as server:
        after(server, machine.step)

        def jump():
            machine.counters[7] += 4_000_000_000
            machine.step()
        system = after(server, jump)
        after(server, machine.step)
        flushed(server)
        answer = server.json("/history?from=-60s&series=cpu.busy_percent,cpu.steal_percent:max,"
                             "ledger.busy_percent,ledger.coverage_percent,cpu_count&step=1")
        series = answer["series"]
        for name in ("cpu.busy_percent", "cpu.steal_percent:max", "ledger.busy_percent"):
            known = [value for value in series[name] if value is not None]
            assert known and max(known) <= 200, name
        moment = time.mktime(time.strptime(system["sampled_at"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        explained = server.json(f"/explain?from={moment - 30}&to={moment + 5}")
        assert explained["busy_seconds"] < 10


# Processes.


def put(tree, pid, user, children=0, start=100):
    fields = stat_line(pid, b"worker", user=user, start=start).split(b" ")
    # The 16th is cutime.
    fields[15] = b"%d" % children
    tree.put(pid)
    tree.write(f"{pid}/stat", b" ".join(fields))


@pytest.mark.parametrize("leap", [10_000, 4_000_000_000, 2**55])
def test_no_process_can_use_more_than_all_cpus(machine, leap):
    put(machine.tree, 8, 100)
    with serving(machine) as server:
        def use(user, children=0):
            put(machine.tree, 8, user, children)
            machine.step()
        assert row_after(server, lambda: use(110), 8)["user_now"] > 0
        row = row_after(server, lambda: use(110 + leap), 8)
        assert row["user_now"] is None and row["user_avg"] is None
        assert 0 < row_after(server, lambda: use(120 + leap), 8)["user_now"] <= 200
        # Children that it waited for may have worked long before.
        row = row_after(server, lambda: use(130 + leap, leap), 8)
        assert row["children_user_now"] == 0 and 0 < row["user_now"] <= 200
        assert server.json("/system")["ledger"]["now"]["ended_children_percent"] == 0
        assert 0 < row_after(server, lambda: use(140 + leap, leap + 4), 8)["children_user_now"] <= 200


def test_a_process_that_falls_far_has_no_past(machine):
    put(machine.tree, 8, 50_000)
    with serving(machine) as server:
        after(server, lambda: put(machine.tree, 8, 30))
        assert 0 < row_after(server, lambda: put(machine.tree, 8, 40), 8)["user_now"] <= 200


def test_a_start_in_the_future_is_now(machine):
    with serving(machine) as server:
        ahead = int((time.clock_gettime(time.CLOCK_BOOTTIME) + 1e9) * 100)
        row = row_after(server, lambda: put(machine.tree, 9, 90_000, start=ahead), 9)
        assert row["user_now"] is None, "no sweep saw what it used before"
        assert row["start_time"][:10] <= time.strftime("%Y-%m-%d", time.gmtime(time.time() + 1))
        assert_sane(server.json("/system"))


# Disks, interfaces, pressure.


@pytest.mark.parametrize("counter", ["reads", "read_sectors", "writes", "written_sectors", "busy_milliseconds"])
@pytest.mark.parametrize("value", [2**62, 2**64 - 1], ids=["leap", "below zero"])
def test_disks(machine, counter, value):
    disk = whole_disk()
    counters = {"reads": 1000, "read_sectors": 5000, "writes": 1000, "written_sectors": 5000, "busy_milliseconds": 4000}
    rate = {"reads": "reads_per_second", "read_sectors": "read_bytes_per_second", "writes": "writes_per_second",
            "written_sectors": "write_bytes_per_second", "busy_milliseconds": "busy_percent"}[counter]

    def put(**changes):
        machine.tree.write("diskstats", disk_line(disk, **(counters | changes)))
    put()
    with serving(machine) as server:
        system = after(server, lambda: put(**{counter: value}))
        values = [one[rate] for one in system["disks"]]
        assert values == [None]
        assert system["disk_total"][rate] is None
        system = after(server, put)
        assert all(one[rate] is None for one in system["disks"])
        assert at_next_sample(server)["disk_total"][rate] == 0


@pytest.mark.parametrize("index", range(4), ids=["bytes", "packets", "errors", "drops"])
@pytest.mark.parametrize("value", [2**62, 2**64 - 1], ids=["leap", "below zero"])
def test_interfaces(machine, index, value):
    name = f"receive_{['bytes', 'packets', 'errors', 'drops'][index]}_per_second"

    def put(counters, others=50):
        machine.tree.write("net/dev", b"Inter-|\n face |\n" + interface_line(b"eth0", counters, [9] * 4)
                           + interface_line(b"eth1", [others] * 4, [others] * 4))
    usual = [5000, 600, 7000, 80]
    put(usual)
    with serving(machine) as server:
        spoiled = list(usual)
        spoiled[index] = value
        system = after(server, lambda: put(spoiled, 70))
        by_name = {one["name"]: one for one in system["network"]}
        assert by_name["eth0"][name] is None
        assert system["network_total"][name] is None
        assert by_name["eth1"][name] > 0, "the other interface is not affected"
        system = after(server, lambda: put(usual, 90))
        assert {one["name"]: one for one in system["network"]}["eth0"][name] is None
        assert at_next_sample(server)["network_total"][name] == 0


def test_a_recreated_disk_and_interface(machine):
    disk = whole_disk()

    def put(count):
        machine.tree.write("diskstats", disk_line(disk, reads=count, read_sectors=8 * count, busy_milliseconds=count))
        machine.tree.write("net/dev", b"Inter-|\n face |\n" + interface_line(b"eth0", [9 * count, count, 0, 0],
                                                                          [9 * count, count, 0, 0]))
    put(5000)
    with serving(machine) as server:
        system = after(server, lambda: put(3))
        for one in (*system["disks"], system["disk_total"], *system["network"], system["network_total"]):
            assert all(value is None for name, value in one.items() if name != "name"), one
        system = after(server, lambda: put(5))
        assert 0 < system["disk_total"]["reads_per_second"] < 10
        assert 0 < system["network_total"]["transmit_packets_per_second"] < 10


def test_pressure(machine):
    def put(total):
        for resource in ("cpu", "memory", "io"):
            machine.tree.write(f"pressure/{resource}", f"some avg10=1.00 avg60=1.00 avg300=1.00 total={total}\n")
    put(1_000_000)
    with serving(machine) as server:
        for total in (2**60, 1_000_000):
            system = after(server, lambda: put(total))
            assert system["pressure"]["io"]["some"]["now_percent"] is None, total
        system = after(server, lambda: put(1_020_000))
        assert 0 < system["pressure"]["io"]["some"]["now_percent"] < 10
        after(server, lambda: put(2**64 - 1))
        assert after(server, lambda: put(1_030_000))["pressure"]["io"]["some"]["now_percent"] is None


def test_forks(machine):
    def put(count):
        text = (machine.tree.root / "stat").read_text().rpartition("processes ")[0]
        machine.tree.write("stat", f"{text}processes {count}\n")
    put(50)
    with serving(machine) as server:
        for count in (2**40, 60, 2**64 - 1, 70):
            assert after(server, lambda: put(count))["forks_per_second"]["now"] is None, count
        assert 0 < after(server, lambda: put(71))["forks_per_second"]["now"] < 10
