"""Values from options and from the environment, and the one clear line that reports a bad one."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from harness import BINARY, STATIC, Server, wait_until

BAD_FLAGS = [
    ["--port", "abc"], ["--port", "70000"], ["--port", "-1"], ["--port", ""], ["--port"],
    ["--port", "80.5"], ["--interval", "0"], ["--interval", "-1"], ["--interval", "often"],
    ["--interval", "nan"], ["--interval", "inf"], ["--window", "0"], ["--window", "-5"],
    ["--window", "long"], ["--window", "nan"], ["--window", "inf"], ["--log-level", "loud"],
    ["--header-timeout", "0"], ["--bogus"], ["unexpected"], ["--host", ""], ["--allowed-host", ""],
]
BAD_ENVIRONMENT = [
    {"TOPSERVER_PORT": "abc"}, {"TOPSERVER_PORT": "70000"}, {"TOPSERVER_INTERVAL": "0"},
    {"TOPSERVER_INTERVAL": "often"}, {"TOPSERVER_WINDOW": "-1"}, {"TOPSERVER_WINDOW": "nan"},
    {"TOPSERVER_LOG_LEVEL": "loud"},
]


def run(*arguments: str, environment: dict | None = None, prefix=()) -> subprocess.CompletedProcess:
    """Runs the program until it exits; a server that starts unexpectedly runs into the time limit."""
    return subprocess.run([*prefix, str(BINARY), *arguments], capture_output=True, text=True,
                          timeout=30, env={**os.environ, **(environment or {})})


def serve(*arguments: str, port: str = "0", **options) -> subprocess.CompletedProcess:
    return run("serve", "--port", port, "--static", str(STATIC), *arguments, **options)


def assert_refused(done: subprocess.CompletedProcess, status: int, *mentions: str):
    """One line that names the problem: no usage text, no trace, nothing on standard output."""
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("topserver: ") and done.stderr.endswith("\n"), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for mention in mentions:
        assert mention in done.stderr


def measured(server, header: str) -> float:
    """A header that shows the time between sweeps; large while it is absent."""
    return float(server.request("/cpu_usage").headers[header] or 1e9)


@pytest.mark.parametrize("arguments", BAD_FLAGS, ids=" ".join)
def test_bad_flag_is_a_usage_error(arguments):
    done = run("serve", "--static", str(STATIC), *arguments)
    assert_refused(done, 64, arguments[0])


@pytest.mark.parametrize("environment", BAD_ENVIRONMENT, ids=str)
def test_bad_environment_is_a_usage_error_that_names_the_variable(environment):
    done = run("serve", "--static", str(STATIC), environment=environment)
    assert_refused(done, 64, *environment)


def test_port_in_use(server):
    assert_refused(serve(port=str(server.port)), 1, str(server.port))


def test_address_of_another_machine():
    assert_refused(serve("--host", "192.0.2.1"), 1, "192.0.2.1")


def test_host_that_has_no_address():
    assert_refused(serve("--host", "no such host"), 1, "no such host")


def test_privileged_port_without_the_right():
    """Root drops only the capability, so that the program stays readable wherever it was built."""
    first_free = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first_free <= 1:
        pytest.skip("this machine lets everyone bind any port")
    prefix = ["setpriv", "--bounding-set=-net_bind_service"] if os.getuid() == 0 else []
    assert_refused(serve(port="1", prefix=prefix), 1, "1", "ermission")


@pytest.mark.parametrize("missing", ["stats.html", "client.css", "client.js"])
def test_missing_static_file(tmp_path, missing):
    folder = shutil.copytree(STATIC, tmp_path / "static")
    (folder / missing).unlink()
    assert_refused(serve("--static", str(folder)), 1, missing)


def test_missing_static_folder(tmp_path):
    assert_refused(serve("--static", str(tmp_path / "none")), 1, str(tmp_path / "none"))


def test_proc_root_that_is_missing(tmp_path):
    assert_refused(serve("--proc", str(tmp_path / "none")), 1, str(tmp_path / "none"))


def test_proc_root_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    assert_refused(serve("--proc", str(tmp_path / "file")), 1, str(tmp_path / "file"))


def test_proc_root_without_processes_or_stat(tmp_path):
    assert_refused(serve("--proc", str(tmp_path)), 1, str(tmp_path))


def test_values_come_from_the_environment():
    environment = {"TOPSERVER_INTERVAL": "0.1", "TOPSERVER_WINDOW": "1", "TOPSERVER_HOST": "127.0.0.1"}
    with Server(environment=environment) as server:
        wait_until(lambda: measured(server, "X-Interval-Seconds") < 0.5)
        wait_until(lambda: 0.9 < measured(server, "X-Window-Seconds") < 1.5)


def test_flag_wins_over_the_environment():
    environment = {"TOPSERVER_PORT": "1", "TOPSERVER_INTERVAL": "30", "TOPSERVER_STATIC": "/nonexistent"}
    with Server("--interval", "0.1", environment=environment) as server:
        wait_until(lambda: measured(server, "X-Interval-Seconds") < 0.5)


def test_port_and_static_come_from_the_environment():
    """`serve` is the default command. The port was free a moment before, so another process may rarely use it."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        environment = {"TOPSERVER_PORT": str(held.getsockname()[1]), "TOPSERVER_STATIC": str(STATIC)}
        assert_refused(run(environment=environment), 1, environment["TOPSERVER_PORT"])


def test_empty_variables_count_as_unset():
    """A compose file or a unit that passes an unset variable passes an empty one."""
    with Server(environment={"TOPSERVER_INTERVAL": "", "TOPSERVER_ALLOWED_HOST": ""}) as server:
        assert server.request("/livez").status == 200


def test_other_loopback_addresses():
    with Server("--host", "::1") as server:
        assert server.first_line == f"Listening on http://[::1]:{server.port}/stats\n"
        with socket.create_connection(("::1", server.port), timeout=10) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: [::1]\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_help_names_every_option_and_the_variables():
    done = run("serve", "--help")
    assert done.returncode == 0
    for option in ("host", "port", "proc", "interval", "window", "static", "allowed-host", "log-level"):
        assert f"--{option}" in done.stdout
    assert "TOPSERVER_ALLOWED_HOST" in done.stdout


def test_help_and_version_of_the_program():
    done = run("--help")
    assert done.returncode == 0 and "serve" in done.stdout and "health" in done.stdout
    version = run("--version")
    assert version.returncode == 0 and version.stdout.strip()


def test_log_level_decides_what_is_logged():
    with Server("--log-level", "info") as talkative:
        pass
    assert " info topserver: " in talkative.log
    with Server("--log-level", "error") as quiet:
        assert quiet.request("/livez").status == 200
    assert " info " not in quiet.log
