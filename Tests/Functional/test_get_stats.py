"""/get_stats: the names that older clients know, numbers everywhere, and the extremes of /history."""

import os
import time
from pathlib import Path

import pytest
from answers import assert_problem, assert_security_headers, strict_json
from harness import Server, wait_until
from past import QUICK, flushed, seconds, stop

MEMORY = {"used", "percent", "free", "inactive", "active", "total"}
SWAP = {"total", "percent", "free", "used"}
COUNTS = {"write_bytes", "read_count", "read_bytes", "write_count"}
PART = {"used_percent", "free_mem", "total_mem", "used_mem", "mt_pt", "device"}
SERIES = {"cpu": "cpu.busy_percent", "mem": "memory.used_percent", "disk": "file_systems.used_percent"}


@pytest.fixture(scope="module")
def still():
    """Some samples, and no more of them."""
    with Server("--interval", "0.7", "--flush-interval", "0.05") as running:
        wait_until(lambda: running.json("/system")["sequence"] >= 7)
        stop(running)
        yield running


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    else:
        yield path, value


def test_the_names_are_those_of_older_programs(still):
    response = still.request("/get_stats")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert_security_headers(response)
    stats = strict_json(response.body)
    assert list(stats) == ["current_stat", "past_stat"]
    current, past = stats["current_stat"], stats["past_stat"]
    assert set(current) == {"memory_stat", "time", "disk_stat", "cpu_stat"}
    assert set(current["memory_stat"]) == {"vm", "sm"}
    assert set(current["memory_stat"]["vm"]) >= MEMORY
    assert set(current["memory_stat"]["sm"]) >= SWAP
    assert set(current["disk_stat"]) == {"count_stats", "part_stats"}
    for part in current["disk_stat"]["part_stats"]:
        assert set(part) >= PART
    assert set(current["cpu_stat"]) == {"usage", "time_stat"}
    assert {"idle", "user", "system"} <= set(current["cpu_stat"]["time_stat"])
    assert set(past) == {"service_start_time"} | {
        f"{extreme}_{what}_usage" for extreme in ("min", "avg", "max") for what in SERIES}


def test_figures_are_numbers(still):
    texts = {".past_stat.service_start_time", ".current_stat.disk_stat.part_stats.mt_pt",
             ".current_stat.disk_stat.part_stats.device"}
    for path, value in leaves(still.json("/get_stats")):
        if path in texts:
            assert isinstance(value, str) and value
        else:
            # A machine may have no disk and no swap; a figure that exists is a number.
            assert value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)), path


def test_the_current_figures_are_the_kernels(still):
    current = still.json("/get_stats")["current_stat"]
    assert abs(current["time"] - time.time()) < 5
    meminfo = {line.split(":")[0]: int(line.split()[1]) * 1024
               for line in Path("/proc/meminfo").read_text().splitlines() if line.endswith("kB")}
    memory = current["memory_stat"]["vm"]
    assert memory["total"] == meminfo["MemTotal"]
    assert 0 < memory["used"] <= memory["total"]
    assert memory["percent"] == pytest.approx(memory["used"] / memory["total"] * 100, abs=0.01)
    swap = current["memory_stat"]["sm"]
    assert swap["total"] == meminfo["SwapTotal"]
    assert swap["used"] + swap["free"] == swap["total"]
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = current["cpu_stat"]["time_stat"]["idle"]
    assert idle == pytest.approx(ticks[3] / os.sysconf("SC_CLK_TCK"), abs=10)
    for part in current["disk_stat"]["part_stats"]:
        space = os.statvfs(part["mt_pt"])
        assert part["total_mem"] == pytest.approx(space.f_blocks * space.f_frsize, rel=0.01)


def test_it_agrees_with_system(still):
    def both():
        stats, system = still.json("/get_stats"), still.json("/system")
        same = abs(stats["current_stat"]["time"] - seconds(system["sampled_at"])) < 0.002
        return (stats["current_stat"], system) if same else None
    current, system = wait_until(both)
    assert current["cpu_stat"]["usage"] == pytest.approx(system["cpu"]["now"]["busy_percent"], abs=0.011)


def test_extremes_and_means_equal_those_of_the_history(still):
    past = still.json("/get_stats")["past_stat"]
    names = [f"{name}{value}" for name in SERIES.values() for value in (":min", ":max", "")]
    # One step has all samples: in its mean, each weighs as much as it lasted.
    series = still.json(f"/history?from=-1h&to=now&series={','.join(names)}&step=100000d")["series"]
    compared = 0
    for what, name in SERIES.items():
        for value, precision in (("min", 0.0051), ("max", 0.0051), ("avg", 0.011)):
            (known,) = series.get(name if value == "avg" else f"{name}:{value}", [None])
            assert past[f"{value}_{what}_usage"] == (known and pytest.approx(known, abs=precision)), (what, value)
            compared += known is not None
    assert compared >= 6


def test_it_reaches_back_across_a_restart(tmp_path):
    with Server(*QUICK, data=tmp_path) as server:
        flushed(server)
        stop(server)
        first = server.json("/get_stats")["past_stat"]
    with Server(*QUICK, "--no-record", data=tmp_path) as server:
        again = server.json("/get_stats")["past_stat"]
    assert seconds(again.pop("service_start_time")) > seconds(first.pop("service_start_time"))
    assert again == first
    assert first["max_cpu_usage"] is not None


def test_the_service_start_is_that_of_this_server(still):
    start = seconds(still.json("/get_stats")["past_stat"]["service_start_time"])
    uptime = time.time() - start
    elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) - int(
        Path(f"/proc/{still.process.pid}/stat").read_text().rpartition(") ")[2].split()[19]
    ) / os.sysconf("SC_CLK_TCK")
    assert uptime == pytest.approx(elapsed, abs=3)


def test_without_a_record_the_past_is_null():
    with Server("--no-record") as server:
        past = server.json("/get_stats")["past_stat"]
        assert past.pop("service_start_time")
        assert set(past.values()) == {None}


def test_it_has_no_parameters_and_only_reads(still):
    assert_problem(still.request("/get_stats?x=1"), 400, "x")
    assert_problem(still.request("/get_stats", method="POST"), 405)
    head = still.request("/get_stats", method="HEAD")
    assert head.status == 200 and head.body == b""
