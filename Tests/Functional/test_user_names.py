"""User names: a hanging database delays nothing, and a changed name is noticed. Needs root, for mounts and owners."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from harness import Server, wait_until
from proc_tree import ProcTree

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("cc"),
                                reason="needs root, util-linux and a C compiler")


def in_place_of(file: Path, path: str) -> tuple[str, ...]:
    """A command that starts another one which sees a file under another path."""
    return ("unshare", "-m", "--propagation", "private", "sh", "-c", f'mount --bind {file} {path} && exec "$@"', "sh")


def own(tree: ProcTree, pid: int, uid: int, **values):
    tree.put(pid, **values)
    for path in [tree.root / str(pid), *(tree.root / str(pid)).iterdir()]:
        os.chown(path, uid, uid)


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init")
    return tree


def users(server) -> dict:
    return {row["pid"]: row["user"] for row in server.json("/cpu_usage?fields=pid,user")}


def sequence(server) -> int:
    return server.json("/system")["sequence"]


@pytest.fixture
def held(tmp_path):
    """An environment in which lookups of unknown users hang while a file exists, and that file."""
    library = tmp_path / "libnss_held.so.2"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("nss_held.c")], check=True)
    (tmp_path / "nsswitch.conf").write_text("passwd: files held\n")
    (tmp_path / "hold").touch()
    (tmp_path / "asked").touch()
    return {"LD_LIBRARY_PATH": str(tmp_path), "HELD_BY": str(tmp_path / "hold"), "ASKED": str(tmp_path / "asked")}


def test_a_hanging_database_delays_nothing(tmp_path, tree, held):
    own(tree, 20, 54321)
    asked = Path(held["ASKED"])
    with Server("--interval", "0.1", "--proc", str(tree.root), environment=held,
                wrapper=in_place_of(tmp_path / "nsswitch.conf", "/etc/nsswitch.conf")) as server:
        wait_until(lambda: "54321" in asked.read_text())
        # The number is shown, at once.
        assert users(server) == {1: "root", 20: "54321"}
        # A busy process of another unknown user is part of this host's entry in the fleet.
        own(tree, 30, 54322)
        for ticks in range(1, 6):
            before = sequence(server)
            own(tree, 30, 54322, user=ticks * 10)
            wait_until(lambda: sequence(server) > before + 2)
        assert users(server)[30] == "54322"
        assert server.request("/readyz").status == 200
        assert {host["host"] for host in server.json("/hosts")["hosts"]}
        # A user is looked up once, however often it is shown.
        assert asked.read_text().split().count("54321") == 1
        # The names arrive with the answer, and with a buffer that is large enough.
        Path(held["HELD_BY"]).unlink()
        wait_until(lambda: users(server) == {1: "root", 20: "user54321", 30: "user54322"})


def test_the_server_exits_although_the_database_hangs(tmp_path, tree, held):
    own(tree, 20, 54321)
    with Server("--interval", "0.1", "--proc", str(tree.root), environment=held,
                wrapper=in_place_of(tmp_path / "nsswitch.conf", "/etc/nsswitch.conf")) as server:
        assert users(server)[20] == "54321"


@pytest.mark.parametrize("is_replaced", [False, True], ids=["rewritten", "replaced"])
def test_a_change_of_the_local_file_is_seen(tmp_path, tree, is_replaced):
    own(tree, 20, 60001)
    own(tree, 21, 60002)
    # The folder is mounted, so that a file in it can be replaced.
    etc = tmp_path / "etc"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    passwd = etc / "passwd"
    base = passwd.read_text()
    passwd.write_text(base + "svc-a:x:60001:60001::/:/bin/false\n")
    with Server("--interval", "60", "--proc", str(tree.root), wrapper=in_place_of(etc, "/etc")) as server:
        # The first sample has the names, and an unknown user has none.
        assert users(server) == {1: "root", 20: "svc-a", 21: None}
    with Server("--interval", "0.2", "--proc", str(tree.root), wrapper=in_place_of(etc, "/etc")) as server:
        assert users(server) == {1: "root", 20: "svc-a", 21: None}
        changed = base + "svc-b:x:60001:60001::/:/bin/false\nlate:x:60002:60002::/:/bin/false\n"
        if is_replaced:
            (etc / "passwd.new").write_text(changed)
            (etc / "passwd.new").rename(passwd)
        else:
            passwd.write_text(changed)
        wait_until(lambda: users(server) == {1: "root", 20: "svc-b", 21: "late"})
