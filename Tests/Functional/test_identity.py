"""Who is behind a process: program, executable, command line, control group, on the real /proc and in fixtures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path

import hung_mount
import pytest
from answers import row_of
from children import PREAMBLE, WAIT_FOR_END, child, running
from harness import Server, wait_until
from proc_tree import ProcTree

PYTHON = Path(sys.executable).name
# How long an interpreter may take to start, and the longest age of a value with some room.
START, OLDEST = 30, 45


@pytest.fixture(scope="module")
def full():
    with Server("--interval", "0.1", "--command-lines=full") as running:
        yield running


def becomes(server, pid: int, timeout: float = START, **expected):
    """Waits until the row of a process has these values."""

    def has() -> dict | None:
        row = row_of(server, pid)
        return row if row and all(row[name] == value for name, value in expected.items()) else None

    try:
        return wait_until(has, timeout=timeout)
    except AssertionError:
        row = row_of(server, pid)
        raise AssertionError(f"expected {expected}, found {row}") from None


# MARK: programs

SCRIPTS = {
    "python3": ("job.py", "import sys\nprint('ready', flush=True)\nsys.stdin.read()\n"),
    "perl": ("job.pl", "$| = 1; print \"ready\\n\"; my $x = <STDIN>;\n"),
    "bash": ("job.sh", "echo ready\nread -r x\n"),
    "node": ("job.js", "process.stdin.resume(); console.log('ready')\n"),
}


@pytest.mark.parametrize("interpreter", SCRIPTS)
def test_an_interpreter_is_called_by_its_script(quick, interpreter, tmp_path):
    program = shutil.which(interpreter)
    if not program:
        pytest.skip(f"{interpreter} is not installed")
    name, text = SCRIPTS[interpreter]
    script = tmp_path / name
    script.write_text(text)
    with running(program, str(script)) as process:
        row = becomes(quick, process.pid, program=name)
        executable = os.readlink(f"/proc/{process.pid}/exe")
    assert row["exe"] == executable
    assert row["exe_deleted"] is False
    assert row["command"] is None, "command lines are off by default"


def test_a_module_of_python(quick, tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/work.py").write_text(SCRIPTS["python3"][1])
    with running(sys.executable, "-m", "jobs.work", cwd=tmp_path) as process:
        becomes(quick, process.pid, program="jobs.work")


def test_an_exec_shows_the_new_program_and_command(full, tmp_path):
    script = tmp_path / "second.py"
    script.write_text(SCRIPTS["python3"][1])
    first = f"print('ready', flush=True)\nsys.stdin.readline()\nos.execv(sys.executable, ['python3', {str(script)!r}])\n"
    with child(first) as process:
        before = becomes(full, process.pid, program=PYTHON, exe=os.readlink(f"/proc/{process.pid}/exe"))
        assert "execv" in before["command"]
        process.stdin.write(b"go\n")
        process.stdin.flush()
        after = becomes(full, process.pid, timeout=OLDEST, program="second.py")
    assert after["command"] == f"python3 {script}"


def test_a_changed_title_shows(full):
    title = b"web: worker 7"
    # It overwrites its own arguments, as setproctitle does.
    program = (
        "import ctypes\n"
        "start = int(open('/proc/self/stat').read().rpartition(')')[2].split()[45])\n"
        "length = len(open('/proc/self/cmdline', 'rb').read())\n"
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        f"ctypes.memmove(start, {title!r}.ljust(length, b'\\0'), length)\n"
        "sys.stdin.read()\n")
    with child(program) as process:
        becomes(full, process.pid, program=PYTHON, exe=os.readlink(f"/proc/{process.pid}/exe"))
        process.stdin.write(b"go\n")
        process.stdin.flush()
        row = becomes(full, process.pid, timeout=OLDEST, program="web")
    assert "web: worker 7" in row["command"]


def test_an_executable_that_is_deleted_while_it_sleeps(quick, tmp_path):
    program = tmp_path / "mycat"
    shutil.copy(shutil.which("cat"), program)
    process = subprocess.Popen([str(program)], stdin=subprocess.PIPE)
    try:
        becomes(quick, process.pid, program="mycat", exe=str(program), exe_deleted=False)
        program.unlink()
        becomes(quick, process.pid, program="mycat", exe=str(program), exe_deleted=True, timeout=OLDEST)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def test_kernel_threads_keep_their_name(quick):
    rows = [row for row in quick.json("/cpu_usage?fields=all") if row["kernel"]]
    if not rows:
        pytest.skip("no kernel threads can be seen here")
    for row in rows:
        assert row["program"] == row["name"]
        assert row["exe"] is None


def test_the_first_sample_has_programs():
    with Server("--interval", "60") as server:
        row = row_of(server, os.getpid())
        assert server.request("/cpu_usage?limit=1").headers["X-Sequence"] == "1"
    assert row["exe"] == os.path.realpath(sys.executable)
    assert row["cgroup"].startswith("/")


# MARK: what the kernel tells besides

def test_nice_policy_and_processor(quick):
    program = "os.nice(7)\nos.sched_setaffinity(0, {0})\nos.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))\n"
    with child(program + WAIT_FOR_END) as process:
        becomes(quick, process.pid, nice=7, policy="batch", processor=0)


def test_page_faults_show_while_they_happen(quick):
    program = ("import mmap\nprint('ready', flush=True)\n"
               "while True:\n    m = mmap.mmap(-1, 1 << 20)\n    m.write(bytes(1 << 20))\n    m.close()\n")
    with child(program) as process:
        wait_until(lambda: (row := row_of(quick, process.pid)) and row["minor_faults_per_second"] > 1000)
    with child(WAIT_FOR_END) as process:
        becomes(quick, process.pid, minor_faults_per_second=0, major_faults_per_second=0)


# MARK: control groups

HIERARCHIES = [Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup/systemd")]
if Path("/sys/fs/cgroup/cgroup.procs").exists():
    HIERARCHIES = [Path("/sys/fs/cgroup")]


@contextmanager
def group(hierarchy: Path, name: str):
    """A new control group; skips the test if none can be made."""
    folder = hierarchy / name
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    try:
        yield folder
    finally:
        folder.rmdir()


def test_processes_that_are_moved_while_they_sleep(quick):
    """In each hierarchy, one of few processes, which is read again, and one of many, whose group is listed."""
    with ExitStack() as groups, ExitStack() as processes:
        folders = [(groups.enter_context(group(hierarchy, f"topserver-{uuid.uuid4().hex[:8]}.service")), count)
                   for hierarchy in HIERARCHIES for count in (1, 6)]
        asleep = [(folder, [processes.enter_context(sleeping()) for _ in range(count)]) for folder, count in folders]
        for _, pids in asleep:
            for pid in pids:
                becomes(quick, pid, program="sleep")
        for folder, pids in asleep:
            assert row_of(quick, pids[0])["unit"] != folder.name
            (folder / "cgroup.procs").write_text(str(pids[0]))
        for folder, pids in asleep:
            row = becomes(quick, pids[0], timeout=OLDEST, unit=folder.name)
            assert row["cgroup"] == f"/{folder.name}"
            assert all(row_of(quick, pid)["unit"] != folder.name for pid in pids[1:])


@contextmanager
def sleeping():
    """The pid of a process that sleeps."""
    process = subprocess.Popen(["sleep", "120"])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


# MARK: command lines

SECRET = "hunter2-" + uuid.uuid4().hex


def everything_of(server) -> str:
    """All that the routes answer, and all that the server wrote."""
    texts = [server.log]
    for path in ("/cpu_usage?fields=all", "/system", "/alerts", "/hosts", "/livez", "/readyz", "/get_stats",
                 "/history?range=5m&series=all", "/explain?range=5m", "/cpu_usage?fields=all&at=-1s", "/stats",
                 f"/process_history?name={PYTHON}&range=5m"):
        texts.append(server.request(path).body.decode(errors="replace"))
    for file in server.data.rglob("*"):
        if file.is_file():
            texts.append(file.read_bytes().decode("latin-1"))
    return "\n".join(texts)


@pytest.fixture
def secretive():
    with running(sys.executable, "-c", PREAMBLE + WAIT_FOR_END, "--password", SECRET, f"DB_TOKEN={SECRET}",
                 f"postgres://ada:{SECRET}@db/x") as process:
        yield process


def test_a_secret_is_nowhere_by_default(secretive):
    with Server("--interval", "0.1", "--flush-interval", "0.2", "--log-level", "trace") as server:
        becomes(server, secretive.pid, program=PYTHON, exe=os.readlink(f"/proc/{secretive.pid}/exe"))
        wait_until(lambda: any(file.name == "history.db" for file in server.data.rglob("*"))
                   and server.json("/system")["recorder"]["flushed_through"])
        assert SECRET not in everything_of(server)
        assert row_of(server, secretive.pid)["command"] is None


def test_a_secret_is_scrubbed_with_command_lines(secretive):
    with Server("--interval", "0.1", "--flush-interval", "0.2", "--command-lines") as server:
        row = becomes(server, secretive.pid, program=PYTHON, exe=os.readlink(f"/proc/{secretive.pid}/exe"))
        assert "--password *** DB_TOKEN=*** " in row["command"]
        assert "postgres://ada:***@db/x" in row["command"]
        wait_until(lambda: server.json("/system")["recorder"]["flushed_through"])
        assert SECRET not in everything_of(server)


def test_full_command_lines_have_all(secretive, full):
    row = becomes(full, secretive.pid, program=PYTHON, exe=os.readlink(f"/proc/{secretive.pid}/exe"))
    assert f"--password {SECRET} DB_TOKEN={SECRET}" in row["command"]


# MARK: hostile and hanging files

def test_any_bytes_give_valid_bounded_text(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    files = {
        7: b"a\nb\x1b[31m\x00--x\xff\xfe\x00", 8: b"x" * (2 << 20), 9: b"", 10: b"\x00" * 50, 11: b"no end",
        12: "\u202e".encode() * 30000,
    }
    for pid, content in files.items():
        tree.put(pid)
        tree.write(f"{pid}/cmdline", content)
        tree.write(f"{pid}/cgroup", b"0::/" + content.replace(b"\x00", b"\xff") + b"\n1:name=systemd:/ok.slice\n")
    with Server("--proc", str(tree.root), "--interval", "0.1", "--command-lines=full", expected_log=" warning ") as server:
        for pid in files:
            row = wait_until(lambda pid=pid: (row := row_of(server, pid)) and row["cgroup"] and row)
            for name, most in {"program": 64, "command": 4096, "cgroup": 1024, "unit": 255}.items():
                text = row[name] or ""
                assert len(text.encode()) <= most
                assert not any(ord(letter) < 32 or letter == "\x7f" for letter in text), (name, text[:50])
        assert row_of(server, 7)["command"].startswith("\"a\\nb") or "\\n" in row_of(server, 7)["command"]


def test_a_file_that_never_answers_does_not_delay_samples(tmp_path):
    hung = tmp_path / "hung"
    hung.mkdir()
    wrapper = (sys.executable, hung_mount.__file__, str(hung))
    probe = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
    if probe.returncode == hung_mount.NOT_ALLOWED:
        pytest.skip(f"no file system can be mounted: {probe.stderr.strip()}")
    tree = ProcTree(tmp_path / "proc")
    for pid in (1, 7, 9):
        tree.put(pid, name=b"worker", ppid=0)
        tree.write(f"{pid}/cmdline", b"/srv/worker\x00")
        tree.write(f"{pid}/cgroup", f"0::/unit-{pid}.service\n")
    (tree.root / "7/cmdline").unlink()
    (tree.root / "7/cmdline").symlink_to(hung / "file")
    with Server("--proc", str(tree.root), "--interval", "0.1", wrapper=wrapper, expected_log=" warning ") as server:
        # Process 9 comes after the one that hangs: another thread reads it.
        becomes(server, 9, unit="unit-9.service")
        assert row_of(server, 7)["unit"] is None
        before = server.json("/system")
        wait_until(lambda: (server.json("/system")["sequence"] >= before["sequence"] + 20))
        after = server.json("/system")
        # A busy machine may skip a few, too; a sampler that waits for the file would skip them all.
        assert after["self"]["skipped_samples_total"] - before["self"]["skipped_samples_total"] < 10
        tree.put(11, name=b"late", ppid=1)
        tree.write("11/cgroup", "0::/unit-11.service\n")
        becomes(server, 11, unit="unit-11.service")


# MARK: without privilege

@pytest.fixture
def reachable():
    """A folder that another user can reach; that of pytest is private."""
    with tempfile.TemporaryDirectory(prefix="topserver-other-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


OTHER_USER = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


def test_what_may_not_be_read_is_counted(reachable):
    if os.geteuid() != 0:
        pytest.skip("needs root, to start the server as another user")
    tree = ProcTree(reachable / "proc")
    tree.put(1, name=b"init", ppid=0)
    for pid in (7, 8):
        tree.put(pid, name=b"worker")
        tree.write(f"{pid}/cmdline", b"/srv/worker\x00")
    tree.write("7/cgroup", "0::/a.service\n")
    for file in ("7/cmdline", "7/cgroup", "8/cmdline"):
        (tree.root / file).chmod(0)
    data = reachable / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    with Server("--proc", str(tree.root), "--interval", "0.1", "--command-lines", data=data, wrapper=OTHER_USER,
                expected_log=" warning ") as server:
        def counts():
            return server.json("/system")["self"]["not_permitted"]
        wait_until(lambda: counts() == {"exe": 0, "cmdline": 2, "cgroup": 1})
        assert row_of(server, 7)["command"] is None
        tree.remove(7)
        wait_until(lambda: counts() == {"exe": 0, "cmdline": 1, "cgroup": 0})


def test_the_executable_of_another_user_is_null(reachable):
    if os.geteuid() != 0:
        pytest.skip("needs root, to start the server as another user")
    os.chown(reachable, 65534, 65534)
    process = subprocess.Popen(["sleep", "120"])
    try:
        with Server("--interval", "0.1", data=reachable, wrapper=OTHER_USER) as server:
            row = becomes(server, process.pid, program="sleep")
            assert row["exe"] is None
            wait_until(lambda: server.json("/system")["self"]["not_permitted"]["exe"] > 0)
    finally:
        process.kill()
        process.wait()
