"""Children with known properties, as /cpu_usage of the real /proc shows them."""

import os

import children
import pytest
from answers import next_snapshot, row_of
from harness import wait_until

HOSTILE_NAMES = [
    b"two words",
    b"new\nline",
    b"tab\tbell\x07",
    b") R 1 1 1",
    b"((()",
    b'"quo\\ted"',
    b"<img src=x>",
    b"bad \xff\xfe bytes",
    b"cut \xe2\x82",
    b"\xed\xa0\x80",
    b"\x1b[31mred",
    b"\xe2\x80\xaeoverride",
    b"",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
def test_any_name_is_listed_as_valid_json(quick, name):
    with children.named(name) as child:
        _, rows = next_snapshot(quick)
    row = rows[child.pid]
    assert row["name"] == name.decode("utf-8", errors="replace")
    assert row["ppid"] == os.getpid(), "the fields after the name are read from its end"


def test_zombie_is_listed_as_zombie(quick):
    with children.zombie() as zombie:
        row = wait_until(lambda: (found := row_of(quick, zombie.pid))
                         and found["status"] == "zombie" and found)
        assert row["name"] == "true"


def test_stopped_child_is_listed_as_stopped(quick):
    with children.sleeper() as child:
        child.send_signal(19)
        wait_until(lambda: (row := row_of(quick, child.pid)) and row["status"] == "stopped")
        child.send_signal(18)
        wait_until(lambda: row_of(quick, child.pid)["status"] == "sleeping")


def test_burner_rises_in_user_time(quick):
    with children.burner() as burner:
        first = wait_until(lambda: row_of(quick, burner.pid))
        row = wait_until(lambda: (now := row_of(quick, burner.pid))["user_avg"] > 10
                         and now["user_now"] > 10 and now)
        assert row["user_avg"] > row["sys_avg"]
        assert first["user_avg"] is not None


def test_system_burner_shows_system_time(quick):
    with children.system_burner() as burner:
        wait_until(lambda: (row := row_of(quick, burner.pid)) and row["sys_avg"] > 3)


def test_a_new_process_has_a_value_at_once(quick):
    """A child younger than the newest sweep: the first row that shows it must have numbers."""
    for _ in range(5):
        with children.sleeper() as child:
            row = wait_until(lambda: row_of(quick, child.pid), interval=0.01)
            assert row["user_avg"] is not None and row["sys_avg"] is not None
            assert row["user_now"] is not None and row["sys_now"] is not None


def test_vanished_process_is_absent(quick):
    with children.sleeper() as child:
        wait_until(lambda: row_of(quick, child.pid))
    _, rows = next_snapshot(quick)
    assert child.pid not in rows


def test_threads_are_counted(quick):
    program = ("import threading\nfor _ in range(6):\n"
               " threading.Thread(target=threading.Event().wait, daemon=True).start()\n")
    with children.child(program + children.WAIT_FOR_END) as child:
        _, rows = next_snapshot(quick)
        assert rows[child.pid]["threads"] == 7


def test_memory_is_the_kernels(quick):
    program = "held = bytearray(64 << 20)\n"
    with children.child(program + children.WAIT_FOR_END) as child:
        _, rows = next_snapshot(quick)
        pages = int(open(f"/proc/{child.pid}/statm").read().split()[1])
        kernel = pages * os.sysconf("SC_PAGE_SIZE")
    assert kernel > 64 << 20
    assert abs(rows[child.pid]["rss_bytes"] - kernel) < 4 << 20


def test_start_time_never_changes(quick):
    with children.sleeper() as child:
        first = wait_until(lambda: row_of(quick, child.pid))["start_time"]
        _, rows = next_snapshot(quick)
        assert rows[child.pid]["start_time"] == first


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process of another user")
def test_owner_is_the_effective_user(quick):
    program = "os.setuid(65534)\n" + children.WAIT_FOR_END
    with children.child(program) as child:
        # The owner of a known process is read only once in some sweeps.
        row = wait_until(lambda: (found := row_of(quick, child.pid)) and found["uid"] == 65534
                         and found)
        # The number is shown until the name was looked up.
        assert row["user"] in ("65534", "nobody")
        wait_until(lambda: row_of(quick, child.pid)["user"] == "nobody")
