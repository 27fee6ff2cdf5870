"""The data folder: --data, TOPSERVER_DATA, STATE_DIRECTORY, XDG_STATE_HOME, HOME, in this order."""

import stat

import pytest
from answers import assert_problem
from harness import Server, wait_until
from past import QUICK, ever_flushed, export, recorder
from test_command_line import assert_refused, serve

# An empty variable counts as unset, and so hides the variables of the tests themselves.
NOTHING = {"TOPSERVER_DATA": "", "STATE_DIRECTORY": "", "XDG_STATE_HOME": "", "HOME": ""}


def places(root) -> list[tuple[dict, list, str]]:
    """Each adds one that takes precedence over those before it."""
    return [
        ({"HOME": f"{root}/home"}, [], f"{root}/home/.local/state/topserver"),
        ({"XDG_STATE_HOME": f"{root}/state"}, [], f"{root}/state/topserver"),
        ({"STATE_DIRECTORY": f"{root}/unit:{root}/other"}, [], f"{root}/unit"),
        ({"TOPSERVER_DATA": f"{root}/variable"}, [], f"{root}/variable"),
        ({}, ["--data", f"{root}/option"], f"{root}/option"),
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5], ids=["home", "xdg", "systemd", "variable", "option"])
def test_the_first_setting_wins(tmp_path, count):
    environment, arguments = dict(NOTHING), []
    chosen = places(tmp_path)[:count]
    folder = chosen[-1][2]
    for variables, options, _ in chosen:
        environment |= variables
        arguments += options
    with Server(*QUICK, *arguments, environment=environment) as server:
        state = ever_flushed(server)
        assert state["file"] == f"{folder}/history.db"
    made = list(tmp_path.rglob("history.db"))
    assert [str(path) for path in made] == [f"{folder}/history.db"]
    assert stat.S_IMODE(made[0].parent.stat().st_mode) == 0o700, "the mode of an existing folder is the owner's choice"
    done = export("--series", "cpu_count", *arguments, data=tmp_path, environment=environment)
    assert done.returncode == 0 and done.stdout, done.stderr


@pytest.mark.parametrize("variable", ["STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"])
def test_a_relative_variable_is_ignored(variable):
    with Server(environment={**NOTHING, variable: "here"}) as server:
        assert recorder(server)["file"] is None


def test_without_a_folder_it_serves_from_memory():
    with Server(*QUICK, environment=NOTHING) as server:
        state = wait_until(lambda: (now := recorder(server))["reason"] and now)
        assert not state["recording"] and state["switched_on"]
        assert state["file"] is None
        assert "--data" in state["reason"]
        wait_until(lambda: server.json("/system")["sequence"] > 5)
        assert server.request("/cpu_usage?at=now").status == 200
        assert server.json("/history?series=cpu_count")["series"]["cpu_count"]
        assert_problem(server.request("/cpu_usage?at=-1h"), 404, "the history goes from")
    done = export(data="", environment=NOTHING)
    assert done.returncode == 1
    assert "--data" in done.stderr and done.stderr.count("\n") == 1


def test_a_relative_option_is_below_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Server(*QUICK, "--data", "here") as server:
        ever_flushed(server)
    assert (tmp_path / "here" / "history.db").exists()


@pytest.mark.parametrize(("arguments", "mention"), [
    (["--history-limit", "3MiB"], "at least 4MiB"), (["--history-limit", "much"], "256MiB or 1GB"),
    (["--history-limit", "-1"], "--history-limit"), (["--flush-interval", "0"], "--flush-interval"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bad_options_are_usage_errors(arguments, mention):
    assert_refused(serve(*arguments), 64, mention)
