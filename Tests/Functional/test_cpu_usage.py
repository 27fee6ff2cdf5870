"""/cpu_usage: its shape, order and headers, and that its figures are the kernel's."""

import os
import re
from datetime import datetime

from answers import ALL_COLUMNS, COLUMNS, STATUSES, next_snapshot, sequence, strict_json
from harness import Server, wait_until

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def is_percent(value) -> bool:
    """A number of at most two decimals."""
    return (isinstance(value, (int, float)) and not isinstance(value, bool)
            and value >= 0 and abs(value * 100 - round(value * 100)) < 1e-6)


def listed_pids() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def test_answer_is_an_array_of_the_five_columns_in_order(server):
    response = server.request("/cpu_usage")
    assert response.status == 200
    rows = strict_json(response.body)
    assert rows
    for row in rows:
        assert list(row) == COLUMNS
        assert isinstance(row["pid"], int) and row["pid"] > 0
        assert isinstance(row["name"], str)
        assert row["status"] in STATUSES
        for column in ("user_avg", "sys_avg"):
            assert row[column] is None or is_percent(row[column]), row


def test_all_columns_have_their_types(quick):
    _, rows = next_snapshot(quick)
    for row in rows.values():
        assert list(row) == ALL_COLUMNS
        assert isinstance(row["ppid"], int)
        assert isinstance(row["uid"], int)
        assert isinstance(row["user"], str) and row["user"]
        assert isinstance(row["threads"], int)
        assert isinstance(row["rss_bytes"], int) and row["rss_bytes"] >= 0
        assert datetime.fromisoformat(row["start_time"]).tzinfo
        assert 0 < row["window_seconds"] <= 62
        assert is_percent(row["user_now"]) and is_percent(row["sys_now"])
        assert isinstance(row["kernel"], bool)
        assert is_percent(row["children_user_avg"]) and is_percent(row["children_sys_avg"])


def test_rows_are_sorted_by_cpu_then_pid(quick):
    next_snapshot(quick)
    rows = [(row["user_avg"] + row["sys_avg"], row["pid"]) for row in quick.json()]
    for (cpu, pid), (next_cpu, next_pid) in zip(rows, rows[1:]):
        # The sum of two rounded numbers may differ in the last digit.
        assert cpu > next_cpu - 0.011
        if cpu == next_cpu == 0:
            assert pid < next_pid


def test_the_first_sample_is_null_for_existing_processes():
    """One sweep a minute: only the first one exists."""
    with Server("--interval", "60") as server:
        rows = server.json("/cpu_usage?fields=all")
        assert rows
        for row in rows:
            assert row["user_avg"] is None and row["sys_avg"] is None
            assert row["user_now"] is None and row["sys_now"] is None
        pids = [row["pid"] for row in rows]
        assert pids == sorted(pids), "null rows are in order of pid"


def test_the_second_sample_has_a_value_for_all():
    with Server("--interval", "0.2") as server:
        _, rows = next_snapshot(server)
        assert all(row["user_avg"] is not None and row["sys_avg"] is not None
                   for row in rows.values())


def test_headers_describe_the_sample(server):
    response, _ = next_snapshot(server)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert int(response.headers["X-Sequence"]) >= 1
    assert float(response.headers["X-Interval-Seconds"]) > 0
    assert 0 < float(response.headers["X-Window-Seconds"]) <= 62
    assert int(response.headers["X-Cpu-Count"]) == os.cpu_count()
    assert response.headers["X-Hostname"] == os.uname().nodename
    sampled_at = datetime.fromisoformat(response.headers["X-Sampled-At"])
    assert abs(sampled_at.timestamp() - datetime.now().timestamp()) < 60


def test_measured_times_are_absent_before_the_second_sample(frozen):
    headers = frozen.request("/cpu_usage").headers
    assert headers["X-Sequence"] == "1"
    assert float(headers["X-Interval-Seconds"]) > 0
    assert headers["X-Window-Seconds"] is None


def test_the_window_is_the_configured_one():
    """After more than twice its length it still covers one length; a slow machine gets time to settle."""
    with Server("--interval", "0.1", "--window", "1") as server:
        wait_until(lambda: sequence(server) > 25)
        wait_until(lambda: 0.9 < float(server.request("/cpu_usage").headers["X-Window-Seconds"]) < 1.5)


def test_sequence_advances(quick):
    first = sequence(quick)
    wait_until(lambda: sequence(quick) > first)


def test_head_has_the_headers_of_get_and_no_body(frozen):
    got, head = frozen.request("/cpu_usage"), frozen.request("/cpu_usage", method="HEAD")
    assert head.status == 200
    assert head.body == b""
    volatile = {"date"}
    for name, value in got.headers.items():
        if name.lower() not in volatile:
            assert head.headers[name] == value


def test_every_process_that_lived_through_a_sweep_is_listed(quick):
    before = listed_pids()
    _, rows = next_snapshot(quick)
    lived = before & listed_pids()
    assert os.getpid() in lived
    assert lived <= set(rows), f"missing: {sorted(lived - set(rows))}"


def test_kernel_threads_are_marked(quick):
    """PF_KTHREAD in the kernel's own flags decides; the rows of one sweep must agree."""
    _, rows = next_snapshot(quick)
    checked = 0
    for pid, row in rows.items():
        try:
            stat = open(f"/proc/{pid}/stat", "rb").read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        flags = int(stat[stat.rindex(b")") + 2:].split()[6])
        assert row["kernel"] == bool(flags & 0x00200000), row
        checked += 1
    assert checked


def test_own_process_has_the_kernels_figures(quick):
    _, rows = next_snapshot(quick)
    row = rows[os.getpid()]
    assert row["ppid"] == os.getppid()
    assert row["uid"] == os.getuid()
    assert row["name"] == open("/proc/self/comm").read().rstrip("\n")
    assert row["kernel"] is False
    assert row["status"] in ("running", "sleeping")


def own_ticks() -> tuple[int, int]:
    fields = re.sub(r".*\) ", "", open("/proc/self/stat").read(), flags=re.DOTALL).split()
    return int(fields[11]), int(fields[12])


def test_averages_agree_with_proc_over_the_same_time():
    """The test counts ticks before and after the first and the last sweep, so the truth is between."""
    before_start = own_ticks()
    with Server("--interval", "0.5") as server:
        after_start = own_ticks()
        first = sequence(server)
        while sum(own_ticks()) < sum(after_start) + 2 * TICKS_PER_SECOND:
            os.stat("/")
        assert own_ticks()[0] > after_start[0], "the loop above also runs in user mode"
        before_end = own_ticks()
        _, rows = next_snapshot(server)
        after_end = own_ticks()
    assert first >= 1
    row = rows[os.getpid()]
    for index, column in enumerate(("user_avg", "sys_avg")):
        ticks = row[column] * row["window_seconds"] / 100 * TICKS_PER_SECOND
        # Two decimals of a percentage and of a second change the product by less than one tick.
        assert before_end[index] - after_start[index] - 1 <= ticks, column
        assert ticks <= after_end[index] - before_start[index] + 1, column
