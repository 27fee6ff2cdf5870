"""/livez, /readyz and `topserver health`."""

import socket
import subprocess
import threading

import pytest
from answers import assert_problem
from harness import BINARY, Server, wait_until
from held_threads import held_sampler


def health(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BINARY), "health", *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_working_server_is_live_and_ready(server, path, method):
    assert server.request(path, method=method).status == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_other_methods_are_refused(server, path):
    response = server.request(path, method="POST")
    assert_problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_stuck_sampler_is_live_but_not_ready_until_it_moves_again():
    with Server("--interval", "0.2") as server:
        wait_until(lambda: server.request("/readyz").status == 200)
        with held_sampler(server.process.pid):
            response = wait_until(lambda: (answer := server.request("/readyz")).status == 503 and answer)
            assert_problem(response, 503, " old")
            assert server.request("/livez").status == 200
            assert server.request("/cpu_usage").status == 200, "old data is better than none"
            assert health("--url", server.url).returncode == 1
        wait_until(lambda: server.request("/readyz").status == 200)
        assert health("--url", server.url).returncode == 0


def test_health_is_0_for_a_working_server(server):
    done = health("--url", server.url)
    assert done.returncode == 0, done.stderr


def test_health_is_1_without_a_listener():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        done = health("--url", f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert_one_line(done, 1)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
                                    b"HTTP/1.1 200", b"\x00" * 100])
def test_health_is_1_for_anything_but_a_200(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_once():
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=answer_once, daemon=True)
        thread.start()
        assert_one_line(health("--url", f"http://127.0.0.1:{listener.getsockname()[1]}"), 1)
        thread.join(timeout=10)


def test_health_gives_up_on_a_silent_server():
    """The kernel accepts the connection, and then nothing arrives; the time limit of `health` applies."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert_one_line(health("--url", f"http://127.0.0.1:{listener.getsockname()[1]}"), 1)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1:1", "http://", "http://127.0.0.1:99999", ""])
def test_health_refuses_a_bad_url(url):
    done = health("--url", url)
    assert_one_line(done, done.returncode)
    assert done.returncode in (1, 64)


def assert_one_line(done: subprocess.CompletedProcess, status: int):
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stderr.startswith("topserver: ") and done.stderr.count("\n") == 1, done.stderr
