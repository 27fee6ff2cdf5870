"""view.cgroup: the lowest limit between our group and the root of the mount, and the throttling of that group."""

import os
import time
from pathlib import Path

import pytest
from harness import Server, wait_until
from mounted import with_mounts
from proc_tree import ProcTree

VERSION_1 = Path("/sys/fs/cgroup/cpu")


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    return tree


def version_2(folder: Path, limit: str, throttled: int = 0):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(f"{limit} 100000\n")
    (folder / "cpu.stat").write_text(f"usage_usec 1\nnr_periods 9\nnr_throttled {throttled}\n"
                                     f"throttled_usec {throttled}000000\n")


def version_1(folder: Path, quota: int, throttled: int = 0):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    (folder / "cpu.stat").write_text(f"nr_periods 9\nnr_throttled {throttled}\nthrottled_time {throttled}000000000\n")


def cgroup(tree: ProcTree, groups: Path):
    wrapper = with_mounts(f"mount --bind {groups} /sys/fs/cgroup")
    with Server("--proc", str(tree.root), "--interval", "0.1", wrapper=wrapper) as server:
        return server.json("/system")["view"]["cgroup"]


def test_a_pod_limits_what_is_in_it(tree, tmp_path):
    tree.write("self/cgroup", "0::/pod.slice/app.scope/init\n")
    groups = tmp_path / "groups"
    version_2(groups / "pod.slice", "200000", throttled=7)
    version_2(groups / "pod.slice/app.scope", "300000", throttled=1)
    version_2(groups / "pod.slice/app.scope/init", "max")
    assert cgroup(tree, groups) == {"cpu_limit": 2.0, "throttled_periods": 7, "throttled_seconds": 7.0,
                                    "group": "/pod.slice"}


def test_the_own_group_may_have_the_lowest(tree, tmp_path):
    tree.write("self/cgroup", "0::/pod/app\n")
    groups = tmp_path / "groups"
    version_2(groups / "pod", "400000", throttled=7)
    version_2(groups / "pod/app", "50000", throttled=2)
    assert cgroup(tree, groups) == {"cpu_limit": 0.5, "throttled_periods": 2, "throttled_seconds": 2.0,
                                    "group": "/pod/app"}


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
def test_version_1(tree, tmp_path, mount):
    tree.write("self/cgroup", "5:memory:/elsewhere\n4:cpu,cpuacct:/a/b/c\n0::/u\n")
    groups = tmp_path / "groups"
    version_1(groups / mount, -1)
    version_1(groups / mount / "a", 150000, throttled=4)
    version_1(groups / mount / "a/b", -1)
    version_1(groups / mount / "a/b/c", 250000, throttled=9)
    assert cgroup(tree, groups) == {"cpu_limit": 1.5, "throttled_periods": 4, "throttled_seconds": 4.0, "group": "/a"}


def test_version_2_beside_version_1(tree, tmp_path):
    tree.write("self/cgroup", "1:name=systemd:/x\n0::/u/v\n")
    groups = tmp_path / "groups"
    version_2(groups / "unified/u", "70000")
    version_2(groups / "unified/u/v", "max")
    assert cgroup(tree, groups)["cpu_limit"] == 0.7


def test_a_container_whose_group_is_the_root_of_its_mount(tree, tmp_path):
    tree.write("self/cgroup", "0::/docker/0123456789abcdef\n")
    groups = tmp_path / "groups"
    version_2(groups, "150000", throttled=3)
    assert cgroup(tree, groups) == {"cpu_limit": 1.5, "throttled_periods": 3, "throttled_seconds": 3.0, "group": "/"}


def test_no_path_leaves_the_mount(tree, tmp_path):
    tree.write("self/cgroup", "0::/../../outside\n")
    tree.write("self/mountinfo", f"30 1 0:30 / {tmp_path}/in/groups rw - cgroup2 cgroup2 rw\n")
    version_2(tmp_path / "outside", "1000")
    version_2(tmp_path / "in/groups", "1000")
    assert cgroup(tree, tmp_path / "in/groups") is None


def test_a_real_group_of_version_1():
    """A quota of 5 % of one CPU on the parent of our group, which is used up at once."""
    if not (VERSION_1 / "cpu.cfs_quota_us").exists() or not os.access(VERSION_1, os.W_OK):
        pytest.skip("the cpu controller of version 1 is not ours to use")
    outer = VERSION_1 / f"topserver-test-{os.getpid()}"
    inner = outer / "inner"
    try:
        inner.mkdir(parents=True)
        (outer / "cpu.cfs_quota_us").write_text("5000")
        (outer / "cpu.cfs_period_us").write_text("100000")
        wrapper = ("sh", "-c", f'echo $$ > {inner}/cgroup.procs; exec "$@"', "sh")
        with Server("--interval", "0.1", wrapper=wrapper) as server:
            group = wait_until(lambda: (now := server.json("/system")["view"]["cgroup"])["throttled_periods"] > 0 and now)
            assert group["cpu_limit"] == 0.05 and group["group"].endswith(outer.name)
            assert group["throttled_seconds"] > 0
            # The throttling continues from sweep to sweep.
            wait_until(lambda: server.json("/system")["view"]["cgroup"]["throttled_periods"]
                       > group["throttled_periods"] and server.request("/cpu_usage"))
    finally:
        for folder in (inner, outer):
            end = time.monotonic() + 10
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    # An exited process leaves its group a moment later.
                    assert time.monotonic() < end
                    time.sleep(0.01)
