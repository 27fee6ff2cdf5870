"""The rules of a file as `check-alerts` prints them, and its errors about a bad file."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from harness import ROOT
from test_command_line import assert_refused, run

DEFAULTS = """\
cpu: CPU above 75 % of all CPUs on average over 10 s for 30 s; clears at 65 % of all CPUs or less for 5 s
load: load of 1 min per CPU above 1 for 30 s; clears at 0.8 or less for 5 s
host-silent: silence of a host above 30 s; clears at 5 s or less for 5 s
"""

BAD_FILES = [
    ("rules: [", "2:1: did not find expected node content"),
    ("rules:\n  - name: a\n    metrik: cpu\n", '3:5: "metrik" is unknown: a rule accepts name, metric, '),
    ("rules:\n  - name: a\n    metric: gpu\n    above: 1\n", '3:13: "metric" is "gpu": it accepts cpu, '),
    ("rules:\n  - {name: a, metric: cpu, above: 5, for: soon}\n", '2:43: "for" is "soon": it accepts a time '),
    ("rules:\n  - {name: a, metric: cpu, above: 5, clear: 9}\n", '2:45: "clear" is 9 % of all CPUs, on the wrong side'),
    ("rules:\n  - &r {name: a, metric: cpu, above: 5}\n  - *r\n", 'duplicate rule name "a" (first used at '),
    ("a: &a [x]\nb: *a\nc: *b\n", '3:4: the alias "*b" has no node before it'),
    ("[" * 200, "1:34: more than 32 levels are too deep"),
]


def check(tmp_path: Path, text: bytes) -> subprocess.CompletedProcess:
    (tmp_path / "alerts.yaml").write_bytes(text)
    return run("check-alerts", str(tmp_path / "alerts.yaml"))


def test_without_a_file_it_prints_the_defaults():
    done = run("check-alerts")
    assert (done.returncode, done.stdout, done.stderr) == (0, DEFAULTS, "")


def test_the_example_of_the_documentation(tmp_path):
    page = (ROOT / "docs" / "alerts.md").read_text()
    done = check(tmp_path, re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1].encode())
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "load", "host-silent", "cpu", "nginx-hot", "web-app", "disk-full", "backup-full", "memory", "waiting-for-disks", "blind",
        "webhook"]
    assert lines[3] == ("nginx-hot: CPU of nginx above 90 % of one CPU on average over 10 s for 1 min; "
                        "clears at 81 % of one CPU or less for 5 s")
    assert lines[-1] == ("webhook: https://alerts.example.org/…, each attempt within 5 s, with Authorization")
    assert "0123456789abcdef" not in done.stdout, "a header's value may be a secret"


def test_a_file_that_turns_everything_off(tmp_path):
    assert check(tmp_path, b"defaults: false\n").stdout == "no rules: no alert can fire\n"


@pytest.mark.parametrize("text, message", BAD_FILES, ids=[message for _, message in BAD_FILES])
def test_an_error_in_a_file_has_line_and_column(tmp_path, text, message):
    assert_refused(check(tmp_path, text.encode()), 1, f"{tmp_path}/alerts.yaml:", message)


def test_a_missing_file(tmp_path):
    assert_refused(run("check-alerts", str(tmp_path / "none")), 1, str(tmp_path / "none"), "--alerts")


def test_a_file_that_is_not_text(tmp_path):
    assert_refused(check(tmp_path, os.urandom(4096)), 1, f"{tmp_path}/alerts.yaml:")
    assert_refused(check(tmp_path, b"#" * 300_000), 1, "bytes are too many")


def test_help():
    assert "webhook" in run("check-alerts", "--help").stdout
    assert "--alerts" in run("serve", "--help").stdout
