"""The default alerts of this machine, CPU and load, which `topserver burn` makes fire and clear.

The machine may be busy with other work, so the thresholds are above its level at the start, and the burn
exceeds them.
"""

from __future__ import annotations

import math
import os
import subprocess

import pytest
from harness import BINARY, Server, wait_until

CPUS = os.cpu_count()
# As many as `burn` accepts, so that other work cannot hide it.
BURNERS = 4 * CPUS
# The kernel updates the one-minute average every 5 s, and each update moves it by a twelfth of the distance to the
# number of tasks that run: https://www.kernel.org/doc/html/latest/admin-guide/cpu-load.html
UPDATE = 1 - math.exp(-5 / 60)

RULES = """
rules:
  - name: cpu
    metric: cpu
    above: {cpu:.1f}
    clear: {cpu_clear:.1f}
    over: 1s
    for: 1s
    keep_firing_for: 1s
  - name: load
    metric: load1
    above: {load:.2f}
    clear: {load_clear:.2f}
    for: 1s
    keep_firing_for: 1s
"""


def active(server: Server) -> dict[str, dict]:
    return {alert["rule"]: alert for alert in server.json("/alerts")["active"]}


def firing(server: Server, rule: str) -> dict | None:
    alert = active(server).get(rule)
    return alert if alert and alert["state"] == "firing" else None


def ended(server: Server, rule: str, identifier: int) -> dict | None:
    return next((alert for alert in server.json("/alerts")["recent"]
                 if alert["rule"] == rule and alert["id"] == identifier), None)


def test_the_defaults_begin_with_cpu_and_load():
    done = subprocess.run([str(BINARY), "check-alerts"], capture_output=True, text=True, timeout=20)
    assert [line.partition(":")[0] for line in done.stdout.splitlines()][:2] == ["cpu", "load"]


@pytest.mark.alone
def test_cpu_and_load_fire_and_clear_because_of_a_burn(tmp_path):
    # One update of the burn raises the average enough, so that few updates after it suffice to clear the alert.
    wait_until(lambda: os.getloadavg()[0] < BURNERS / 2, 120)
    before = os.getloadavg()[0]
    load = before + 0.9 * UPDATE * (BURNERS - before)
    file = tmp_path / "alerts.yml"
    # Only a machine without a moment of rest is above 97 % for a second.
    file.write_text(RULES.format(cpu=97, cpu_clear=95, load=load, load_clear=load - 0.01))
    with Server("--interval", "0.5", "--alerts", str(file)) as server:
        assert {"cpu", "load"} <= {rule["name"] for rule in server.json("/alerts")["rules"]}
        # Any other work on the machine causes a pause.
        wait_until(lambda: not active(server), 120)
        burn = subprocess.Popen([str(BINARY), "burn", "--cpus", str(BURNERS), "--seconds", "300"],
                                stdout=subprocess.DEVNULL)
        try:
            cpu = wait_until(lambda: firing(server, "cpu"), 60)
            assert burn.pid in [suspect["pid"] for suspect in cpu["suspects"]]
            high = wait_until(lambda: firing(server, "load"), 120)
            assert high["value"] > load
            assert burn.pid in [suspect["pid"] for suspect in high["suspects"]]
        finally:
            burn.terminate()
            burn.wait()
        for alert in (cpu, high):
            past = wait_until(lambda: ended(server, alert["rule"], alert["id"]), 180)
            assert past["end"] == "cleared"
            assert past["worst_value"] >= past["threshold"]
