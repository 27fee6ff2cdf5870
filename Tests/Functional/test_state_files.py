"""The files in the data folder: their modes, and what happens to files that cannot be used or written."""

import json
import stat
import time
from pathlib import Path

import pytest
from harness import Server, wait_until
from past import QUICK, ever_flushed, flushed, when_recorder
from preloaded import library

GARBAGE = b"This is not a database, but it is long enough to have the header of one. " * 200


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def with_umask(mask: int) -> tuple[str, ...]:
    """A wrapper: the server runs with another umask."""
    return ("sh", "-c", f"umask {mask:03o}" + ' && exec "$@"', "sh")


def stored_alert(rule: str = "long-gone") -> dict:
    """An alert that fired in the run before, of a rule that no longer exists: it ends at once, and that is stored."""
    now = time.time_ns()
    return {"id": 1, "rule": rule, "condition": "cpu above 90 %", "unit": "percent", "side": "above", "threshold": 0.9,
            "condition_since": now, "since": now, "first_value": 0.95, "worst_value": 0.99}


def alerts_file(folder: Path, **changes) -> Path:
    file = folder / "alerts.json"
    file.write_text(json.dumps({"version": 1, "next_id": 2, "firing": [stored_alert()], "history": []} | changes))
    return file


def ended(file: Path) -> bool:
    """Whether the alert of the run before is stored as resolved."""
    try:
        return json.loads(file.read_text())["firing"] == []
    except (FileNotFoundError, json.JSONDecodeError, NotADirectoryError):
        return False


# Their modes.


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777], ids=oct)
def test_only_the_owner_may_read_written_files(tmp_path, mask):
    folder = tmp_path / "made" / "data"
    (tmp_path / "made").mkdir()
    with Server(*QUICK, data=folder, wrapper=with_umask(mask)) as server:
        ever_flushed(server)
        found = modes(folder)
        assert {"history.db", "history.db-wal", "history.db-shm", "history.lock"} <= set(found)
        assert set(found.values()) == {0o600}, found
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        alerts_file(folder)
    with Server(*QUICK, data=folder, wrapper=with_umask(mask)) as server:
        wait_until(lambda: ended(folder / "alerts.json"))
        ever_flushed(server)
        assert set(modes(folder).values()) == {0o600}, modes(folder)


def test_open_files_of_an_earlier_version_are_closed(tmp_path):
    server = Server(*QUICK, data=tmp_path)
    ever_flushed(server)
    server.kill()
    alerts_file(tmp_path)
    (tmp_path / "fleet.json").write_text('{"version":1,"hosts":[]}')
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    assert (tmp_path / "history.db-wal").exists(), "a kill leaves the log"
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
        wait_until(lambda: ended(tmp_path / "alerts.json"))
        assert set(modes(tmp_path).values()) == {0o600}, modes(tmp_path)


def test_a_history_behind_a_link_stays_behind_it(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "large").mkdir()
    (tmp_path / "data" / "history.db").symlink_to(tmp_path / "large" / "store.db")
    for _ in range(2):
        with Server(*QUICK, data=tmp_path / "data") as server:
            state = flushed(server)
            assert (tmp_path / "data" / "history.db").is_symlink()
            found = modes(tmp_path / "large")
            assert set(found) == {"store.db", "store.db-wal", "store.db-shm"}
            assert set(found.values()) == {0o600}, found
            sizes = sum(path.stat().st_size for path in (tmp_path / "large").iterdir())
            assert 0 < state["size_bytes"] <= sizes


# Files that cannot be used.


def kept(folder: Path, name: str, kind: str = "unusable") -> list[Path]:
    return sorted(path for path in folder.glob(f"{name}.{kind}-*") if not path.name.endswith(("-wal", "-shm")))


@pytest.mark.parametrize("name", ["alerts.json", "fleet.json"])
@pytest.mark.parametrize("content", [
    b"no JSON", b"", b"\xff\xfe\x00", b'{"version":2,"of":"a newer program"}', b'{"version":1}', b"[]",
], ids=["text", "empty", "bytes", "newer", "incomplete", "foreign"])
def test_a_state_file_that_cannot_be_used_is_set_aside(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
        aside, = kept(tmp_path, name)
        assert aside.read_bytes() == content
        assert not (tmp_path / name).exists()
        assert str(aside) in server.log
        assert server.request("/alerts").status == server.request("/hosts").status == 200
    # The next run finds nothing wrong.
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
        assert kept(tmp_path, name) == [aside]
        assert "lost" not in server.log


def test_a_few_files_that_were_set_aside_are_kept(tmp_path):
    for number in range(6):
        (tmp_path / "alerts.json").write_text(f"number {number}")
        (tmp_path / "history.db").write_bytes(GARBAGE + str(number).encode())
        with Server(*QUICK, data=tmp_path, expected_log="the history was damaged") as server:
            ever_flushed(server)
            when_recorder(server, lambda now: now["recording"] and kept(tmp_path, "history.db", "damaged"))
            assert kept(tmp_path, "history.db", "damaged")[-1].read_bytes() == GARBAGE + str(number).encode()
    assert [path.read_text() for path in kept(tmp_path, "alerts.json")] == ["number 0", "number 1", "number 5"]
    found = [path.read_bytes()[len(GARBAGE):] for path in kept(tmp_path, "history.db", "damaged")]
    assert found == [b"0", b"1", b"5"]
    assert set(modes(tmp_path).values()) == {0o600}


# Files that cannot be written.


ALWAYS = """
defaults: false
rules:
  - name: always
    metric: memory
    above: 0.01%
    clear: 0.001%
    for: 0s
"""


def test_a_state_file_is_written_when_that_is_possible_again(tmp_path):
    """The folder cannot be created at first; nothing changes after that, and the file exists in the end."""
    place, rules = tmp_path / "data", tmp_path / "rules.yaml"
    place.write_text("a file")
    rules.write_text(ALWAYS)
    with Server(*QUICK, "--alerts", str(rules), data=place,
                expected_log="not recording: |cannot store alerts|alert always") as server:
        wait_until(lambda: "cannot store alerts" in server.log)
        place.unlink()
        wait_until((place / "alerts.json").exists, timeout=30)
        assert [alert["rule"] for alert in json.loads((place / "alerts.json").read_text())["firing"]] == ["always"]
        wait_until(lambda: "alerts are stored again" in server.log)
        assert server.log.count("cannot store") == 1, "one line, not one for each attempt"


def test_a_killed_server_leaves_a_whole_file(tmp_path):
    """Each kill comes while the file may be written; the result is the whole old or the whole new file."""
    for round_number in range(20):
        file = alerts_file(tmp_path)
        server = Server(*QUICK, data=tmp_path)
        try:
            time.sleep(round_number * 0.01)
        finally:
            server.kill()
        assert json.loads(file.read_text())["version"] == 1
    assert not kept(tmp_path, "alerts.json")
    with Server(*QUICK, data=tmp_path) as server:
        wait_until(lambda: ended(file))
        ever_flushed(server)
        assert not list(tmp_path.glob("alerts.json.*")), "drafts of killed runs are removed"


# Power cuts.


def test_a_renamed_file_is_synced_with_its_folder(tmp_path):
    """The content is on the disk before the file gets its name, and the name is on the disk afterwards."""
    notes, folder = tmp_path / "notes", tmp_path / "data"
    folder.mkdir()
    file = alerts_file(folder)
    (folder / "history.db").write_bytes(GARBAGE)
    environment = {"LD_PRELOAD": str(library("watched_files", tmp_path)), "WATCHED_FILES": str(notes)}
    with Server(*QUICK, data=folder, environment=environment, expected_log="the history was damaged") as server:
        ever_flushed(server)
        wait_until(lambda: ended(file))
    lines = [line.split(" ") for line in notes.read_text().splitlines()]
    renames = [(index, *line[1:]) for index, line in enumerate(lines) if line[0] == "rename"]
    targets = {Path(new).name.split("-")[0] for _, _, new in renames}
    assert {"alerts.json", "history.db.damaged"} <= targets
    for index, old, new in renames:
        if old.endswith(("-wal", "-shm")):
            continue
        assert ["sync", old] in lines[:index], f"{new} has its name before its content"
        after = lines[index + 1:]
        assert ["sync", str(folder)] in after, f"the name of {new} is not safe"
