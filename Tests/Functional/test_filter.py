"""/cpu_usage?filter=: the rows are those that pass."""

import os
import random
import re
from contextlib import ExitStack
from urllib.parse import quote

import children
import pytest
from answers import assert_problem, content, strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed
from proc_tree import ProcTree
from sums import answers_of_one_sample, assert_groups

NUMBERS = ["pid", "ppid", "uid", "threads", "rss_bytes", "user_avg", "sys_avg", "user_now", "sys_now",
           "children_user_avg"]
TEXTS = ["name", "program", "status", "user"]
PATTERNS = ["^[a-k]", "s", "d$", r"\d", "^.{1,6}$", "(?i)S.*H"]
COMPARISONS = {
    "<": lambda left, right: left < right, "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right, ">=": lambda left, right: left >= right,
    ">": lambda left, right: left > right,
}


def path(text: str, more: str = "") -> str:
    return f"/cpu_usage?filter={quote(text, safe='')}{more}"


# MARK: - Random filters, as text and as a function

def number(dice: random.Random, rows: list):
    field = dice.choice(NUMBERS)
    value = dice.choice([row[field] for row in rows if row[field] is not None] or [0])
    sign = dice.choice([*COMPARISONS, "!="])
    if sign == "!=":
        return f"{field} != {value}", lambda row: row[field] is None or row[field] != value
    return f"{field} {sign} {value}", lambda row: row[field] is not None and COMPARISONS[sign](row[field], value)


def text(dice: random.Random, rows: list):
    field = dice.choice(TEXTS)
    value = dice.choice(rows)[field] or ""
    if dice.random() < 0.4 and field != "status":
        pattern = dice.choice(PATTERNS)
        return f'{field} ~ "{pattern}"', lambda row: re.search(pattern, row[field] or "") is not None
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if dice.random() < 0.5:
        return f"{field} != {quoted}", lambda row: (row[field] or "") != value
    return f"{field} = {quoted}", lambda row: (row[field] or "") == value


def word(dice: random.Random, rows: list):
    part = dice.choice(["a", "SH", "k", "python", "0", "worker"])
    return f'"{part}"', lambda row: any(part.lower() in row[field].lower() for field in ("name", "program"))


def expression(dice: random.Random, rows: list, depth: int = 3):
    kind = dice.random()
    if depth == 0 or kind < 0.3:
        if dice.random() < 0.1:
            return "kernel", lambda row: row["kernel"]
        return dice.choice([number, number, text, text, word])(dice, rows)
    if kind < 0.45:
        inner, holds = expression(dice, rows, depth - 1)
        return f"not ({inner})", lambda row: not holds(row)
    parts = [expression(dice, rows, depth - 1) for _ in range(dice.choice([2, 3]))]
    name, combine = dice.choice([("and", all), ("or", any)])
    return (f" {name} ".join(f"({part})" for part, _ in parts),
            lambda row: combine(holds(row) for _, holds in parts))


@pytest.fixture(scope="module")
def steady():
    """Slow enough that several requests fall into one sample."""
    with Server("--interval", "2", "--window", "10") as running:
        wait_until(lambda: int(running.request("/cpu_usage?limit=1").headers["X-Sequence"]) >= 2)
        yield running


@pytest.mark.parametrize("seed", range(20))
def test_random_filters_choose_what_python_chooses(steady, seed):
    # Values of an earlier sample are as good as any others.
    rows = steady.json("/cpu_usage?fields=all")
    dice = random.Random(seed)
    chosen, holds = expression(dice, rows)
    whole, some = answers_of_one_sample(steady, "/cpu_usage?fields=all", path(chosen, "&fields=all"))
    expected = [row for row in strict_json(whole.body) if holds(row)]
    assert strict_json(some.body) == expected, chosen


# MARK: - Examples

def test_a_word_is_part_of_the_name(quick):
    name = children.unique_name().decode()
    with children.named(name.encode()) as child:
        rows = wait_until(lambda: quick.json(path(name.upper())))
        assert [row["pid"] for row in rows] == [child.pid]
        assert quick.json(path(f"{name} and cpu_now > 90")) == []
        assert [row["pid"] for row in quick.json(path(f"pid = {child.pid} and parent = {os.getpid()}"))] == [child.pid]
        assert [row["pid"] for row in quick.json(path(f"{name} and age < 5m and rss > 1MiB"))] == [child.pid]
        assert quick.json(path(f"{name} and age > 5m")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="it gives a folder to another user")
def test_the_first_answer_knows_the_names_of_users(tmp_path):
    """They are looked up on request, and a filter that saw numbers would choose no row."""
    for query in ("filter=user+%3D+root", "group=user&filter=user+%3D+root&fields=user"):
        tree = ProcTree(tmp_path / query[:5])
        tree.put(1, name=b"init", ppid=0, uid=0)
        tree.put(7, uid=54321)
        os.chown(tree.root / "7", 54321, 0)
        with Server("--proc", str(tree.root), "--interval", "60") as server:
            assert len(server.json(f"/cpu_usage?{query}")) == 1


def test_an_empty_filter_is_none(frozen):
    assert frozen.request("/cpu_usage?filter=").body == frozen.request("/cpu_usage").body


def test_filter_goes_with_the_other_parameters(steady):
    whole, some = answers_of_one_sample(
        steady, "/cpu_usage?fields=pid,kernel,threads&sort=threads",
        path("not kernel and threads >= 2", "&fields=pid,kernel,threads&sort=threads&limit=3"))
    expected = [row for row in strict_json(whole.body) if not row["kernel"] and row["threads"] >= 2][:3]
    assert strict_json(some.body) == expected


def test_a_filter_chooses_processes_before_they_are_grouped(steady):
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(children.sleeper())
        chosen = "rss > 1MiB and not kernel"
        whole, groups = answers_of_one_sample(
            steady, path(chosen, "&fields=all"), path(chosen, "&group=user&fields=all"))
        assert_groups(strict_json(whole.body), strict_json(groups.body), "user", float(whole.headers["X-Window-Seconds"]))


def test_head_gzip_and_etag_are_those_of_the_table(frozen):
    where = path("not kernel")
    plain = frozen.request(where)
    packed = frozen.request(where, headers={"Accept-Encoding": "gzip"})
    assert content(packed) == plain.body
    assert frozen.request(where, method="HEAD").headers["Content-Length"] == str(len(plain.body))
    assert frozen.request(where, headers={"If-None-Match": plain.headers["ETag"]}).status == 304


def test_the_past_is_filtered(tmp_path):
    with Server(*QUICK, "--window", "2", data=tmp_path) as server, children.burner() as burner:
        ever_flushed(server)
        wait_until(lambda: server.json(path(f"pid = {burner.pid} and cpu > 50")))
        moment = server.request("/cpu_usage").headers["X-Sampled-At"]
        wait_until(lambda: server.request(f"/cpu_usage?at={moment}").headers["X-Sampled-At"] == moment)
        at = f"&at={moment}"
        rows = server.json(path("cpu > 20 and user = root", at))
        user = "root" if os.geteuid() == 0 else None
        assert (burner.pid in [row["pid"] for row in rows]) == (user == "root")
        assert [row["pid"] for row in server.json(path(f"pid = {burner.pid} or pid = {os.getpid()}", at))] == [
            burner.pid, os.getpid()]
        assert_problem(server.request(path("cpu > high", at)), 400, "column 7")


# MARK: - Mistakes and limits

@pytest.mark.parametrize(("text", "column", "mention"), [
    ("cpu > high", 7, "number in percent"), ("cpu >", 6, "value after"), ("(cpu > 5", 9, "\")\" for column 1"),
    ("nonsense = 1", 1, "the fields are pid"), ("name = a or", 12, "comparison"), ("name ~ '['", 10, "regular expression"),
    ("cpu ~ 5", 5, "is a number"), ("status = asleep", 10, "disk-sleep"), ("cpu > 5 )", 9, "the end"),
    ("rss > 5 MiBs", 9, "\"and\""), (" or ".join(["a"] * 33), 161, "at most 32"), ("(" * 17 + "a" + ")" * 17, 17, "16 deep"),
    ("a" * 513, 513, "512 characters"),
])
def test_a_mistake_has_its_column(frozen, text, column, mention):
    for more in ("", "&group=name", "&tree=1"):
        assert_problem(frozen.request(path(text, more)), 400, "filter=", f"column {column}: ", mention)


def test_expressions_may_not_take_too_much_memory(frozen):
    large = " and ".join(["name ~ '(abc[xyz]){400}'"] * 4)
    assert_problem(frozen.request(path(large)), 400, "column ", "at most 64 KiB")


def test_a_catastrophic_expression_is_a_mistake(tmp_path):
    """It would take hours; the limit of the request's client is ten seconds."""
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    for pid in range(2, 100):
        tree.put(pid, name=b"a" * 15)
    with Server("--proc", str(tree.root), "--interval", "0.5") as server:
        where = path("name ~ '^((a|a|a)(a|a|a)*)*[bc]'")
        for more in ("", "&group=name", "&tree=1"):
            response = server.request(where + more)
            assert_problem(response, 400, "column 8", "10,000,000 steps")
            assert "ETag" not in response.headers
            packed = server.request(where + more, headers={"Accept-Encoding": "gzip"})
            assert_problem(packed, 400, "column 8")
        assert len(server.json(path("name ~ '^a+$'"))) == 98
        moment = server.request("/cpu_usage").headers["X-Sampled-At"]
        wait_until(lambda: server.request(f"/cpu_usage?at={moment}").headers["X-Sampled-At"] == moment)
        assert_problem(server.request(f"{where}&at={moment}"), 400, "column 8", "10,000,000 steps")
