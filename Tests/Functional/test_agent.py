"""`topserver agent`: its messages, names and tokens, its exit, and its samples during an outage."""

import os
import signal
import subprocess

import pytest
from agents import PATH, Agent, Relay, assert_whole, recorded
from harness import BINARY, Server, wait_until

QUICK = ("--interval", "0.2")
# So far apart that a history in steps of a second returns each sample.
EXACT = ("--interval", "0.7")
# What an agent logs when its hub disappears.
LOSS = "lost the hub|no connection to the hub"


def hub_url(server) -> str:
    return f"ws://127.0.0.1:{server.port}{PATH}"


def host(server, name: str) -> dict | None:
    return next(iter(server.json(f"/hosts?host={name}")["hosts"]), None)


def when_host(server, name: str, condition=lambda _: True) -> dict:
    return wait_until(lambda: (found := host(server, name)) and condition(found) and found)


@pytest.fixture(scope="module")
def hub():
    with Server() as running:
        yield running


def test_a_host_appears_with_all_its_values(hub):
    with Agent(hub_url(hub), "--name", "web-1", *QUICK) as agent:
        assert agent.first_line == f"Sending samples of web-1 to {hub_url(hub)}\n"
        found = when_host(hub, "web-1", lambda it: it["cpu_percent"] is not None and it["processes"])
        assert found["state"] == "live" and found["connected"] and found["kind"] == "agent"
        assert found["address"] == "127.0.0.1"
        assert found["agent"] == subprocess.run(
            [str(BINARY), "--version"], capture_output=True, text=True).stdout.strip()
        assert found["cpu_count"] == os.cpu_count()
        assert found["memory"]["total_bytes"] == hub.json("/system")["memory"]["total_bytes"]
        assert len(found["processes"]) <= 5
        assert len(wait_until(lambda: (times := recorded(hub, "web-1"))[3:] and times)) > 3
    assert when_host(hub, "web-1", lambda it: not it["connected"])


def test_its_default_name_is_that_of_the_machine(hub):
    # Here that is the hub's own name, which no agent may use.
    with Agent(hub_url(hub), environment={"TOPSERVER_INTERVAL": "0.5"}, expected_log=LOSS) as agent:
        assert agent.first_line.startswith(f"Sending samples of {os.uname().nodename} to ")
        agent.when_logged("no connection to the hub: it closed the connection")


def test_options_come_from_the_environment(hub):
    environment = {"TOPSERVER_HUB": hub_url(hub), "TOPSERVER_NAME": "from-outside", "TOPSERVER_INTERVAL": "0.2"}
    with Agent("", environment=environment):
        assert when_host(hub, "from-outside")


@pytest.mark.parametrize("arguments, says", [
    ([], "no hub is given; choose one with --hub"),
    (["--hub", "http://hub:8845/"], '--hub is "http://hub:8845/"'),
    (["--hub", "ws://hub:8845/", "--name", "a b"], '--name is "a b"'),
    (["--hub", "ws://hub:8845/", "--interval", "0"], '--interval is "0"'),
])
def test_a_wrong_option_is_explained(arguments, says):
    ended = subprocess.run([str(BINARY), "agent", *arguments], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 64
    assert says in ended.stderr and len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("content", [None, "", "two words", "\n", "caf\u00e9"])
def test_a_file_without_a_token_is_refused_at_the_start(tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    ended = subprocess.run([str(BINARY), "agent", "--hub", "ws://127.0.0.1:1/", "--token-file", str(file)],
                           capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1 and str(file) in ended.stderr


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_closes_its_connection_when_it_exits(hub, ending):
    agent = Agent(hub_url(hub), "--name", f"leaver-{ending}", *QUICK)
    agent.when_logged("connected")
    when_host(hub, f"leaver-{ending}", lambda it: it["connected"])
    agent.stop(ending)
    assert "leaving the hub" in agent.log and "lost the hub" not in agent.log
    assert when_host(hub, f"leaver-{ending}", lambda it: not it["connected"])


def test_it_exits_at_once_without_a_hub():
    agent = Agent("ws://127.0.0.1:1/", *QUICK, expected_log=LOSS)
    agent.when_logged("no connection to the hub")
    agent.stop()
    assert agent.log.count("no connection to the hub") == 1, "logged once, not at each attempt"


def test_a_killed_hub_gets_all_samples_again(tmp_path):
    hub = Server(data=tmp_path)
    with Relay(hub.port) as relay:
        with Agent(relay.url(), "--name", "web-1", *EXACT, expected_log=LOSS) as agent:
            for _ in range(3):
                before = relay.messages
                wait_until(lambda: relay.messages > before + 5)
                hub.kill()
                agent.when_logged("lost the hub")
                before = relay.messages
                hub = Server(data=tmp_path, port=hub.port)
                wait_until(lambda: relay.messages > before + 5)
            assert_whole(hub, relay, "web-1")
            # A clean stop writes everything; another run finds it in the file.
            hub.stop()
            hub = Server(data=tmp_path, port=hub.port)
            before = relay.messages
            wait_until(lambda: relay.messages > before + 5)
            assert_whole(hub, relay, "web-1")
        hub.stop()


def test_samples_of_an_outage_arrive_late(tmp_path):
    with Server(data=tmp_path) as hub, Relay(hub.port) as relay:
        with Agent(relay.url(), "--name", "far-away", *EXACT, expected_log=LOSS) as agent:
            wait_until(lambda: relay.messages > 5)
            relay.cut()
            agent.when_logged("no connection to the hub")
            when_host(hub, "far-away", lambda it: it["state"] == "stale")
            relay.mend()
            agent.when_logged("samples were sent late")
            assert_whole(hub, relay, "far-away")
            assert when_host(hub, "far-away", lambda it: it["state"] == "live")["late_samples"] > 0


def test_a_suspended_hub_misses_nothing(tmp_path):
    with Server(data=tmp_path) as hub, Relay(hub.port) as relay:
        with Agent(relay.url(), "--name", "patient", *EXACT) as agent:
            wait_until(lambda: relay.messages > 3)
            hub.process.send_signal(signal.SIGSTOP)
            # At most 32 messages are unacknowledged.
            before = relay.messages
            wait_until(lambda: relay.messages >= before + 6)
            hub.process.send_signal(signal.SIGCONT)
            wait_until(lambda: relay.messages >= before + 16)
            assert_whole(hub, relay, "patient")
            assert "lost the hub" not in agent.log


def test_the_hub_accepts_the_token(tmp_path):
    token = tmp_path / "token"
    token.write_text("correct-horse-battery\n")
    token.chmod(0o600)
    with Server("--agent-token-file", str(token)) as hub:
        with Agent(hub_url(hub), "--name", "trusted", "--token-file", str(token), *QUICK):
            assert when_host(hub, "trusted")
        wrong = tmp_path / "wrong"
        wrong.write_text("another\n")
        refusal = "the hub cannot be used: it does not accept our token .status 401."
        for arguments in (["--token-file", str(wrong)], []):
            with Agent(hub_url(hub), "--name", "stranger", *arguments, *QUICK, expected_log=refusal) as agent:
                agent.when_logged("it does not accept our token (status 401)")
        assert host(hub, "stranger") is None


def test_the_token_is_not_shown(tmp_path):
    token = tmp_path / "token"
    token.write_text("correct-horse-battery")
    token.chmod(0o600)
    with Server("--agent-token-file", str(token), "--log-level", "trace") as hub:
        with Agent(hub_url(hub), "--name", "quiet", "--token-file", str(token), "--log-level", "trace", *QUICK) as agent:
            when_host(hub, "quiet")
            assert "correct-horse" not in agent.log and "correct-horse" not in hub.log
