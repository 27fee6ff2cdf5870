"""/cpu_usage?group=: one row for all processes that have something in common."""

import os
from contextlib import ExitStack

import children
import pytest
from answers import assert_problem, content, strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed
from proc_tree import KERNEL_THREAD_FLAG, ProcTree
from sums import AVERAGES, FIELDS, answers_of_one_sample, assert_groups, assert_order, ledger_sum, total

ALL = ("processes,user_avg,sys_avg,threads,rss_bytes,user_now,sys_now,"
       "children_user_avg,children_sys_avg,children_user_now,children_sys_now,pids")


@pytest.fixture(scope="module")
def brisk():
    """A short window, so that averages follow what a test does."""
    with Server("--interval", "0.5", "--window", "5") as running:
        # The first sample has no averages.
        wait_until(lambda: float(running.request("/cpu_usage?limit=1").headers["X-Window-Seconds"] or 0) > 2)
        yield running


def cpu(row: dict) -> float | None:
    return total(row[field] for field in AVERAGES)


@pytest.mark.parametrize("grouping", FIELDS)
def test_groups_are_the_sums_of_their_rows(brisk, grouping):
    rows, groups = answers_of_one_sample(
        brisk, "/cpu_usage?fields=all", f"/cpu_usage?group={grouping}&fields={grouping},{ALL}")
    window = float(rows.headers["X-Window-Seconds"])
    found = strict_json(groups.body)
    assert_groups(strict_json(rows.body), found, grouping, window)
    assert_order(found, cpu)


def test_the_default_columns(brisk):
    for group in brisk.json("/cpu_usage?group=program"):
        assert list(group) == ["program", "processes", *AVERAGES, "pids"]


def test_fields_selects_columns_in_the_requested_order(brisk):
    for group in brisk.json("/cpu_usage?group=user&fields=pids,user,rss_bytes"):
        assert list(group) == ["pids", "user", "rss_bytes"]
    whole = brisk.json("/cpu_usage?group=name&fields=all")
    assert list(whole[0])[:2] == ["name", "processes"]
    assert list(whole[0])[-1] == "pids"
    # And every other column that is an amount.
    assert set(whole[0]) >= set(ALL.split(","))
    assert not set(whole[0]) & {"pid", "ppid", "uid", "start_time", "window_seconds", "kernel", "status"}


def test_burners_of_one_name_are_one_group(brisk):
    name = b"group-%d" % os.getpid()
    with ExitStack() as stack:
        burners = [stack.enter_context(children.named(name, children.BURN)) for _ in range(2)]
        path = f"/cpu_usage?group=name&name={name.decode()}"
        group = wait_until(lambda: (found := brisk.json(path)) and found[0]["processes"] == 2
                           and found[0]["user_avg"] > 20 and found[0])
        assert group["name"] == name.decode()
        assert set(group["pids"]) == {burner.pid for burner in burners}
        # Its average is over the whole window, whatever the age of the burners.
        rows, groups = answers_of_one_sample(
            brisk, f"/cpu_usage?fields=all&name={name.decode()}", path + f"&fields=name,{ALL}")
        assert_groups(strict_json(rows.body), strict_json(groups.body), "name", float(rows.headers["X-Window-Seconds"]))


def test_children_that_exited_belong_to_the_group_of_their_parent(brisk):
    name = b"reaper-%d" % os.getpid()
    forks = "while True:\n  if os.fork() == 0:\n    for _ in range(10**5): pass\n    os._exit(0)\n  os.wait()\n"
    with children.named(name, "print('ready', flush=True)\n" + forks):
        group = wait_until(lambda: (found := brisk.json(f"/cpu_usage?group=name&name={name.decode()}"))
                           and found[0]["children_user_avg"] > 5 and found[0])
        assert group["name"] == name.decode()


@pytest.mark.parametrize("grouping", ["name", "program", "unit"])
def test_all_groups_together_agree_with_the_ledger(brisk, grouping):
    """Beside two burners, so that there is something to compare."""
    with children.burner(), children.system_burner():
        def agree():
            groups, system = answers_of_one_sample(brisk, f"/cpu_usage?group={grouping}", "/system")
            ledger = ledger_sum(strict_json(system.body), "processes", "kernel_threads", "ended_children", "excess")
            whole = sum(cpu(group) or 0 for group in strict_json(groups.body))
            return whole > 50 and whole == pytest.approx(ledger, rel=0.01)
        wait_until(agree)


def test_known_ticks_give_the_known_groups(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    tree.put(2, name=b"kthreadd", ppid=0, flags=KERNEL_THREAD_FLAG)
    tree.put(8, name=b"make", user=100)
    tree.put(9, name=b"cc1", ppid=8)
    tree.put(10, name=b"cc1", ppid=8, uid=7)
    with Server("--proc", str(tree.root), "--interval", "0.5") as server:
        wait_until(lambda: server.json("/system")["ledger"]["window"])
        tree.write("stat", "cpu  150 0 100 100000 0 0 0 0 0 0\ncpu0 75 0 50 50000 0 0 0 0 0 0\n"
                           "cpu1 75 0 50 50000 0 0 0 0 0 0\nintr 0\nctxt 0\nbtime 1700000000\nprocesses 1\n"
                           "procs_running 1\nprocs_blocked 0\n")
        tree.put(8, name=b"make", user=110, children=20)
        tree.put(9, name=b"cc1", ppid=8, user=5, system=2)
        tree.put(10, name=b"cc1", ppid=8, uid=7, user=8)

        def whole():
            answers = answers_of_one_sample(server, "/cpu_usage?group=name", "/system")
            groups, system = (strict_json(answer.body) for answer in answers)
            named = {group["name"]: group for group in groups}
            seconds = system["window_seconds"]
            ticks = {name: (cpu(group) or 0) / 100 * seconds * os.sysconf("SC_CLK_TCK") for name, group in named.items()}
            return ticks["cc1"] > 14 and ticks["make"] > 29 and (ticks, named)
        ticks, named = wait_until(whole)
    assert ticks["cc1"] == pytest.approx(15, abs=0.5)
    assert ticks["make"] == pytest.approx(30, abs=0.5)
    assert ticks["init"] == ticks["kthreadd"] == 0
    assert named["cc1"]["pids"] == [10, 9]
    assert named["cc1"]["processes"] == 2


def test_sort_limit_and_min_cpu_are_about_groups(brisk):
    groups = brisk.json("/cpu_usage?group=name&sort=processes&fields=name,processes")
    counts = [group["processes"] for group in groups]
    assert counts == sorted(counts, reverse=True)
    names = [group["name"] for group in brisk.json("/cpu_usage?group=name&sort=name")]
    assert names == sorted(names, key=str.encode)
    assert len(brisk.json("/cpu_usage?group=name&limit=1")) == 1
    for group in brisk.json("/cpu_usage?group=name&min_cpu=1"):
        assert cpu(group) >= 0.97


@pytest.mark.parametrize(("query", "mention"), [
    ("group=colour", "program or"), ("group=", "group accepts"), ("group=name&group=unit", "more than once"),
    ("group=name&fields=pid", "with group=name, fields accepts"), ("group=unit&sort=name", "with group=unit, sort accepts"),
    ("group=name&tree=1", "exclude each other"), ("group=name&fields=name,name", "once"),
    ("group=name&sort=pids", "sort accepts"),
])
def test_a_mistake_is_named(brisk, query, mention):
    assert_problem(brisk.request(f"/cpu_usage?{query}"), 400, mention)


def test_head_gzip_and_etag_are_those_of_the_table(frozen):
    path = "/cpu_usage?group=name"
    plain = frozen.request(path)
    packed = frozen.request(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert content(packed) == plain.body
    for name in ("X-Sequence", "X-Sampled-At", "X-Cpu-Count", "X-Hostname", "ETag"):
        assert plain.headers[name] == frozen.request("/cpu_usage").headers[name]
    head = frozen.request(path, method="HEAD")
    assert head.status == 200
    assert head.headers["Content-Length"] == str(len(plain.body))
    assert frozen.request(path, headers={"If-None-Match": plain.headers["ETag"]}).status == 304


def test_the_past_has_groups(tmp_path):
    with Server(*QUICK, "--window", "2", data=tmp_path) as server, children.burner():
        ever_flushed(server)
        wait_until(lambda: server.json("/cpu_usage?min_cpu=50"))
        moment = server.request("/cpu_usage").headers["X-Sampled-At"]
        wait_until(lambda: server.request(f"/cpu_usage?at={moment}").headers["X-Sampled-At"] == moment)
        for grouping in ("name", "user", "state"):
            rows = server.request(f"/cpu_usage?at={moment}&fields=all")
            groups = server.json(f"/cpu_usage?at={moment}&group={grouping}&fields={grouping},{ALL}")
            assert_groups(strict_json(rows.body), groups, grouping, float(rows.headers["X-Window-Seconds"]))
        assert_problem(server.request(f"/cpu_usage?at={moment}&group=name&fields=pid"), 400, "with group=name")
        assert len(server.json(f"/cpu_usage?at={moment}&group=name&limit=2&sort=processes")) == 2
