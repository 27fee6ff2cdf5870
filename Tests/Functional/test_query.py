"""The parameters of /cpu_usage: what each filters, and what each refuses."""

import os
from urllib.parse import quote

import children
import pytest
from answers import ALL_COLUMNS, assert_problem, next_snapshot, strict_json
from harness import wait_until

BAD_QUERIES = [
    ("fields=", "fields"),
    ("fields=pid,nonsense", "fields"),
    ("fields=pid,,name", "fields"),
    ("fields=PID", "fields"),
    ("sort=nonsense", "sort"),
    ("sort=", "sort"),
    ("order=up", "order"),
    ("order=", "order"),
    ("limit=0", "limit"),
    ("limit=-1", "limit"),
    ("limit=1.5", "limit"),
    ("limit=ten", "limit"),
    ("limit=", "limit"),
    ("limit=%201", "limit"),
    ("limit=0x10", "limit"),
    ("status=asleep", "status"),
    ("status=running,", "status"),
    ("status=", "status"),
    ("min_cpu=-1", "min_cpu"),
    ("min_cpu=much", "min_cpu"),
    ("min_cpu=nan", "min_cpu"),
    ("min_cpu=inf", "min_cpu"),
    ("min_cpu=1e999", "min_cpu"),
    ("min_cpu=", "min_cpu"),
    ("scale=cpu", "scale"),
    ("scale=", "scale"),
    ("colour=red", "colour"),
    ("Limit=1", "Limit"),
    ("limit=1&limit=2", "limit"),
    ("limit=1&limit=1", "limit"),
    ("sort=pid&order=asc&sort=pid", "sort"),
]


@pytest.mark.parametrize(("query", "parameter"), BAD_QUERIES)
def test_bad_parameter_is_refused_by_name(frozen, query, parameter):
    assert_problem(frozen.request(f"/cpu_usage?{query}"), 400, parameter)


@pytest.mark.parametrize(("query", "accepted"), [
    ("fields=nonsense", "user_avg"), ("sort=nonsense", "rss_bytes"), ("order=up", "asc"),
    ("limit=0", "1"), ("status=asleep", "disk-sleep"), ("min_cpu=-1", "0"), ("scale=cpu", "host"),
    ("colour=red", "min_cpu"),
])
def test_refusal_says_what_is_accepted(frozen, query, accepted):
    assert_problem(frozen.request(f"/cpu_usage?{query}"), 400, accepted)


@pytest.mark.parametrize("query", ["name=%zz", "name=%", "name=%0", "%zz=1"])
def test_bad_escape_in_the_query_is_refused(frozen, query):
    assert_problem(frozen.request(f"/cpu_usage?{query}"), 400)


def test_a_hostile_parameter_comes_back_as_valid_json(frozen):
    response = frozen.request('/cpu_usage?' + quote('<b>"\n\x7f\u202e') + '=1')
    assert_problem(response, 400)


@pytest.mark.parametrize("fields", ["pid", "name,pid", "status,user_avg,pid", ",".join(ALL_COLUMNS)])
def test_fields_selects_columns_in_the_requested_order(frozen, fields):
    for row in frozen.json(f"/cpu_usage?fields={fields}"):
        assert list(row) == fields.split(",")


def test_fields_all_is_every_column(frozen):
    assert (frozen.json("/cpu_usage?fields=all")
            == frozen.json(f"/cpu_usage?fields={','.join(ALL_COLUMNS)}"))


@pytest.mark.parametrize("field", ALL_COLUMNS)
def test_sort_orders_by_any_field_both_ways(quick, field):
    next_snapshot(quick)
    for order in ("asc", "desc"):
        response = quick.request(f"/cpu_usage?fields=all&sort={field}&order={order}")
        values = [row[field] for row in strict_json(response.body)]
        known = [value for value in values if value is not None]
        assert values == known + [None] * (len(values) - len(known)), "null comes last"
        assert known == sorted(known, reverse=order == "desc")


def test_ties_are_in_order_of_pid(frozen):
    for order in ("asc", "desc"):
        rows = frozen.json(f"/cpu_usage?fields=pid,kernel&sort=kernel&order={order}")
        for kernel in (True, False):
            pids = [row["pid"] for row in rows if row["kernel"] is kernel]
            assert pids == sorted(pids)


def test_order_without_sort_reverses_cpu(quick):
    """Compares only these two processes, because other work on the machine is unknown."""
    with children.named(b"turned round") as idle, children.named(b"turned round", children.BURN) as busy:
        # A sweep may have seen either before it was renamed.
        wait_until(lambda: len(quick.json("/cpu_usage?name=turned+round")) == 2)
        wait_until(lambda: len(quick.json("/cpu_usage?name=turned+round&min_cpu=1")) == 1)
        for order, expected in (("", [busy, idle]), ("&order=desc", [busy, idle]),
                                ("&order=asc", [idle, busy])):
            rows = quick.json(f"/cpu_usage?name=turned+round{order}")
            assert [row["pid"] for row in rows] == [child.pid for child in expected]


@pytest.mark.parametrize("limit", [1, 3, 1_000_000])
def test_limit_keeps_the_first_rows(frozen, limit):
    whole = frozen.json()
    assert frozen.json(f"/cpu_usage?limit={limit}") == whole[:limit]


def test_name_finds_a_part_in_any_case(quick):
    with children.named(b"Quaint Zebra") as child:
        # A sweep may have seen it before it was renamed.
        wait_until(lambda: "Quaint Zebra" in [row["name"] for row in quick.json("/cpu_usage")])
        for wanted in ("quaint%20z", "ZEBRA", "Quaint+Zebra", "t%20Z"):
            rows = quick.json(f"/cpu_usage?name={wanted}")
            assert [row["pid"] for row in rows] == [child.pid], wanted
        assert quick.json("/cpu_usage?name=quaint%20zebras") == []


def test_name_beyond_ascii(quick):
    with children.named("Größe".encode()) as child:
        wait_until(lambda: [row["pid"] for row in quick.json(f"/cpu_usage?name={quote('größ')}")]
                   == [child.pid])


def test_status_keeps_the_words_given(quick):
    with children.zombie() as zombie:
        wait_until(lambda: any(row["pid"] == zombie.pid
                               for row in quick.json("/cpu_usage?status=zombie")))
        both = quick.json("/cpu_usage?status=zombie,sleeping")
        assert {row["status"] for row in both} == {"zombie", "sleeping"}
        only = quick.json("/cpu_usage?status=zombie")
        assert only and {row["status"] for row in only} == {"zombie"}


def test_min_cpu_keeps_the_busy(quick):
    with children.burner() as burner:
        rows = wait_until(lambda: quick.json("/cpu_usage?min_cpu=5.5&fields=pid,user_avg,sys_avg"))
        wait_until(lambda: burner.pid in [row["pid"] for row in quick.json("/cpu_usage?min_cpu=5.5")])
        assert all(row["user_avg"] + row["sys_avg"] >= 5.49 for row in rows)
        assert os.getpid() not in [row["pid"] for row in quick.json("/cpu_usage?min_cpu=90000")]


def test_min_cpu_counts_a_missing_value_as_zero(frozen):
    assert frozen.json("/cpu_usage?min_cpu=0") == frozen.json()
    assert frozen.json("/cpu_usage?min_cpu=0.01") == []


def test_scale_host_divides_by_the_cpu_count(quick):
    """Both answers must be of one sweep, so the requests are repeated until their sequence is the same."""
    next_snapshot(quick)
    with children.burner() as burner:
        wait_until(lambda: any(row["pid"] == burner.pid
                               for row in quick.json("/cpu_usage?min_cpu=5")))

        def pair():
            core, host = (quick.request(f"/cpu_usage?fields=all&sort=pid&scale={scale}")
                          for scale in ("core", "host"))
            same = core.headers["X-Sequence"] == host.headers["X-Sequence"]
            return (strict_json(core.body), strict_json(host.body)) if same else None

        core, host = wait_until(pair)
    assert [row["pid"] for row in core] == [row["pid"] for row in host]
    for whole, share in zip(core, host):
        for column in ("user_avg", "sys_avg", "user_now", "sys_now", "children_user_avg",
                       "children_sys_avg"):
            assert abs(share[column] * os.cpu_count() - whole[column]) <= 0.0051 * (os.cpu_count() + 1)


def test_parameters_work_together(quick):
    next_snapshot(quick)
    rows = quick.json("/cpu_usage?fields=pid,status&sort=pid&order=desc&limit=2&status=sleeping")
    assert len(rows) == 2
    assert rows[0]["pid"] > rows[1]["pid"]
    assert {row["status"] for row in rows} == {"sleeping"}


@pytest.mark.parametrize("query", ["fields=" + "nope," * 2000, "sort=" + "x" * 9000, "x" * 9000 + "=1"])
def test_an_error_repeats_little_of_a_long_query(server, query):
    response = server.request(f"/cpu_usage?{query}")
    assert response.status == 400
    assert len(response.body) < 1500
