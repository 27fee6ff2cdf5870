"""Groups and sums of the rows of /cpu_usage, computed here."""

from __future__ import annotations

from collections import defaultdict

from answers import strict_json
from harness import wait_until

AVERAGES = ["user_avg", "sys_avg", "children_user_avg", "children_sys_avg"]
NEWEST = ["user_now", "sys_now", "children_user_now", "children_sys_now"]
AMOUNTS = ["threads", "rss_bytes"]
# The fields that have the keys of groups.
FIELDS = {"program": "program", "name": "name", "user": "user", "unit": "unit", "container": "container", "pod": "pod",
          "cgroup": "cgroup", "state": "status"}


def answers_of_one_sample(server, *paths: str) -> list:
    """The responses to several requests from the same sample."""

    def same():
        responses = [server.request(path) for path in paths]
        found = {response.headers["X-Sequence"] or strict_json(response.body)["sequence"] for response in responses}
        return responses if len({int(number) for number in found}) == 1 else None

    return wait_until(same)


def total(values) -> float | None:
    """The sum of the known values; None if there is none."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def weighted(row: dict, field: str, window: float) -> float | None:
    """What an average of a row adds to that of the whole window."""
    if row[field] is None:
        return None
    return row[field] * min(1, row["window_seconds"] / window)


def groups_of(rows: list, grouping: str, window: float) -> dict:
    """The groups by key; numbers are those of the rows, which have two decimals."""
    members = defaultdict(list)
    for row in rows:
        key = row[FIELDS[grouping]]
        members[str(row["uid"]) if grouping == "user" and key is None else key].append(row)
    return {key: {
        "processes": len(rows), "pids": {row["pid"] for row in rows},
        "youngest": min((row["window_seconds"] for row in rows if row["window_seconds"]), default=window),
        **{field: total(weighted(row, field, window) for row in rows) for field in AVERAGES},
        **{field: total(row[field] for row in rows) for field in NEWEST + AMOUNTS},
    } for key, rows in members.items()}


def assert_groups(rows: list, groups: list, grouping: str, window: float):
    """The groups are those of the rows, to the precision of two decimals of each row."""
    expected = groups_of(rows, grouping, window)
    assert {group[grouping] for group in groups} == set(expected)
    assert len(groups) == len(expected), "a key occurs once"
    for group in groups:
        own = expected[group[grouping]]
        assert group["processes"] == own["processes"]
        assert set(group["pids"]) <= own["pids"]
        assert len(group["pids"]) == min(10, own["processes"])
        for field in AMOUNTS:
            assert group[field] == own[field], (field, group)
        for field in AVERAGES + NEWEST:
            if own[field] is None:
                assert group[field] is None, (field, group)
            else:
                # Windows have two decimals too, which matters most for a young process.
                slack = 0.006 * (1 + own["processes"]) + 0.01 * own[field] / own["youngest"]
                assert abs(group[field] - own[field]) <= slack, (field, group, own)


def ledger_sum(system: dict, *parts: str) -> float:
    ledger = system["ledger"]["window"]
    return sum(ledger[f"{part}_percent"] for part in parts)


def assert_order(rows: list, key):
    """Descending, and the unknown last."""
    values = [key(row) for row in rows]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known))
    # The server sorts before it rounds.
    assert all(after <= before + 0.05 for before, after in zip(known, known[1:], strict=False)), known
