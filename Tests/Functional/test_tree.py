"""/cpu_usage?tree=1: each process is followed by its children."""

import os

import children
import pytest
from answers import COLUMNS, assert_problem, content, strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed
from proc_tree import KERNEL_THREAD_FLAG, ProcTree
from sums import AVERAGES, answers_of_one_sample, ledger_sum, total, weighted

SUBTREE = ["subtree_user_avg", "subtree_sys_avg"]
PARTS = {"subtree_user_avg": ["user_avg", "children_user_avg"], "subtree_sys_avg": ["sys_avg", "children_sys_avg"]}


@pytest.fixture(scope="module")
def brisk():
    """A short window, so that averages follow what a test does."""
    with Server("--interval", "0.5", "--window", "5") as running:
        # The first sample has no averages.
        wait_until(lambda: float(running.request("/cpu_usage?limit=1").headers["X-Window-Seconds"] or 0) > 2)
        yield running


def assert_tree(rows: list, window: float):
    """The rows are depth-first, and each subtree is the sum of its rows."""
    path: list[dict] = []
    below: dict[int, list[dict]] = {row["pid"]: [] for row in rows}
    for row in rows:
        assert row["depth"] <= len(path), "a row is at most one deeper than the one before it"
        del path[row["depth"]:]
        if path:
            assert row["ppid"] == path[-1]["pid"]
        else:
            assert row["ppid"] not in below or row["pid"] == 1
        path.append(row)
        for ancestor in path:
            below[ancestor["pid"]].append(row)
    for row in rows:
        members = below[row["pid"]]
        youngest = min((one["window_seconds"] for one in members if one["window_seconds"]), default=window)
        for field in SUBTREE:
            own = total(weighted(member, part, window) for member in members for part in PARTS[field])
            if own is None:
                assert row[field] is None
            else:
                slack = 0.006 * (2 * len(members) + 1) + 0.01 * own / youngest
                assert row[field] == pytest.approx(own, abs=slack)


def subtree(row: dict) -> float | None:
    return total(row[field] for field in SUBTREE)


def test_rows_are_depth_first_and_subtrees_are_sums(brisk):
    table, answer = answers_of_one_sample(brisk, "/cpu_usage?fields=pid", "/cpu_usage?tree=1&fields=all")
    rows = strict_json(answer.body)
    assert sorted(row["pid"] for row in rows) == sorted(row["pid"] for row in strict_json(table.body))
    assert_tree(rows, float(answer.headers["X-Window-Seconds"]))
    siblings: dict[tuple, list] = {}
    pids = {row["pid"] for row in rows}
    for row in rows:
        siblings.setdefault(row["ppid"] if row["ppid"] in pids else None, []).append(subtree(row))
    for values in siblings.values():
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known))
        assert all(after <= before + 0.021 for before, after in zip(known, known[1:], strict=False))


def test_the_default_columns(brisk):
    for row in brisk.json("/cpu_usage?tree=1"):
        assert list(row) == [*COLUMNS, "depth", *SUBTREE]


def test_a_child_is_below_its_parent(brisk):
    with children.burner() as burner:
        rows = wait_until(lambda: (found := {row["pid"]: row for row in brisk.json("/cpu_usage?tree=1&fields=all")})
                          and burner.pid in found and (found[burner.pid]["subtree_user_avg"] or 0) > 10 and found)
        parent, child = rows[os.getpid()], rows[burner.pid]
        assert child["depth"] == parent["depth"] + 1
        assert parent["subtree_user_avg"] >= child["subtree_user_avg"]


def test_all_roots_together_agree_with_the_ledger(brisk):
    with children.burner(), children.system_burner():
        def agree():
            answer, system = answers_of_one_sample(brisk, "/cpu_usage?tree=1&fields=all", "/system")
            rows, system = strict_json(answer.body), strict_json(system.body)
            roots = [row for row in rows if row["depth"] == 0]
            kernel = sum(subtree(row) or 0 for row in roots if row["kernel"])
            others = sum(subtree(row) or 0 for row in roots if not row["kernel"])
            # What was cut off the parts is in neither of them.
            excess = ledger_sum(system, "excess")
            expected = ledger_sum(system, "processes", "ended_children")
            assert kernel == pytest.approx(ledger_sum(system, "kernel_threads"), abs=0.5 + excess)
            return others > 50 and others == pytest.approx(expected, rel=0.01, abs=excess)
        wait_until(agree)


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    tree.put(2, name=b"kthreadd", ppid=0, flags=KERNEL_THREAD_FLAG)
    return tree


def pids(server, query: str = "tree=1") -> list[int]:
    return [row["pid"] for row in server.json(f"/cpu_usage?{query}")]


def test_loops_are_cut_and_each_process_occurs_once(tree):
    for pid, parent in [(10, 11), (11, 12), (12, 10), (13, 12), (20, 20), (30, 99), (31, 30), (40, 2)]:
        tree.put(pid, ppid=parent)
    with Server("--proc", str(tree.root)) as server:
        assert pids(server) == [1, 2, 40, 10, 12, 11, 13, 20, 30, 31]
        rows = server.json("/cpu_usage?tree=1&fields=pid,ppid,depth")
        assert len(rows) == len({row["pid"] for row in rows}) == 10
        depths = {row["pid"]: row["depth"] for row in rows}
        assert depths == {1: 0, 2: 0, 40: 1, 10: 0, 12: 1, 11: 2, 13: 2, 20: 0, 30: 0, 31: 1}


def test_a_long_chain_is_listed(tree):
    """Each process has one child; a recursive walk would use a frame for each."""
    count = 3000
    for pid in range(3, count):
        tree.put(pid, ppid=pid - 1 if pid > 3 else 1)
    with Server("--proc", str(tree.root), "--interval", "60") as server:
        rows = server.json("/cpu_usage?tree=1&fields=pid,depth")
        chain = [row for row in rows if row["pid"] != 2]
        assert [row["pid"] for row in chain] == [1, *range(3, count)]
        assert [row["depth"] for row in chain] == list(range(len(chain)))


def test_matching_rows_keep_their_ancestors(tree):
    tree.put(5, name=b"shell", ppid=1)
    tree.put(6, name=b"make", ppid=5)
    tree.put(7, name=b"cc1", ppid=6)
    tree.put(8, name=b"other", ppid=5)
    with Server("--proc", str(tree.root), "--interval", "60") as server:
        for query in ("filter=cc1", "filter=name+%3D+cc1", "name=cc1"):
            rows = server.json(f"/cpu_usage?tree=1&{query}&fields=pid,depth,matched")
            assert rows == [
                {"pid": 1, "depth": 0, "matched": False}, {"pid": 5, "depth": 1, "matched": False},
                {"pid": 6, "depth": 2, "matched": False}, {"pid": 7, "depth": 3, "matched": True}], query
        assert pids(server, "tree=1&filter=nothing-has-this") == []
        assert pids(server, "tree=1&limit=3&sort=pid") == [1, 5, 6]
        assert pids(server, "tree=1&sort=name&order=desc") == [2, 1, 5, 8, 6, 7]


@pytest.mark.parametrize(("query", "mention"), [
    ("tree=2", "0 or 1"), ("tree=", "0 or 1"), ("tree=1&fields=processes", "with tree=1, fields accepts"),
    ("tree=1&sort=processes", "with tree=1, sort accepts"), ("tree=1&group=name", "exclude each other"),
    ("fields=depth", "fields accepts"), ("sort=subtree_user_avg", "sort accepts"),
])
def test_a_mistake_is_named(brisk, query, mention):
    assert_problem(brisk.request(f"/cpu_usage?{query}"), 400, mention)


def test_tree_0_is_the_table(frozen):
    assert frozen.request("/cpu_usage?tree=0").body == frozen.request("/cpu_usage").body


def test_head_gzip_and_etag_are_those_of_the_table(frozen):
    plain = frozen.request("/cpu_usage?tree=1")
    packed = frozen.request("/cpu_usage?tree=1", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert content(packed) == plain.body
    head = frozen.request("/cpu_usage?tree=1", method="HEAD")
    assert head.headers["Content-Length"] == str(len(plain.body))
    assert frozen.request("/cpu_usage?tree=1", headers={"If-None-Match": plain.headers["ETag"]}).status == 304


def test_the_past_has_a_tree(tmp_path):
    with Server(*QUICK, "--window", "2", data=tmp_path) as server, children.burner():
        ever_flushed(server)
        wait_until(lambda: server.json("/cpu_usage?min_cpu=50"))
        moment = server.request("/cpu_usage").headers["X-Sampled-At"]
        wait_until(lambda: server.request(f"/cpu_usage?at={moment}").headers["X-Sampled-At"] == moment)
        answer = server.request(f"/cpu_usage?at={moment}&tree=1&fields=all")
        rows = strict_json(answer.body)
        assert_tree(rows, float(answer.headers["X-Window-Seconds"]))
        assert sum(total(row[field] for field in AVERAGES) or 0 for row in rows) > 10
        assert sorted(row["pid"] for row in rows) == sorted(
            row["pid"] for row in server.json(f"/cpu_usage?at={moment}&fields=pid"))
