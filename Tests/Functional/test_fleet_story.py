"""Two minutes of a fleet: twenty agents on separate hosts, and the hub's view of each.

Runs only on request (`make story`), because it needs two minutes and root for the namespaces.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import BINARY, Server, wait_until
from namespaces import HUB_ADDRESS, Accounts, Host, own_network
from strangers import GARBAGE

AGENTS = [f"web-{number:02}" for number in range(20)]
BURNING, CUT, LEAVING = "web-07", "web-13", "web-19"
SEED = "seed-client"
TOKEN = "open-sesame"
CUT_SECONDS = 60
STRANGERS = Path(__file__).with_name("strangers.py")


class Story:
    """The observations; moments are seconds since the epoch."""

    def __init__(self):
        self.states: list[tuple[float, str]] = []
        self.hot: list[set[str]] = []
        self.others: list[set[str]] = []
        self.moments: dict[str, float] = {}
        self.calm: dict[str, dict] = {}
        self.burning: dict[str, dict] = {}
        self.mended: dict[str, dict] = {}
        self.left: dict[str, dict] = {}
        self.alerts_during: list[dict] = []
        self.alerts_after: dict = {}
        self.system: dict = {}
        self.history: dict[str, dict] = {}
        self.status: dict[str, int] = {}
        self.garbage: list[str] = []

    def note(self, what: str):
        self.moments[what] = time.time()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    if os.environ.get("TOPSERVER_STORY") != "1":
        pytest.skip("takes two minutes: make story")
    folder = tmp_path_factory.mktemp("story")
    token = folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    with own_network(), ExitStack() as stack:
        hub = stack.enter_context(Server(
            "--host", "0.0.0.0", "--agent-token-file", str(token), "--flush-interval", "1", data=folder / "data",
            expected_log=r"fleet|hub|agent"))
        hosts = make_hosts(hub, folder, token, stack)
        stack.enter_context(Accounts(list(hosts.values())))
        story = tell(hub, hosts)
        story.garbage = hosts["garbage"].said()
    return story


def make_hosts(hub, folder: Path, token: Path, stack: ExitStack) -> dict[str, Host]:
    url = f"ws://{HUB_ADDRESS}:{hub.port}/webservices/cpu/"
    commands = {name: [str(BINARY), "agent", "--hub", url, "--name", name, "--token-file", str(token)]
                for name in AGENTS}
    for stranger in "seed", "garbage":
        commands[stranger] = [sys.executable, str(STRANGERS), stranger, url, TOKEN]
    hosts = {}
    for number, (name, command) in enumerate(commands.items()):
        hosts[name] = Host(number, name, command, folder)
        stack.callback(hosts[name].kill)
    return hosts


def tell(hub, hosts: dict[str, Host]) -> Story:
    story = Story()
    wait_until(lambda: {*AGENTS, SEED} <= {host["host"] for host in hub.json("/hosts")["hosts"] if host["state"] == "live"},
               timeout=60)
    # A process that has just started has used CPU for that.
    wait_until(lambda: all(host["cpu_average_percent"] is not None for host in by_name(hub).values()))
    for _ in range(10):
        watch(hub, story)
    story.calm = by_name(hub)

    with hosts[BURNING].running([str(BINARY), "burn", "--cpus", "1", "--seconds", "300"]):
        story.note("burn")
        hosts[CUT].cut()
        story.note("cut")
        while time.time() < story.moments["cut"] + CUT_SECONDS:
            watch(hub, story)
        story.burning = by_name(hub)
        story.alerts_during = hub.json("/alerts")["active"]
        hosts[CUT].mend()
        story.note("mended")
    story.note("burnt")
    wait_until(lambda: by_name(hub)[CUT]["state"] == "live", timeout=45)
    story.note("back")
    wait_until(lambda: not [alert for alert in hub.json("/alerts")["active"] if alert["host"]], timeout=60)
    story.alerts_after = hub.json("/alerts")
    story.mended = by_name(hub)
    for name in (*AGENTS, SEED):
        story.history[name] = hub.json(f"/history?host={name}&from=-4m&step=1")

    story.status[LEAVING] = hosts[LEAVING].end()
    wait_until(lambda: not by_name(hub)[LEAVING]["connected"])
    story.left = by_name(hub)
    story.system = wait_until(lambda: "1001" in (fleet := hub.json("/system")["fleet"])["closures_total"] and fleet)
    return story


def by_name(hub) -> dict[str, dict]:
    return {host["host"]: host for host in hub.json("/hosts")["hosts"]}


def watch(hub, story: Story):
    """One observation of the fleet, a second after the one before."""
    hosts = by_name(hub)
    if CUT in hosts:
        story.states.append((time.time(), hosts[CUT]["state"]))
    story.others.append({name for name, host in hosts.items() if host["state"] != "live"} - {CUT})
    very_hot = hub.json("/hosts?min_cpu=90")["hosts"]
    story.hot.append({host["host"] for host in very_hot if host["state"] == "live" and host["kind"] != "local"})
    time.sleep(1)


# All hosts.


def test_all_twenty_exist_each_with_its_own_address(story):
    agents = [story.calm[name] for name in AGENTS]
    assert {host["kind"] for host in agents} == {"agent"}
    assert len({host["address"] for host in agents}) == len(AGENTS)
    assert all(host["connected"] and host["cpu_count"] == 1 for host in agents)
    assert len(story.calm) == len(AGENTS) + 2, "and the hub itself, and the plain-text client"


def test_the_others_were_live_all_the_time(story):
    assert set().union(*story.others) == set()


def test_before_the_burn_no_host_was_hot(story):
    assert set().union(*story.hot[:10]) == set()
    assert all(story.calm[name]["cpu_percent"] < 50 for name in AGENTS)


# The host that burns.


def test_the_filter_for_high_cpu_shows_only_the_burning_host(story):
    assert story.hot[-1] == {BURNING}
    assert set().union(*story.hot) == {BURNING}
    assert [name for name in AGENTS if story.burning[name]["cpu_percent"] > 90] == [BURNING]


def test_its_hottest_process_is_the_burner(story):
    hottest = story.burning[BURNING]["processes"][0]
    assert hottest["name"] == "topserver-burn"
    for name in set(AGENTS) - {BURNING, CUT}:
        processes = story.burning[name]["processes"]
        assert "topserver-burn" not in {process["name"] for process in processes}
        assert all(process["cpu_percent"] < hottest["cpu_percent"] for process in processes)


def test_its_alert_fired_named_its_suspect_and_was_resolved(story):
    cpu = [alert for alert in story.alerts_during if alert["rule"] == "cpu" and alert["host"]]
    assert [(alert["host"], alert["state"]) for alert in cpu] == [(BURNING, "firing")]
    assert cpu[0]["suspects"][0]["name"] == "topserver-burn"
    over = [alert for alert in story.alerts_after["recent"] if alert["rule"] == "cpu" and alert["host"]]
    assert [(alert["host"], alert["end"]) for alert in over] == [(BURNING, "cleared")]


def test_its_history_shows_the_burn(story):
    times, busy = points(story, BURNING)
    start, end = story.moments["burn"], story.moments["burnt"]
    during = [value for moment, value in zip(times, busy) if start + 3 < moment < end - 3]
    around = [value for moment, value in zip(times, busy) if moment < start - 2 or moment > end + 3]
    assert len(during) > 40 and sum(during) / len(during) > 90
    assert sum(around) / len(around) < 20


# The host that was cut off.


def test_the_host_that_was_cut_off_was_stale_then_lost_then_live(story):
    states = [state for _, state in story.states]
    assert [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state] == \
        ["live", "stale", "lost"]
    assert story.mended[CUT]["state"] == "live" and story.mended[CUT]["connected"]
    assert story.mended[CUT]["late_samples"] >= CUT_SECONDS - 35


def test_its_silence_raised_an_alert_that_was_resolved(story):
    silent = [alert for alert in story.alerts_during if alert["rule"] == "host-silent"]
    assert [(alert["host"], alert["state"]) for alert in silent] == [(CUT, "firing")]
    over = [alert for alert in story.alerts_after["recent"] if alert["rule"] == "host-silent"]
    assert [(alert["host"], alert["end"]) for alert in over] == [(CUT, "cleared")]


def test_no_other_host_had_an_alert(story):
    alerts = story.alerts_during + story.alerts_after["active"] + story.alerts_after["recent"]
    assert {alert["host"] for alert in alerts} - {None} == {BURNING, CUT}


@pytest.mark.parametrize("name", AGENTS)
def test_no_history_has_a_gap(story, name):
    """Two samples may be in one second, and then the next second has none."""
    history = story.history[name]
    busy = history["series"]["cpu.busy_percent"]
    known = [place for place, value in enumerate(busy) if value is not None]
    missing = [place for place in range(known[0], known[-1]) if busy[place] is None]
    assert not any(busy[place + 1] is None for place in missing), missing
    assert len(missing) <= 5
    assert history["times"][known[0]] < story.moments["cut"] - 5
    assert history["times"][known[-1]] > story.moments["back"]


# Independent clients.


def test_the_plain_text_client_is_a_host_with_only_a_percentage(story):
    host = story.mended[SEED]
    assert (host["kind"], host["state"], host["connected"]) == ("text", "live", True)
    assert 10 <= host["cpu_percent"] <= 20 and host["cpu_percent"] % 1 == 0.5
    assert host["cpu"] is None and host["memory"] is None and host["processes"] == []
    times, busy = points(story, SEED)
    assert times[-1] - times[0] > CUT_SECONDS and min(busy) >= 10 and max(busy) <= 20


def test_garbage_was_closed_with_a_reason_and_made_no_host(story):
    ends = [json.loads(line) for line in story.garbage]
    assert set(story.left) == {*AGENTS, SEED, local(story)}
    assert sum(story.system["refused_total"].values()) >= 30
    assert len(ends) >= len(GARBAGE)
    for sent, code, reason in ends:
        assert code in (1003, 1007, 1008, 1009) and reason, (sent, code, reason)


def local(story: Story) -> str:
    return next(name for name, host in story.left.items() if host["kind"] == "local")


# The agent that exits.


def test_an_agent_that_exits_closes_its_connection(story):
    assert story.status[LEAVING] == 0
    assert not story.left[LEAVING]["connected"]
    assert story.system["closures_total"]["1001"] == 1


def points(story: Story, name: str) -> tuple[list[float], list[float]]:
    """The seconds about which something is known, and the CPU use of the host then, in percent."""
    history = story.history[name]
    pairs = [(moment, value) for moment, value in zip(history["times"], history["series"]["cpu.busy_percent"])
             if value is not None]
    return [moment for moment, _ in pairs], [value for _, value in pairs]
