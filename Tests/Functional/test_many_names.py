"""A machine with thousands of short-lived interfaces: what it shows, records and remembers is bounded."""

import sqlite3
from contextlib import closing

import pytest
from harness import Server, wait_until
from past import QUICK, flushed, when_recorder
from proc_tree import ProcTree, interface_line

SHOWN = 128
REMEMBERED = 512
HEAD = b"Inter-|   Receive |  Transmit\n face |bytes packets |bytes packets\n"


@pytest.fixture
def tree(tmp_path):
    made = ProcTree(tmp_path / "proc")
    made.put(1, name=b"init")
    return made


def put(tree, names, count: int):
    """Each interface has received bytes in proportion to its index in the list."""
    tree.write("net/dev", HEAD + interface_line(b"lo", [count] * 4, [count] * 4) + b"".join(
        interface_line(name.encode(), [count * place, count, 0, 0], [count, 0, 0, 0])
        for place, name in enumerate(names, 1)))


def serve(tree, folder, *arguments, **more):
    return Server("--proc", str(tree.root), *QUICK, *arguments, data=folder, **more)


def test_the_busiest_interfaces_are_shown_and_the_rest_is_summed_up(tree, tmp_path):
    names = [f"veth{number:05}" for number in range(5000)]
    put(tree, names, 1000)
    with serve(tree, tmp_path / "data") as server:
        wait_until(lambda: server.json("/system")["sequence"] > 2)
        for count in range(1100, 3000, 100):
            put(tree, names, count)
            sequence = server.json("/system")["sequence"]
            wait_until(lambda: server.json("/system")["sequence"] > sequence)
        assert len(server.request("/system").body) < 100_000
        system = server.json("/system")
        shown = system["network"]
        assert len(shown) == SHOWN + 1
        assert "lo" in [one["name"] for one in shown]
        others = shown[-1]
        assert (others["name"], others["count"]) == ("others", 5001 - SHOWN)
        put(tree, names, 4000)
        system = wait_until(lambda: (now := server.json("/system"))["network_total"]["receive_bytes_per_second"] and now)
        for key, total in system["network_total"].items():
            parts = sum(one[key] for one in system["network"] if one["name"] != "lo")
            assert parts == pytest.approx(total, rel=1e-6, abs=1), key
        # The recorder has the same names, and its numbers add up as well.
        state = flushed(server)
        history = server.json("/history?series=network*&from=-10s")["series"]
        received = {name: values for name, values in history.items() if name.endswith(".receive_bytes_per_second")}
        assert "network.others.receive_bytes_per_second" in received
        assert len(received) <= 2 * SHOWN + 2
        assert state["recording"]


def test_short_lived_interfaces_are_forgotten(tree, tmp_path):
    with serve(tree, tmp_path / "data", "--history-limit", "4MiB") as server:
        number = 0
        names = []
        for _ in range(25):
            names = [f"veth{number + place:05}" for place in range(100)]
            number += 100
            put(tree, names, 1000)
            sequence = server.json("/system")["sequence"]
            wait_until(lambda: server.json("/system")["sequence"] > sequence + 1)
        state = flushed(server)
        assert state["recording"] and state["size_bytes"] <= state["limit_bytes"]
        series = server.json("/history?series=network.*&from=-1s")["series"]
        known = {name.split(".")[1] for name in series}
        assert len(known) <= 2 * SHOWN + 2
    with closing(sqlite3.connect(tmp_path / "data" / "history.db")) as database:
        found = {name.split(".")[1] for (name,) in database.execute("SELECT name FROM series WHERE name LIKE 'network.%'")}
        assert len(found) <= REMEMBERED
        assert "others" in found


def test_a_file_with_a_hundred_thousand_names_keeps_its_blocks(tree, tmp_path):
    """An earlier version forgot no names, and deleted blocks for their sake."""
    folder = tmp_path / "data"
    put(tree, ["eth0"], 1000)
    with serve(tree, folder) as server:
        put(tree, ["eth0"], 2000)
        flushed(server)
    with closing(sqlite3.connect(folder / "history.db")) as database:
        (blocks,) = database.execute("SELECT count(*) FROM block").fetchone()
        (first,) = database.execute("SELECT min(first) FROM block").fetchone()
        eth0 = database.execute("SELECT id, name FROM series WHERE name LIKE 'network.eth0.%' ORDER BY id").fetchall()
        database.executemany(
            "INSERT INTO series (name, scale) VALUES (?, 1)",
            ((f"network.veth{number:06}.receive_{what}_per_second",)
             for number in range(25_000) for what in ("bytes", "packets", "errors", "drops")))
        database.execute("PRAGMA user_version = 2")
        database.execute("ALTER TABLE series DROP COLUMN ended")
        database.commit()
    assert (folder / "history.db").stat().st_size > 8 << 20
    with serve(tree, folder, "--history-limit", "4MiB") as server:
        put(tree, ["eth0"], 3000)
        flushed(server)
        state = when_recorder(server, lambda now: now["recording"] and now["size_bytes"] <= now["limit_bytes"])
        assert state["oldest"]
        put(tree, ["eth0"], 4000)
        flushed(server)
        response = server.request("/history?series=network.eth0.receive_bytes_per_second&from=-1h&step=1")
        assert response.status == 200
    with closing(sqlite3.connect(folder / "history.db")) as database:
        assert database.execute("SELECT count(*) FROM block").fetchone()[0] >= blocks
        assert database.execute("SELECT min(first) FROM block").fetchone()[0] == first
        (names,) = database.execute("SELECT count(*) FROM series WHERE name LIKE 'network.veth%'").fetchone()
        assert names <= REMEMBERED * 4
        # Its earlier records keep their names.
        assert eth0 == database.execute(
            "SELECT id, name FROM series WHERE name LIKE 'network.eth0.%' ORDER BY id").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
