"""`--proc` with a synthetic tree: broken entries do not affect the rest, and known ticks give known rates."""

import os
import time
from datetime import datetime

import pytest
from answers import next_snapshot, strict_json
from harness import Server, wait_until
from proc_tree import BOOT_TIME, KERNEL_THREAD_FLAG, TICKS_PER_SECOND, ProcTree, stat_line

GOOD = stat_line(50, b"broken")
BROKEN_STATS = {
    "empty": b"",
    "blank": b"\n",
    "no-parentheses": b"50 broken S 1 50 50 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100\n",
    "no-close": GOOD.replace(b")", b""),
    "cut-after-name": b"50 (broken)",
    "cut-in-the-fields": GOOD[:40],
    "word-for-number": GOOD.replace(b" 100 ", b" soon ", 1),
    "number-too-large": GOOD.replace(b" 100 ", b" 99999999999999999999999 ", 1),
    "not-text": b"\x00\xff" * 200,
    "endless": b"50 (" + b"x" * 100_000,
}


def ticks_since_boot() -> int:
    """The start time of a process that starts now."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * TICKS_PER_SECOND)


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    tree.put(900, name=b"last")
    return tree


def serve(tree: ProcTree, *arguments: str) -> Server:
    return Server("--proc", str(tree.root), "--interval", "0.1", *arguments)


def rows_by_pid(server) -> dict:
    return {row["pid"]: row for row in server.json("/cpu_usage?fields=all")}


def ticks(count: int, row: dict):
    """This many ticks, within one tick and the two decimals of the window, which may be short."""
    return pytest.approx(count, abs=1 + count * 0.005 / row["window_seconds"])


def test_all_columns_come_from_the_tree(tree):
    tree.put(40, name=b"every column", state="D", ppid=1, threads=9, start=250, rss_pages=300)
    tree.put(41, name=b"kworker/0:1", ppid=2, flags=KERNEL_THREAD_FLAG, rss_pages=0)
    with serve(tree) as server:
        _, rows = next_snapshot(server)
    assert set(rows) == {1, 40, 41, 900}
    row = rows[40]
    assert row["name"] == "every column"
    assert row["status"] == "disk-sleep"
    assert row["ppid"] == 1
    assert row["threads"] == 9
    assert row["rss_bytes"] == 300 * os.sysconf("SC_PAGE_SIZE")
    assert row["kernel"] is False
    assert row["user_avg"] == row["sys_avg"] == 0
    assert rows[41]["kernel"] is True
    started = datetime.fromisoformat(row["start_time"]).timestamp()
    assert started - BOOT_TIME == pytest.approx(250 / TICKS_PER_SECOND, abs=0.01)


@pytest.mark.parametrize(("letter", "word"), [
    ("R", "running"), ("S", "sleeping"), ("D", "disk-sleep"), ("T", "stopped"), ("t", "tracing-stop"),
    ("Z", "zombie"), ("X", "dead"), ("I", "idle"), ("P", "parked"), ("K", "wake-kill"), ("W", "waking"),
])
def test_every_state_has_a_word(tmp_path, letter, word):
    tree = ProcTree(tmp_path / "proc")
    tree.put(5, state=letter)
    with serve(tree) as server:
        assert [row["status"] for row in server.json()] == [word]


@pytest.mark.parametrize("content", BROKEN_STATS.values(), ids=BROKEN_STATS.keys())
def test_a_broken_stat_costs_only_its_own_row(tree, content):
    tree.put(50)
    tree.write("50/stat", content)
    with serve(tree) as server:
        _, rows = next_snapshot(server)
        assert set(rows) == {1, 900}
        assert server.log.count("50/stat") == 1, "logged once, not at each sweep"
        tree.put(50, name=b"mended")
        row = wait_until(lambda: rows_by_pid(server).get(50))
        assert row["name"] == "mended"


def make_directory(path):
    path.mkdir()


def make_fifo(path):
    os.mkfifo(path)


def make_loop(path):
    path.symlink_to(path.name)


def make_dangling(path):
    path.symlink_to("nowhere")


def make_nothing(path):
    pass


@pytest.mark.parametrize("make", [make_directory, make_fifo, make_loop, make_dangling, make_nothing])
def test_an_unreadable_stat_costs_only_its_own_row(tree, make):
    """A FIFO without a writer is the worst case: a reader that waits for it never sweeps again."""
    (tree.root / "50").mkdir()
    make(tree.root / "50" / "stat")
    with serve(tree) as server:
        _, rows = next_snapshot(server)
        assert set(rows) == {1, 900}
        assert server.request("/readyz").status == 200


def test_entries_that_are_not_processes_are_ignored(tree):
    for name in ("12x", "x12", "-5", "0", "1.5", "99999999999999999999", "１２"):
        tree.write(f"{name}/stat", GOOD)
    tree.write("77", "a file, not a folder")
    with serve(tree) as server:
        _, rows = next_snapshot(server)
    assert set(rows) == {1, 900}


@pytest.mark.parametrize("name", [
    b"plain", b"two words", b"a) S 9 9", b"(nested)", b"(", b")", b"", b" ", b"new\nline", b"\xff\xfe",
    b"sixty-four-bytes-of-a-kernel-worker-name-as-wq_worker_comm-makes",
])
def test_names_are_read_whole(tmp_path, name):
    tree = ProcTree(tmp_path / "proc")
    tree.put(7, name=name, ppid=3)
    with serve(tree) as server:
        (row,) = server.json("/cpu_usage?fields=name,ppid,status")
    assert row == {"name": name.decode("utf-8", errors="replace"), "ppid": 3, "status": "sleeping"}


def test_known_ticks_give_the_known_average(tree):
    tree.put(8, user=1000, system=2000)
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(8, user=1000 + 70, system=2000 + 30)
        row = wait_until(lambda: (now := rows_by_pid(server)[8])["user_avg"] and now)
        other = rows_by_pid(server)[900]
    seconds = row["window_seconds"]
    assert row["user_avg"] * seconds / 100 * TICKS_PER_SECOND == ticks(70, row)
    assert row["sys_avg"] * seconds / 100 * TICKS_PER_SECOND == ticks(30, row)
    assert other["user_avg"] == other["sys_avg"] == 0


def test_cpu_time_leaves_the_average_with_its_window(tree):
    with serve(tree, "--window", "1") as server:
        next_snapshot(server)
        tree.put(900, name=b"last", user=500)
        wait_until(lambda: rows_by_pid(server)[900]["user_avg"] > 0)
        row = wait_until(lambda: (now := rows_by_pid(server)[900])["user_avg"] == 0 and now)
        assert row["window_seconds"] < 60


def test_now_covers_the_last_interval_only(tree):
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(900, name=b"last", user=500)
        wait_until(lambda: rows_by_pid(server)[900]["user_avg"] > 0)
        row = wait_until(lambda: (now := rows_by_pid(server)[900])["user_now"] == 0 and now)
        assert row["user_avg"] > 0


def test_all_ticks_of_a_new_process_count(tree):
    """It had no ticks at the sweep before it was seen."""
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(60, user=20, system=10, start=ticks_since_boot())
        row = wait_until(lambda: rows_by_pid(server).get(60))
    seconds = row["window_seconds"]
    assert row["user_avg"] * seconds / 100 * TICKS_PER_SECOND == ticks(20, row)
    assert row["sys_avg"] * seconds / 100 * TICKS_PER_SECOND == ticks(10, row)


def test_a_process_that_was_hidden_is_not_new(tree):
    """It is older than the sweep that did not see it, so its ticks say nothing about the time between."""
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(60, user=20_000, start=100)
        first = wait_until(lambda: rows_by_pid(server).get(60), interval=0.01)
        assert first["user_avg"] in (None, 0)
        row = wait_until(lambda: (now := rows_by_pid(server)[60])["user_avg"] is not None and now)
        assert row["user_avg"] == 0


def test_a_reused_pid_is_a_new_process(tree):
    tree.put(60, name=b"old", user=100_000, start=500)
    with serve(tree) as server:
        _, rows = next_snapshot(server)
        old = rows[60]
        tree.put(60, name=b"new", user=10, start=ticks_since_boot())
        row = wait_until(lambda: (now := rows_by_pid(server)[60])["name"] == "new" and now)
    assert row["start_time"] > old["start_time"]
    assert row["user_avg"] * row["window_seconds"] / 100 * TICKS_PER_SECOND == ticks(10, row)


def test_ticks_that_go_back_are_not_a_negative_rate(tree):
    tree.put(8, user=1000, system=1000)
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(8, user=999, system=990)
        response, rows = next_snapshot(server)
        assert rows[8]["user_avg"] >= 0 and rows[8]["sys_avg"] >= 0
        assert strict_json(response.body)


def test_a_removed_entry_is_absent(tree):
    tree.put(60)
    with serve(tree) as server:
        _, rows = next_snapshot(server)
        assert 60 in rows
        tree.remove(60)
        wait_until(lambda: 60 not in rows_by_pid(server))


def test_a_name_that_changes_is_the_same_process(tree):
    """exec keeps pid and start time, so the ticks before it still count."""
    tree.put(8, name=b"sh", user=100)
    with serve(tree) as server:
        next_snapshot(server)
        tree.put(8, name=b"make", user=150)
        row = wait_until(lambda: (now := rows_by_pid(server)[8])["name"] == "make" and now)
    assert row["user_avg"] * row["window_seconds"] / 100 * TICKS_PER_SECOND == ticks(50, row)
