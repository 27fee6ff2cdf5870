"""The faults that the history survives: kills, full and read-only disks, damaged and foreign files, a second server."""

import math
import random
import sqlite3
import struct
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from answers import strict_json
from harness import Server, wait_until
from past import QUICK, ever_flushed, export, flushed, recorder, seconds, stop, when_recorder
from preloaded import library

KILLS = 100
# Kills, each in a separate folder.
PARTS = 4
OUR_APPLICATION_ID = 0x746F7073


def connect(file: Path):
    return closing(sqlite3.connect(file))


def assert_sound(file: Path):
    with connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def sampled_at(server) -> str:
    return server.request("/cpu_usage?limit=1").headers["X-Sampled-At"]


def assert_kept(server, moment: str):
    """Waits until the table of the moment is recorded: at most five seconds after it was live."""
    end = time.monotonic() + 5
    while True:
        response = server.request(f"/cpu_usage?at={moment}")
        if response.headers["X-Sampled-At"] == moment or time.monotonic() > end:
            break
        time.sleep(0.02)
    assert response.status == 200, response.body
    assert response.headers["X-Sampled-At"] == moment


def assert_live(server):
    """Sampling and serving continue, regardless of the disk."""
    sequence = server.json("/system")["sequence"]
    wait_until(lambda: server.json("/system")["sequence"] > sequence + 1)
    assert server.request("/readyz").status == 200
    assert server.json("/cpu_usage")


def when_off(server, *mentions: str) -> dict:
    """The state once recording has stopped; it must say why."""
    state = when_recorder(server, lambda now: not now["recording"])
    assert state["switched_on"]
    for mention in mentions:
        assert mention in state["reason"], state["reason"]
    assert_live(server)
    return state


def when_on_again(server) -> dict:
    """The state once it records again and everything that it held is written."""
    when_recorder(server, lambda now: now["recording"])
    state = flushed(server)
    assert state["reason"] is None
    assert state["lost_samples"] == 0
    return state


# Kills.


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_hundred_kills_lose_nothing_that_was_flushed(tmp_path, part):
    """Each kill interrupts the writing at another point; the next run has every sample that was acknowledged."""
    safe: list[str] = []
    for _ in range(KILLS // PARTS):
        server = Server(*QUICK, data=tmp_path)
        try:
            ever_flushed(server)
            for moment in safe:
                assert_kept(server, moment)
            seen = set()
            end = time.monotonic() + random.uniform(0.1, 0.5)
            while time.monotonic() < end:
                seen.add(sampled_at(server))
                time.sleep(0.01)
            acknowledged = server.json("/start")["flushed_through"]
        finally:
            server.kill()
        safe = sorted(moment for moment in seen if moment <= acknowledged) + [acknowledged]
        assert_exported(tmp_path, safe)
        assert_sound(tmp_path / "history.db")
    assert not list(tmp_path.glob("*.damaged*"))


def assert_exported(folder: Path, moments: list[str]):
    """Rows are seconds, so the second that each sample measured must be there; its time is the end of that."""
    done = export("--from", f"{seconds(moments[0]) - 1}", "--to", moments[-1], "--series", "cpu_count",
                  data=folder)
    assert done.returncode == 0, done.stderr
    exported = {int(seconds(line.split(",")[0])) for line in done.stdout.splitlines()[1:]}
    assert {math.ceil(seconds(moment)) - 1 for moment in moments} <= exported


def test_a_kill_loses_one_batch_at_most(tmp_path):
    """A sample that is a whole flush interval older than the kill is there."""
    for _ in range(5):
        server = Server("--interval", "0.1", "--flush-interval", "0.5", data=tmp_path)
        try:
            ever_flushed(server)
            first = flushed(server)["flushed_through"]
            # `acknowledged` is the last batch before the kill, and `first` the one before it.
            acknowledged = when_recorder(server, lambda now: now["flushed_through"] > first)["flushed_through"]
            assert seconds(acknowledged) - seconds(first) < 5
            wait_until(lambda: seconds(sampled_at(server)) > seconds(acknowledged) + 0.3)
        finally:
            server.kill()
        with connect(tmp_path / "history.db") as database:
            (last,), = database.execute("SELECT max(last) FROM block")
        assert last / 1000 >= seconds(acknowledged) - 0.0005


# Disks.


@contextmanager
def small_disk(folder: Path, megabytes: int = 3):
    """A separate file system, which fills up quickly."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a disk of its own needs the right to mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, mode: str):
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


@contextmanager
def filled(folder: Path):
    """Not a byte is free within the block."""
    filler = folder / "filler"
    try:
        with open(filler, "wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue
        yield
    finally:
        filler.unlink()


def test_recording_resumes_after_a_full_disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        with Server(*QUICK, data=disk / "data", expected_log="not recording: .* is full") as server:
            ever_flushed(server)
            before = sampled_at(server)
            with filled(disk):
                state = when_off(server, "full", str(disk / "data" / "history.db"))
                held = sampled_at(server)
                assert held > state["flushed_through"]
                state = when_recorder(server, lambda now: now["held_samples"] > state["held_samples"])
                assert not state["recording"]
                assert_kept(server, held)
                assert_kept(server, before)
            when_on_again(server)
            after = sampled_at(server)
            flushed(server)
            for moment in (before, held, after):
                assert_kept(server, moment)
            answer = server.json(f"/history?from={before}&to={after}&step=1&series=cpu_count")
            assert None not in answer["series"]["cpu_count"][:-1], "no second is missing"
            assert "recording again" in server.log
        assert_exported(disk / "data", [before, held, after])
        assert_sound(disk / "data" / "history.db")


def test_a_disk_that_is_full_from_the_start(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        with filled(disk):
            server = Server(*QUICK, data=disk / "data", expected_log="not recording: ")
            with server:
                when_off(server, str(disk / "data"))
                held = sampled_at(server)
                (disk / "filler").write_bytes(b"")
                when_on_again(server)
                assert_kept(server, held)
        assert_sound(disk / "data" / "history.db")


def test_a_killed_server_on_a_full_disk_leaves_a_sound_file(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        server = Server(*QUICK, data=disk / "data")
        try:
            ever_flushed(server)
            with filled(disk):
                acknowledged = when_off(server)["flushed_through"]
                server.kill()
            assert_exported(disk / "data", [acknowledged])
            assert_sound(disk / "data" / "history.db")
        finally:
            server.kill()


def test_recording_resumes_after_a_read_only_disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        remount(disk, "ro")
        with Server(*QUICK, data=disk / "data", expected_log="not recording: ") as server:
            when_off(server, str(disk / "data"))
            held = sampled_at(server)
            assert_kept(server, held)
            remount(disk, "rw")
            when_on_again(server)
            assert_kept(server, held)
        assert_exported(disk / "data", [held])


def test_a_history_on_a_disk_that_became_read_only(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        with Server(*QUICK, data=disk) as server:
            flushed(server)
            before = sampled_at(server)
        remount(disk, "ro")
        with Server(*QUICK, data=disk, expected_log="not recording: ") as server:
            when_off(server, str(disk))
            remount(disk, "rw")
            when_on_again(server)
            assert_kept(server, before)
        assert_sound(disk / "history.db")


def test_a_folder_that_is_a_file(tmp_path):
    place = tmp_path / "data"
    place.write_text("a file")
    with Server(*QUICK, data=place, expected_log="not recording: ") as server:
        when_off(server, str(place))
        held = sampled_at(server)
        assert place.read_text() == "a file"
        place.unlink()
        when_on_again(server)
        assert_kept(server, held)


def test_a_folder_that_cannot_be_created(tmp_path):
    with Server(*QUICK, data=Path("/proc/nowhere"), expected_log="not recording: ") as server:
        when_off(server, "/proc/nowhere")
        assert_kept(server, sampled_at(server))


@contextmanager
def locked(file: Path):
    """No other process can write within the block."""
    with connect(file) as database:
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")


def test_a_slow_disk_loses_nothing(tmp_path):
    """A batch is being written while samples arrive, and while their block is completed."""
    with Server(*QUICK, data=tmp_path) as server:
        for _ in range(3):
            flushed(server)
            seen = {sampled_at(server)}
            with locked(tmp_path / "history.db"):
                end = time.monotonic() + 0.6
                while time.monotonic() < end:
                    seen.add(sampled_at(server))
                    time.sleep(0.02)
                # The recorder gets a sample a little later than a client that requests the newest one.
                assert_kept(server, max(seen))
                server.request("/stop")
            stop(server)
            for moment in seen:
                assert_kept(server, moment)
            server.request("/start")
    with Server(*QUICK, "--no-record", data=tmp_path) as server:
        for moment in seen:
            assert_kept(server, moment)


def test_recording_resumes_after_a_lock(tmp_path):
    with Server(*QUICK, data=tmp_path, expected_log="not recording: .*locked") as server:
        ever_flushed(server)
        with locked(tmp_path / "history.db"):
            when_off(server, str(tmp_path / "history.db"), "locked")
            held = sampled_at(server)
            assert_kept(server, held)
        when_on_again(server)
        assert_kept(server, held)


# Readers.


SMALL = 4 << 20


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("history.db*"))


@contextmanager
def reading(file: Path):
    """A program, for example a shell or a backup, reads within the block."""
    with connect(file) as database:
        database.isolation_level = None
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM block").fetchone()
        yield
        database.execute("COMMIT")


def test_a_reader_that_stays_does_not_make_the_log_exceed_the_limit(tmp_path):
    with Server(*QUICK, "--history-limit", "4MiB", data=tmp_path,
                expected_log="not recording: .*read transaction") as server:
        flushed(server)
        with reading(tmp_path / "history.db"):
            # It takes long until the file alone is so large.
            state = wait_until(lambda: not (now := recorder(server))["recording"] and now, timeout=120)
            for mention in ("another program", "read transaction", "--history-limit", str(SMALL), str(tmp_path / "history.db")):
                assert mention in state["reason"], state["reason"]
            assert state["switched_on"]
            held = sampled_at(server)
            later = when_recorder(server, lambda now: now["held_samples"] > state["held_samples"] + 5)
            assert on_disk(tmp_path) <= SMALL
            assert SMALL / 2 < later["size_bytes"] <= SMALL
            assert later["flushed_through"] == state["flushed_through"] < held
            assert_live(server)
            assert_kept(server, held)
        when_on_again(server)
        assert_kept(server, held)
        assert on_disk(tmp_path) <= SMALL
        assert server.log.count("not recording") == 1
    assert_exported(tmp_path, [held])
    assert_sound(tmp_path / "history.db")


def test_a_reader_of_the_past_does_not_stop_the_recorder(tmp_path):
    """Our own queries keep no transaction open, so the log stays small."""
    with Server(*QUICK, "--history-limit", "4MiB", data=tmp_path) as server:
        first = flushed(server)["flushed_through"]
        while seconds(flushed(server)["flushed_through"]) < seconds(first) + 5:
            assert server.request("/history?series=all&from=-1m").status == 200
            assert server.request("/explain").status == 200
            assert (tmp_path / "history.db-wal").stat().st_size <= 1 << 20
        assert recorder(server)["recording"]


# Files.


GARBAGE = b"This is not a database, but it is long enough to have the header of one. " * 200


def set_aside(folder: Path) -> Path | None:
    found = [path for path in folder.glob("history.db.damaged-*") if path.suffix not in (".db-wal", ".db-shm")
             and not path.name.endswith(("-wal", "-shm"))]
    assert len(found) <= 1
    return found[0] if found else None


def test_a_file_that_is_not_a_database_is_set_aside(tmp_path):
    (tmp_path / "history.db").write_bytes(GARBAGE)
    with Server(*QUICK, data=tmp_path, expected_log="the history was damaged") as server:
        ever_flushed(server)
        assert_live(server)
        assert_kept(server, sampled_at(server))
        kept = set_aside(tmp_path)
        assert kept and str(kept) in server.log
        assert kept.read_bytes() == GARBAGE
    assert_sound(tmp_path / "history.db")


def test_an_empty_file_counts_as_new(tmp_path):
    (tmp_path / "history.db").touch()
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
    assert set_aside(tmp_path) is None
    assert_sound(tmp_path / "history.db")


def recorded_file(folder: Path, length: float = 1.0) -> tuple[str, Path]:
    """A history of a finished run, and one of its samples."""
    with Server(*QUICK, data=folder) as server:
        flushed(server, time.time() + length)
        moment = sampled_at(server)
        flushed(server, seconds(moment))
    return moment, folder / "history.db"


@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_a_damaged_file_is_set_aside_at_the_start(tmp_path, damage):
    _, file = recorded_file(tmp_path)
    whole = file.read_bytes()
    broken = whole[:len(whole) // 2] if damage == "cut off" else (
        whole[:4096] + b"\xA5" * (len(whole) - 4096))
    file.write_bytes(broken)
    with Server(*QUICK, data=tmp_path, expected_log="the history was damaged") as server:
        when_recorder(server, lambda now: now["recording"] and set_aside(tmp_path))
        assert set_aside(tmp_path).read_bytes()[4096:] == broken[4096:]
        when_on_again(server)
        assert_kept(server, sampled_at(server))
    assert_sound(file)


def test_a_file_that_is_damaged_while_the_server_runs(tmp_path):
    """The server may notice late, because much of the file is in memory; then it sets it aside and records again."""
    recorded_file(tmp_path, 2)
    file = tmp_path / "history.db"
    with Server(*QUICK, data=tmp_path, expected_log="the history was damaged|not recording") as server:
        ever_flushed(server)
        with open(file, "r+b") as raw:
            raw.seek(4096)
            raw.write(b"\xA5" * (file.stat().st_size - 4096))
        # A client that queries the lost part gets an error, or what memory has.
        assert server.request("/history?series=all").status in (200, 400, 503)
        wait_until(lambda: set_aside(tmp_path))
        when_on_again(server)
        moment = sampled_at(server)
        flushed(server, seconds(moment))
        assert_kept(server, moment)
        assert server.request("/history").status == 200
    assert b"\xA5" * 4096 in set_aside(tmp_path).read_bytes()
    assert_sound(file)
    assert_exported(tmp_path, [moment])


@pytest.mark.parametrize("column", ["points", "series", "processes"])
def test_a_block_that_cannot_be_read_is_a_gap(tmp_path, column):
    """The pages of the file are sound, so SQLite does not notice; the rest of the history stays."""
    moment, file = recorded_file(tmp_path)
    with connect(file) as database:
        database.execute(f"UPDATE block SET {column} = x'0512345678'")
        database.commit()
    with Server(*QUICK, data=tmp_path) as server:
        ever_flushed(server)
        newer = sampled_at(server)
        flushed(server, seconds(newer))
        assert_kept(server, newer)
        answer = server.request("/history?from=-5m&series=cpu_count")
        assert answer.status == 200, answer.body
        assert set(strict_json(answer.body)["series"]["cpu_count"]) > {None}
        assert server.request(f"/cpu_usage?at={moment}").status in (200, 404)


def test_a_file_of_another_program_is_not_changed(tmp_path):
    file = tmp_path / "history.db"
    with connect(file) as database:
        database.execute("CREATE TABLE theirs (x)")
        database.execute("INSERT INTO theirs VALUES ('precious')")
        database.commit()
    before = file.read_bytes()
    with Server(*QUICK, data=tmp_path, expected_log="not recording: ") as server:
        when_off(server, str(file), "belongs to another program")
        assert file.read_bytes() == before
        held = sampled_at(server)
        assert_kept(server, held)
        file.rename(tmp_path / "theirs.db")
        when_on_again(server)
        assert_kept(server, held)
    assert (tmp_path / "theirs.db").read_bytes() == before
    assert_sound(file)


def test_a_file_of_a_newer_version_is_not_changed(tmp_path):
    moment, file = recorded_file(tmp_path)

    def set_version(version: int):
        with connect(file) as database:
            database.execute(f"PRAGMA user_version = {version}")

    with connect(file) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (OUR_APPLICATION_ID,)
        (ours,) = database.execute("PRAGMA user_version").fetchone()
    set_version(99)
    before = file.read_bytes()
    with Server(*QUICK, data=tmp_path, expected_log="not recording: ") as server:
        when_off(server, str(file), "format 99", "newer version")
        assert file.read_bytes() == before
        set_version(ours)
        when_on_again(server)
        assert_kept(server, moment)


def test_a_deleted_file_is_created_again(tmp_path):
    with Server(*QUICK, data=tmp_path, expected_log="was removed|not recording: ") as server:
        ever_flushed(server)
        for file in tmp_path.glob("history.db*"):
            file.rename(file.with_name(f"old-{file.name}"))
        wait_until((tmp_path / "history.db").exists)
        when_on_again(server)
        moment = sampled_at(server)
        flushed(server, seconds(moment))
        assert_kept(server, moment)
    assert_exported(tmp_path, [moment])
    assert_sound(tmp_path / "history.db")


# Two servers.


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_second_server_takes_over_when_the_first_exits(tmp_path, end):
    with Server(*QUICK, data=tmp_path) as first:
        with Server(*QUICK, data=tmp_path, expected_log="not recording: ") as second:
            when_off(second, str(tmp_path / "history.db"), "another server", f"pid {first.process.pid}")
            held = sampled_at(second)
            assert_kept(second, held)
            response = first.request("/cpu_usage?fields=pid,name,start_time")
            moment, live = response.headers["X-Sampled-At"], strict_json(response.body)
            flushed(first, seconds(moment))
            assert recorder(first)["recording"]
            if end == "stop":
                first.stop()
            else:
                first.process.kill()
                first.process.wait()
            when_on_again(second)
            assert_kept(second, held)
            # The two numbered their processes independently, and must not mix them up.
            then = second.json(f"/cpu_usage?at={moment}&fields=pid,name,start_time")
            assert sorted(then, key=str) == sorted(live, key=str)
        first.process.returncode = 0
    assert_sound(tmp_path / "history.db")


# Clocks.


class SteppedClock:
    """Moves the wall clock of a server while it runs."""

    def __init__(self, folder: Path):
        self.library, self.file = library("stepped_clock", folder), folder / "step"
        self.step(0)
        self.environment = {"LD_PRELOAD": str(self.library), "STEPPED_CLOCK": str(self.file)}

    def step(self, away: float):
        """Sets the clock this many seconds away from the true time."""
        self.away = away
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", int(away * 1e9)))

    def now(self) -> float:
        return time.time() + self.away


def collect(server, tables: dict, count: int = 12):
    """Live tables, by the time of their sample."""
    end = len(tables) + count

    def enough():
        response = server.request("/cpu_usage?fields=pid,name,status,start_time")
        tables[response.headers["X-Sampled-At"]] = sorted(strict_json(response.body), key=str)
        return len(tables) >= end
    wait_until(enough, interval=0.02)


def test_a_clock_that_is_moved_does_not_disturb_the_order(tmp_path):
    clock = SteppedClock(tmp_path)
    # Within the hour in which every sample is kept.
    steps = [0, 1800, -1200, -1190, 2400, -5]
    tables: dict[str, list] = {}
    stretches = []
    with Server(*QUICK, data=tmp_path / "data", environment=clock.environment) as server:
        for step in steps:
            clock.step(step)
            wait_until(lambda: abs(seconds(sampled_at(server)) - clock.now()) < 1)
            before = set(tables)
            collect(server, tables)
            stretches.append(sorted(set(tables) - before))
        assert_live(server)
        stop(server)
        assert_tables(server, tables)
    with Server(*QUICK, data=tmp_path / "data") as server:
        ever_flushed(server)
        assert_tables(server, tables)
        for stretch in stretches:
            answer = server.json(f"/history?from={stretch[0]}&to={stretch[-1]}&series=cpu_count&step=1")
            assert answer["times"] == sorted(set(answer["times"]))
            assert any(answer["series"]["cpu_count"])
    assert_sound(tmp_path / "data" / "history.db")
    done = export("--processes", "--from", "0", "--to", "9999999999", data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    lengths = [float(line.split(",")[1]) for line in done.stdout.splitlines()[1:]]
    assert lengths and all(0 <= length < 60 for length in lengths), "time is measured by another clock"
    with connect(tmp_path / "data" / "history.db") as database:
        blocks = database.execute("SELECT first, last FROM block ORDER BY id").fetchall()
    assert all(first <= last for first, last in blocks)


def assert_tables(server, tables: dict[str, list]):
    for moment, live in tables.items():
        response = server.request(f"/cpu_usage?at={moment}&fields=pid,name,status,start_time")
        assert response.status == 200, (moment, response.body)
        assert response.headers["X-Sampled-At"] == moment
        assert sorted(strict_json(response.body), key=str) == live, moment


def test_numbers_continue_when_the_clock_was_set_back_between_two_runs(tmp_path):
    clock = SteppedClock(tmp_path)
    tables: dict[str, list] = {}
    for step in (3600, -3600, 0):
        clock.step(step)
        with Server(*QUICK, data=tmp_path / "data", environment=clock.environment) as server:
            collect(server, tables)
            when_recorder(server, lambda now: now["flushed_through"])
    with Server(*QUICK, "--no-record", data=tmp_path / "data") as server:
        assert_tables(server, tables)
    with connect(tmp_path / "data" / "history.db") as database:
        order = [first for (first,) in database.execute("SELECT first FROM block ORDER BY id")]
    hours = [round((first / 1000 - time.time()) / 3600) for first in order]
    assert hours == sorted(hours, key=[1, -1, 0].index)
