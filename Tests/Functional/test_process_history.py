"""/process_history: what each process used, point by point."""

import subprocess
import sys

import pytest
from answers import assert_problem, assert_security_headers, strict_json
from harness import Server, wait_until
from past import seconds

BURN = "import sys\nprint('ready', flush=True)\nwhile True: pass"

BAD_QUERIES = [
    ("from=x", "from=x: from accepts RFC 3339"),
    ("from=-5m&to=-6m", "from must lie before to"),
    ("from=-2h", "a range may be at most an hour long"),
    ("from=-5m&from=-6m", "from is given more than once"),
    ("limit=0", "limit"),
    ("name=x", 'unknown parameter "name"; this route accepts from, to and limit'),
]


@pytest.fixture(scope="module")
def burned():
    with Server() as running:
        newest = lambda: seconds(running.json("/system")["sampled_at"])  # noqa: E731
        child = subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE)
        try:
            assert child.stdout.readline() == b"ready\n"
            since = newest()
            wait_until(lambda: newest() > since + 4)
            running.burner, running.since = child.pid, since
            yield running
        finally:
            child.kill()
            child.wait()
            child.stdout.close()


def test_the_busiest_process_is_first_with_a_value_for_each_sample(burned):
    answer = burned.json("/process_history?from=-10s")
    assert list(answer) == ["from", "to", "times", "processes_total", "processes"]
    assert answer["times"] == sorted(answer["times"])
    assert all(len(one["cpu_percent"]) == len(answer["times"]) for one in answer["processes"])
    assert len(answer["processes"]) == answer["processes_total"]
    burner = next(one for one in answer["processes"] if one["pid"] == burned.burner)
    shares = [share for time, share in zip(answer["times"], burner["cpu_percent"]) if time > burned.since + 0.5]
    assert len(shares) >= 3 and all(share > 5 for share in shares)
    sums = [sum(share or 0 for share in one["cpu_percent"]) for one in answer["processes"]]
    assert sums == sorted(sums, reverse=True) or max(
        right - left for left, right in zip(sums, sums[1:])) < 5


def test_processes_are_those_of_the_table(burned):
    table = {(row["pid"], row["start_time"]) for row in burned.json("/cpu_usage?fields=pid,start_time")}
    answer = burned.json("/process_history")
    mine = next(one for one in answer["processes"] if one["pid"] == burned.burner)
    assert (mine["pid"], mine["start_time"]) in table


def test_values_equal_the_live_ones(burned):
    response = burned.request("/cpu_usage?fields=pid,user_now,sys_now,children_user_now,children_sys_now")
    live = next(row for row in strict_json(response.body) if row["pid"] == burned.burner)
    at = response.headers["X-Sampled-At"]
    wait_until(lambda: seconds(at) in burned.json("/process_history?from=-5s")["times"])
    answer = burned.json("/process_history?from=-10s")
    share = next(one for one in answer["processes"] if one["pid"] == burned.burner)["cpu_percent"][
        answer["times"].index(seconds(at))]
    assert share == pytest.approx(sum(value for name, value in live.items() if name != "pid"), abs=0.5)


def test_the_limit_holds(burned):
    answer = burned.json("/process_history?limit=1")
    assert len(answer["processes"]) == 1 <= answer["processes_total"]


def test_without_a_record_it_is_empty(burned):
    answer = burned.json("/process_history?from=2020-01-01T00:00:00Z&to=2020-01-01T00:01:00Z")
    assert answer["times"] == [] and answer["processes"] == []


@pytest.mark.parametrize("query, detail", BAD_QUERIES)
def test_a_bad_query_gets_a_clear_message(burned, query, detail):
    assert_problem(burned.request(f"/process_history?{query}"), 400, detail)


def test_it_only_reads(burned):
    response = burned.request("/process_history", method="POST")
    assert response.status == 405
    assert_security_headers(burned.request("/process_history"))
