"""`topserver history`: the record as CSV and as JSON Lines, with and without a running server."""

import csv
import io
import json
import time

import children
import pytest
from harness import Server, wait_until
from past import QUICK, export, flushed, seconds

PROCESS_COLUMNS = ["time", "seconds", "pid", "start_time", "name", "uid", "ppid", "user_seconds",
                   "system_seconds", "children_user_seconds", "children_system_seconds", "status"]
NASTY = b'a,"b"\'c d'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Some seconds of a machine with one busy process, whose name needs every kind of quoting."""
    data = tmp_path_factory.mktemp("export")
    with Server(*QUICK, data=data) as server, children.named(NASTY, children.BURN) as busy:
        flushed(server, time.time() + 3)
    return data, busy.pid


def rows_of_csv(text: str) -> list[dict]:
    """RFC 4180: lines end in CRLF, and every record has as many fields as the first."""
    assert text.endswith("\r\n")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names, *records = list(reader)
    assert all(len(record) == len(names) for record in records)
    return [dict(zip(names, record)) for record in records]


def rows_of_json(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def exported(folder, *arguments: str) -> str:
    done = export(*arguments, data=folder[0])
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_series_as_csv(folder):
    rows = rows_of_csv(exported(folder, "--from=-1h", "--series", "cpu.busy_percent,load.load_1"))
    assert 3 <= len(rows) <= 10
    assert list(rows[0]) == ["time", "cpu.busy_percent", "load.load_1"]
    times = [seconds(row["time"]) for row in rows]
    assert times == sorted(set(times))
    assert all(0 <= float(row["cpu.busy_percent"]) <= 100 for row in rows[1:])


def test_everything_is_exported_by_default(folder):
    rows = rows_of_csv(exported(folder))
    assert {"time", "cpu.busy_percent", "memory.used_percent", "processes.total"} <= set(rows[0])
    assert all(value == "" or float(value) is not None for row in rows
               for name, value in row.items() if name != "time")


def test_series_as_json_lines(folder):
    table = rows_of_csv(exported(folder, "--series", "cpu.*,cpu_count"))
    lines = rows_of_json(exported(folder, "--series", "cpu.*,cpu_count", "--format", "jsonl"))
    assert [line["time"] for line in lines] == [row["time"] for row in table]
    for line, row in zip(lines, table):
        assert list(line) == list(row)
        for name, value in line.items():
            assert name == "time" or (row[name] == "" if value is None else float(row[name]) == value)


def test_parts_and_a_step(folder):
    fine = rows_of_json(exported(folder, "--series", "cpu_count", "--format", "jsonl"))
    coarse = rows_of_json(exported(folder, "--series", "cpu_count:max,cpu_count:min,cpu_count", "--step", "1h",
                                   "--format", "jsonl"))
    assert 1 <= len(coarse) <= 2 < len(fine)
    assert coarse[0]["cpu_count:max"] == coarse[0]["cpu_count:min"] == fine[0]["cpu_count"]
    assert seconds(coarse[0]["time"]) % 3600 == 0


def test_processes_as_csv(folder):
    rows = rows_of_csv(exported(folder, "--processes"))
    assert list(rows[0]) == PROCESS_COLUMNS
    busy = [row for row in rows if int(row["pid"]) == folder[1] and float(row["user_seconds"]) > 0]
    assert busy
    assert NASTY.decode() in {row["name"] for row in busy}
    for row in busy:
        # Two ticks of the kernel's clock more than the measured time.
        used = float(row["user_seconds"]) + float(row["system_seconds"])
        assert 0 < used <= float(row["seconds"]) + 0.02, row
        assert seconds(row["start_time"]) <= seconds(row["time"]) + 0.01
    assert sum(float(row["user_seconds"]) for row in busy) > 0.5


def test_processes_as_json_lines(folder):
    table = rows_of_csv(exported(folder, "--processes"))
    lines = rows_of_json(exported(folder, "--processes", "--format", "jsonl"))
    assert len(lines) == len(table)
    for line, row in zip(lines, table):
        assert list(line) == list(row) == PROCESS_COLUMNS
        assert [str(line[name]) for name in ("time", "pid", "name", "status")] == [
            row[name] for name in ("time", "pid", "name", "status")]
        assert float(row["user_seconds"]) == line["user_seconds"]


def test_only_the_requested_range(folder):
    rows = rows_of_csv(exported(folder, "--series", "cpu_count"))
    # A row is a whole second, named by its start.
    first, last = rows[1]["time"], rows[-2]["time"].replace(".000Z", ".999Z")
    part = rows_of_csv(exported(folder, "--series", "cpu_count", "--from", first, "--to", last))
    assert [row["time"] for row in part] == [row["time"] for row in rows[1:-1]]
    activity = rows_of_csv(exported(folder, "--processes", "--from", first, "--to", last))
    assert all(seconds(first) <= seconds(row["time"]) <= seconds(last) for row in activity)


@pytest.mark.parametrize("arguments", [["--from", "-1h"], ["--from=-1h"], ["--from", "-1h", "--to", "-0s"],
                                       ["--from", "0"], ["--from", "2001-01-01T00:00:00Z", "--to", "now"],
                                       ["--from=-9999d", "--to", "99999999999"]], ids=" ".join)
def test_every_form_of_time_is_accepted(folder, arguments):
    """And a start long ago costs no more time."""
    begin = time.monotonic()
    rows = rows_of_csv(exported(folder, *arguments, "--series", "cpu_count"))
    assert rows == rows_of_csv(exported(folder, "--series", "cpu_count"))
    assert time.monotonic() - begin < 20


def test_a_time_without_samples_gives_no_rows(folder):
    for format in ("csv", "jsonl"):
        text = exported(folder, "--from", "1000000000", "--to", "1000000060", "--series", "cpu_count",
                        "--format", format)
        assert text in ("", "time,cpu_count\r\n", "time,cpu_count\n")


def test_it_reads_beside_a_running_server():
    with Server(*QUICK) as server:
        state = flushed(server, time.time() + 1)
        folder = (server.data, None)
        rows = rows_of_csv(exported(folder, "--series", "cpu_count"))
        assert seconds(rows[-1]["time"]) >= int(seconds(state["flushed_through"]))
        # It blocks no writer.
        flushed(server)
        wait_until(lambda: len(rows_of_csv(exported(folder, "--series", "cpu_count"))) > len(rows))


@pytest.mark.parametrize(("arguments", "mention"), [
    (["--from", "soon"], "from=soon: from accepts"), (["--to", "soon"], "to=soon: to accepts"),
    (["--from", "now", "--to", "-1h"], "from must lie before to"),
    (["--step", "0.1"], "--step 0.1"), (["--step", "soon"], "--step soon"),
    (["--series", "a,,b"], "series accepts"), (["--series", "nothing"], "no series with this name was recorded"),
    (["--format", "xml"], "--format"), (["--bogus"], "--bogus"), (["unexpected"], "unexpected"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bad_arguments_are_usage_errors(folder, arguments, mention):
    done = export(*arguments, data=folder[0])
    assert_refused(done, 64, mention)


def assert_refused(done, status: int, *mentions: str):
    assert done.returncode == status, (done.returncode, done.stdout[:200], done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("topserver: ") and done.stderr.count("\n") == 1, done.stderr
    for mention in mentions:
        assert mention in done.stderr


def test_a_folder_without_a_history(tmp_path):
    assert_refused(export(data=tmp_path), 1, str(tmp_path / "history.db"))
    assert not list(tmp_path.iterdir()), "reading creates no file"


def test_a_missing_folder(tmp_path):
    assert_refused(export(data=tmp_path / "none"), 1, str(tmp_path / "none"))


def test_a_file_that_is_not_a_history(tmp_path):
    (tmp_path / "history.db").write_text("no database at all, but long enough for a header. " * 40)
    assert_refused(export(data=tmp_path), 1, str(tmp_path / "history.db"))


def test_help_names_every_option(folder):
    text = exported(folder, "--help")
    for option in ("from", "to", "step", "series", "processes", "format", "data"):
        assert f"--{option}" in text
