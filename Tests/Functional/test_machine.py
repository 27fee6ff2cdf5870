"""/system's memory, disks, file systems, network and pressure: compared with the kernel's, and from a synthetic tree."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import hung_mount
import pytest
from answers import documented_members, strict_json
from harness import Server, wait_until
from mounted import with_mounts
from proc_tree import ProcTree, disk_line, interface_line, mount_line

FILE_SYSTEM = ["mount_point", "device", "type", "total_bytes", "used_bytes", "available_bytes", "used_percent",
               "stalled"]
DISK = ["read_bytes_per_second", "write_bytes_per_second", "reads_per_second", "writes_per_second", "busy_percent"]
INTERFACE = [f"{way}_{what}_per_second" for what in ("bytes", "packets", "errors", "drops")
             for way in ("receive", "transmit")]
LINE = ["now_percent", "avg10_percent", "avg60_percent", "avg300_percent"]
PSEUDO = {"proc", "sysfs", "tmpfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs",
          "squashfs", "mqueue", "bpf", "pstore", "autofs"}
MEGABYTE = 1 << 20


def newer_system(server) -> dict:
    """An answer of a sweep that began after this call, with the first answers of the file systems."""
    start = server.json("/system")["sequence"]
    return wait_until(lambda: (now := server.json("/system"))["sequence"] >= start + 2 and now)


def when(server, condition) -> dict:
    return wait_until(lambda: condition(now := server.json("/system")) and now, interval=0.02)


# The real machine.


def kernel_memory() -> dict:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


def test_memory_and_swap_are_the_kernels(quick):
    system, kernel = newer_system(quick), kernel_memory()
    memory, swap = system["memory"], system["swap"]
    assert memory["total_bytes"] == kernel["MemTotal"]
    assert memory["used_bytes"] == memory["total_bytes"] - memory["available_bytes"]
    share = memory["used_bytes"] / memory["total_bytes"]
    assert memory["used_percent"] == pytest.approx(share * 100, abs=0.006)
    # Other processes allocate and free memory between the two readings.
    slack = max(128 * MEGABYTE, kernel["MemTotal"] // 20)
    names = {"free": "MemFree", "available": "MemAvailable", "buffers": "Buffers", "cached": "Cached",
             "shared": "Shmem", "reclaimable_slab": "SReclaimable", "active": "Active", "inactive": "Inactive"}
    for ours, theirs in names.items():
        assert memory[f"{ours}_bytes"] == pytest.approx(kernel[theirs], abs=slack), ours
    assert swap["total_bytes"] == kernel["SwapTotal"]
    assert swap["used_bytes"] + swap["free_bytes"] == swap["total_bytes"]


def test_load_is_the_kernels(quick):
    def same():
        load = newer_system(quick)["load"]
        return list(load.values()) == [float(word) for word in Path("/proc/loadavg").read_text().split()[:3]]
    assert list(newer_system(quick)["load"]) == ["load_1", "load_5", "load_15"]
    wait_until(same)


def test_file_systems_are_as_df_shows_them(quick):
    systems = when(quick, lambda now: now["sequence"] >= 3)["file_systems"]
    mounted = {line.split()[4].encode().decode("unicode_escape"): line.split()[2]
               for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    numbers = [mounted[system["mount_point"]] for system in systems]
    assert len(numbers) == len(set(numbers)), "no file system twice"
    for system in systems:
        assert list(system) == FILE_SYSTEM
        assert system["type"] not in PSEUDO and system["stalled"] is False
        usage = shutil.disk_usage(system["mount_point"])
        assert system["total_bytes"] == usage.total > 0
        slack = max(256 * MEGABYTE, usage.total // 20)
        assert system["used_bytes"] == pytest.approx(usage.used, abs=slack)
        assert system["available_bytes"] == pytest.approx(usage.free, abs=slack)
        usable = system["used_bytes"] + system["available_bytes"]
        assert system["used_percent"] == pytest.approx(system["used_bytes"] * 100 / usable, abs=0.006)


def test_disks_are_whole_disks(quick):
    system = newer_system(quick)
    counted = {line.split()[2] for line in Path("/proc/diskstats").read_text().splitlines()}
    whole = {name.replace("!", "/") for name in os.listdir("/sys/block")} & counted
    expected = {name for name in whole if not name.startswith(("loop", "ram", "zram"))}
    assert {disk["name"] for disk in system["disks"]} == expected
    for disk in system["disks"]:
        assert list(disk) == ["name"] + DISK
        assert 0 <= disk["busy_percent"] <= 100 and min(disk[key] for key in DISK) >= 0
    assert list(system["disk_total"]) == DISK


def kernel_interfaces() -> dict[str, int]:
    """The received bytes of each interface of the machine."""
    file = Path("/proc/1/net/dev")
    file = file if os.access(file, os.R_OK) else Path("/proc/net/dev")
    pairs = [line.rpartition(":") for line in file.read_text().splitlines()[2:]]
    return {name.strip(): int(counters.split()[0]) for name, _, counters in pairs}


def test_interfaces_are_those_of_the_machine(quick):
    system = newer_system(quick)
    names = list(kernel_interfaces())
    assert [interface["name"] for interface in system["network"]] == names
    for interface in system["network"]:
        assert list(interface) == ["name"] + INTERFACE
    total = system["network_total"]
    for key in INTERFACE:
        others = sum(one[key] for one in system["network"] if one["name"] != "lo")
        assert total[key] == pytest.approx(others, abs=0.005 * len(names) + 1e-6)


def test_our_own_requests_are_traffic_of_the_loopback(quick):
    before = kernel_interfaces().get("lo")
    newer_system(quick)
    if kernel_interfaces().get("lo") == before:
        pytest.skip("the machine's network is not that of the test")

    def busy(now):
        lo = next((one for one in now["network"] if one["name"] == "lo"), None)
        return lo and lo["receive_bytes_per_second"] > 100 and lo["transmit_packets_per_second"] > 0
    when(quick, busy)


def test_pressure_exists_where_the_kernel_measures_it(quick):
    pressure = newer_system(quick)["pressure"]
    try:
        Path("/proc/pressure/cpu").read_text()
    except OSError:
        assert pressure is None
        return
    assert list(pressure) == ["cpu", "memory", "io"]
    for lines in pressure.values():
        assert list(lines) == ["some", "full"]
        for line in lines.values():
            assert line is None or (list(line) == LINE and all(0 <= line[key] <= 100 for key in LINE))


def test_the_first_sample_has_levels_but_no_rates(frozen):
    system = frozen.json("/system")
    assert system["sequence"] == 1
    assert system["memory"]["total_bytes"] > 0 and system["load"]["load_1"] >= 0
    assert system["disks"] == system["network"] == []
    assert system["disk_total"] is system["network_total"] is None


def test_a_hanging_mount_is_stalled_and_delays_nothing(tmp_path):
    wrapper = (sys.executable, hung_mount.__file__, str(tmp_path))
    probe = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
    if probe.returncode == hung_mount.NOT_ALLOWED:
        pytest.skip(f"no such mount here: {probe.stderr.strip()}")
    with Server("--interval", "0.1", wrapper=wrapper) as server:
        def stalled(now):
            return [one for one in now["file_systems"] if one["stalled"]]
        system = when(server, stalled)
        (hung,) = stalled(system)
        assert hung["mount_point"] == str(tmp_path) and hung["type"] == "fuse"
        assert hung["total_bytes"] is hung["used_percent"] is None
        # The others have answered, and sweeps continue.
        for other in newer_system(server)["file_systems"]:
            assert other["stalled"] or other["total_bytes"] > 0
        assert system["self"]["sweep_seconds"] < 1
        assert server.request("/readyz").status == 200
        assert newer_system(server)["interval_seconds"] < 1


# A synthetic tree.


MEMORY = """MemTotal:        8000000 kB
MemFree:         1000000 kB
MemAvailable:    6000000 kB
Buffers:          100000 kB
Cached:          3000000 kB
Active:          2000000 kB
Inactive:        1500000 kB
SwapTotal:       4000000 kB
SwapFree:        3000000 kB
Shmem:             50000 kB
SReclaimable:     200000 kB
"""


@pytest.fixture
def tree(tmp_path):
    tree = ProcTree(tmp_path / "proc")
    tree.put(1, name=b"init", ppid=0)
    return tree


@contextmanager
def serving(tree: ProcTree, interval: str = "0.1"):
    with Server("--proc", str(tree.root), "--interval", interval) as server:
        newer_system(server)
        yield server


def whole_disk() -> str:
    """A disk of this machine, because sysfs is the real one."""
    names = [name for name in os.listdir("/sys/block")
             if not name.startswith(("loop", "ram", "zram", "dm-", "md")) and "!" not in name]
    if not names:
        pytest.skip("this machine has no disk")
    return names[0]


def test_known_memory_and_load(tree):
    tree.write("meminfo", MEMORY)
    tree.write("loadavg", "1.25 0.50 12.00 3/400 9\n")
    with serving(tree) as server:
        system = newer_system(server)
    kilobytes = {"total": 8000000, "available": 6000000, "used": 2000000, "free": 1000000, "buffers": 100000,
                 "cached": 3000000, "shared": 50000, "reclaimable_slab": 200000, "active": 2000000,
                 "inactive": 1500000}
    known = {f"{key}_bytes": value * 1024 for key, value in kilobytes.items()} | {"used_percent": 25.0}
    assert system["memory"] | known == system["memory"]
    assert list(system["memory"]) == documented_members("memory")
    assert system["swap"] == {"total_bytes": 4096000000, "used_bytes": 1024000000, "used_percent": 25.0,
                              "free_bytes": 3072000000}
    assert system["load"] == {"load_1": 1.25, "load_5": 0.5, "load_15": 12.0}


def test_missing_files_are_null(tree):
    for name in ("meminfo", "loadavg", "uptime"):
        (tree.root / name).unlink()
    with serving(tree) as server:
        system = newer_system(server)
    for member in ("memory", "swap", "load", "disk_total", "network_total", "pressure"):
        assert system[member] is None, member
    assert system["disks"] == system["file_systems"] == system["network"] == []


@pytest.mark.parametrize("content", [
    b"", b"\n\n", b"\xff\xfe\x00", b"x" * 100_000, b"1 2 3", b"MemTotal: 99999999999999999999999 kB\n",
    b": : : :\n", b"some avg10=1e9 avg60=nan\n",
], ids=["empty", "blank", "not text", "endless", "numbers", "too large", "colons", "odd numbers"])
def test_broken_files_affect_only_their_own_part(tree, content):
    names = ["meminfo", "loadavg", "uptime", "diskstats", "net/dev", "pressure/cpu", "pressure/memory", "pressure/io",
             "self/mountinfo", "filesystems"]
    with serving(tree) as server:
        for name in names:
            tree.write(name, content)
        system = newer_system(server)
        assert system["memory"] is None and system["pressure"] is None
        assert system["disks"] == system["network"] == system["file_systems"] == []
        assert server.request("/readyz").status == 200
        tree.write("meminfo", MEMORY)
        assert newer_system(server)["memory"]["total_bytes"] == 8192000000


def test_known_disk_counters_give_the_known_rates(tree):
    disk = whole_disk()
    partition = disk_line(f"{disk}p9", reads=10**9, read_sectors=10**9)

    def put(reads, read_sectors, writes, written_sectors, busy_milliseconds):
        tree.write("diskstats", disk_line(disk, reads=reads, read_sectors=read_sectors, writes=writes,
                                          written_sectors=written_sectors, busy_milliseconds=busy_milliseconds)
                   + partition + disk_line("loop0", reads=10**9))
    put(100, 1000, 100, 1000, 0)
    with serving(tree, interval="0.5") as server:
        put(150, 3000, 110, 1100, 50)
        system = when(server, lambda now: now["disk_total"]["reads_per_second"] > 0)
        seconds = system["interval_seconds"]
        (only,) = system["disks"]
        assert only.pop("name") == disk
        assert only == system["disk_total"]
        expected = {"read_bytes": 2000 * 512, "write_bytes": 100 * 512, "reads": 50, "writes": 10}
        for key, count in expected.items():
            assert only[f"{key}_per_second"] * seconds == pytest.approx(count, rel=0.01), key
        assert only["busy_percent"] * seconds / 100 == pytest.approx(0.05, rel=0.01)
        # The disk is replaced: its counters start again, and nothing is negative.
        put(1, 1, 1, 1, 1)
        system = newer_system(server)
        assert all(value == 0 for value in system["disk_total"].values())


def test_known_network_counters_give_the_known_rates(tree):
    hostile = b"<b>\xff\xe2\x80\xae</b>"

    def put(count):
        tree.write("net/dev", b"Inter-|   Receive |  Transmit\n face |bytes packets |bytes packets\n"
                   + interface_line(b"lo", [count] * 4, [count] * 4)
                   + interface_line(b"eth0", [10 * count, count, 0, 2 * count], [20 * count, 0, count, 0])
                   + interface_line(hostile, [count, 0, 0, 0], [0, 0, 0, 0]))
    put(1000)
    with serving(tree, interval="0.5") as server:
        put(1100)
        system = when(server, lambda now: now["network_total"]["receive_bytes_per_second"] > 0)
        strict_json(server.request("/system").body)
    names = [interface["name"] for interface in system["network"]]
    assert names == ["lo", "eth0", hostile.decode(errors="replace")]
    seconds, eth0, total = system["interval_seconds"], system["network"][1], system["network_total"]
    expected = {"receive_bytes": 1000, "transmit_bytes": 2000, "receive_packets": 100, "transmit_errors": 100,
                "receive_drops": 200, "transmit_packets": 0, "receive_errors": 0, "transmit_drops": 0}
    for key, count in expected.items():
        assert eth0[f"{key}_per_second"] * seconds == pytest.approx(count, rel=0.01), key
    assert total["receive_bytes_per_second"] * seconds == pytest.approx(1100, rel=0.01)


def test_the_hosts_interfaces_take_precedence(tree):
    """In a container with the host's /proc, `net` is the container's own network."""
    line = interface_line(b"own0", [1] * 4, [1] * 4), interface_line(b"host0", [1] * 4, [1] * 4)
    tree.write("net/dev", line[0])
    tree.write("1/net/dev", line[1])
    with serving(tree) as server:
        assert [one["name"] for one in newer_system(server)["network"]] == ["host0"]


def test_known_pressure(tree):
    def put(total):
        for resource in ("cpu", "memory", "io"):
            tree.write(f"pressure/{resource}", f"some avg10=12.50 avg60=4.25 avg300=1.00 total={total}\n")
    put(0)
    with serving(tree, interval="0.5") as server:
        put(100_000)
        system = when(server, lambda now: now["pressure"]["io"]["some"]["now_percent"] > 0)
    line = system["pressure"]["io"]["some"]
    assert line["now_percent"] * system["interval_seconds"] / 100 == pytest.approx(0.1, rel=0.01)
    assert [line[key] for key in LINE[1:]] == [12.5, 4.25, 1.0]
    assert system["pressure"]["cpu"]["full"] is None


def test_mounts_are_filtered_counted_once_and_decoded(tree, tmp_path):
    places = {name: tmp_path / name for name in ("disk", "a longer place", "line\nbreak", "far")}
    for place in places.values():
        place.mkdir()
    odd = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(odd)
    file = tmp_path / "f"
    file.write_text("")
    tree.write("filesystems", "nodev\tproc\nnodev\ttmpfs\n\text4\n\tvfat\n\tsquashfs\n")
    tree.write("self/mountinfo", b"".join([
        mount_line("8:1", places["a longer place"], "ext4", "/dev/sda1"),
        mount_line("8:1", places["disk"], "ext4", "/dev/sda1"),
        # Containers mount single files; this one has the shortest path of all.
        mount_line("8:1", file, "ext4", "/dev/sda1"),
        mount_line("8:2", places["line\nbreak"], "vfat", "/dev/sd\033[31m"),
        mount_line("0:44", places["far"], "nfs4", "server:/export"),
        mount_line("0:45", odd, "fuse.sshfs", "box:"),
        mount_line("0:21", "/proc", "proc", "proc"),
        mount_line("0:22", tmp_path / "run", "tmpfs", "tmpfs"),
        mount_line("7:0", tmp_path / "image", "squashfs", "/dev/loop0"),
        mount_line("8:9", tmp_path / "gone", "ext4", "/dev/sdz"),
        b"rubbish\n",
    ]))
    with serving(tree) as server:
        systems = when(server, lambda now: now["file_systems"])["file_systems"]
    assert [system["mount_point"] for system in systems] == [
        str(places["disk"]), str(places["line\nbreak"]), str(places["far"]), odd.decode(errors="replace")]
    assert [system["device"] for system in systems] == ["/dev/sda1", "/dev/sd\033[31m", "server:/export", "box:"]
    usage = shutil.disk_usage(tmp_path)
    assert {system["total_bytes"] for system in systems} == {usage.total}


def file_systems(server) -> dict:
    """By mount point, when all of them have answered."""
    systems = when(server, lambda now: now["file_systems"] and now["sequence"] >= 4)["file_systems"]
    return {system["mount_point"]: system for system in systems}


def test_hidden_mounts_are_omitted(tree, tmp_path):
    """By parents, as the kernel lists them: the second mount at /srv hides the first, and the mounts on the first."""
    srv, home = tmp_path / "srv", tmp_path / "home"
    for place in (srv / "data", srv / "new", home):
        place.mkdir(parents=True)
    tree.write("filesystems", "\text4\n")
    tree.write("self/mountinfo", b"".join([
        mount_line("8:1", srv, "ext4", "/dev/covered", number=20),
        mount_line("8:2", srv / "data", "ext4", "/dev/behind", number=21, parent=20),
        mount_line("8:3", home, "ext4", "/dev/home", number=22),
        mount_line("8:4", srv, "ext4", "/dev/srv", number=23, parent=20),
        mount_line("8:5", srv / "new", "ext4", "/dev/new", number=24, parent=23),
    ]))
    with serving(tree) as server:
        assert [one["device"] for one in file_systems(server).values()] == ["/dev/home", "/dev/srv", "/dev/new"]


def test_a_mount_above_hides_earlier_mounts(tree, tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    tree.write("filesystems", "nodev\ttmpfs\n\text4\n")
    tree.write("self/mountinfo", mount_line("8:1", tmp_path / "a/b", "ext4", "/dev/below")
               + mount_line("8:2", tmp_path, "ext4", "/dev/other") + mount_line("0:30", tmp_path / "a", "tmpfs", "t"))
    with serving(tree) as server:
        assert list(file_systems(server)) == [str(tmp_path)]


@pytest.fixture
def images(tmp_path):
    """Two small file systems in files, and a script that mounts them."""
    names = ("first", "second")
    for name in names:
        if not shutil.which("mkfs.ext4"):
            pytest.skip("no mkfs.ext4")
        with open(tmp_path / f"{name}.img", "wb") as file:
            file.truncate(2 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(tmp_path / f"{name}.img")], check=True)
        (tmp_path / name).mkdir()
    return tmp_path


def test_real_mounts_that_are_hidden_moved_or_read_only(images):
    wrapper = with_mounts(f"""
        cd {images}
        mount -o loop second.img second
        mkdir -p second/below
        mount -o loop first.img second/below
        mount --bind second/below first
        mount -t tmpfs cover second""")
    with Server("--interval", "0.1", wrapper=wrapper) as server:
        systems = file_systems(server)
    assert str(images / "first") in systems, "the bind mount of the first can be reached"
    assert str(images / "second") not in systems and str(images / "second/below") not in systems
    assert "read_only" not in systems[str(images / "first")]


def test_a_read_only_file_system_is_marked_and_raises_no_alert(images):
    rules = images / "rules.yaml"
    rules.write_text(f"""rules:
  - {{name: any-disk, metric: disk, above: 0.001%, for: 0s}}
  - {{name: read-only, metric: disk, mount: {images}/first, above: 0.001%, for: 0s}}
  - {{name: through-a-view, metric: disk, mount: {images}/second, above: 0.001%, for: 0s}}
""")
    wrapper = with_mounts(f"""
        cd {images}
        mount -o loop,ro first.img first
        mount -o loop second.img second
        mount -o remount,bind,ro second""")
    with Server("--interval", "0.1", "--alerts", str(rules), wrapper=wrapper) as server:
        systems = file_systems(server)
        assert systems[str(images / "first")]["read_only"] is True
        # Only this mount of it is read-only: other mounts allow writes.
        assert "read_only" not in systems[str(images / "second")]
        active = wait_until(lambda: len(found := server.json("/alerts")["active"]) >= 2 and found)
        said = {rule["name"]: rule["note"] for rule in server.json("/alerts")["rules"]}
    alerts = {alert["rule"]: alert["note"] for alert in active}
    assert {"any-disk", "through-a-view"} <= set(alerts) and "read-only" not in alerts
    assert alerts["any-disk"] != f"{images}/first"
    assert "read-only" in said["read-only"]


def test_images_through_fuse_are_omitted(tree, tmp_path):
    """Whatever their type: no free block, and no process can write to them. One with free blocks is listed."""
    kinds = {"app": ("fuse.Editor.AppImage", "ro"), "odd": ("fuse.nvim", "ro"), "snap": ("fuse.snapfuse", "ro"),
             "far": ("fuse.sshfs", "rw"), "disk": ("ext4", "ro"), "view": ("fuse.sshfs", "ro")}
    for name in kinds:
        (tmp_path / name).mkdir()
    tree.write("filesystems", "nodev\tfuse\n\text4\n")
    tree.write("self/mountinfo", b"".join(
        mount_line(f"0:{50 + index}", tmp_path / name, kind, name, options=options)
        for index, (name, (kind, options)) in enumerate(kinds.items())))
    script = "\n".join(f"""
        mount -t tmpfs -o size=64k tmpfs {tmp_path}/{name}
        dd if=/dev/zero of={tmp_path}/{name}/x bs=4k {'count=4' if name == 'view' else ''} 2>/dev/null || true
        mount -o remount,ro {tmp_path}/{name}""" for name in kinds)
    with Server("--proc", str(tree.root), "--interval", "0.1", wrapper=with_mounts(script)) as server:
        systems = file_systems(server)
    assert [Path(place).name for place in systems] == ["far", "disk", "view"]
    assert [system.get("read_only") for system in systems.values()] == [None, True, True]


# Disks that consist of others.


class Sysfs:
    """A folder for /sys with the links that the kernel makes between block devices."""

    def __init__(self, root: Path):
        self.root = root

    def disk(self, name: str, *partitions: str, hidden: bool = False):
        folder = self.root / "block" / name
        for partition in partitions:
            (folder / partition / "holders").mkdir(parents=True)
        for links in ("slaves", "holders"):
            (folder / links).mkdir(parents=True, exist_ok=True)
        (folder / "hidden").write_text(f"{int(hidden)}\n")

    def stack(self, name: str, *others: str):
        self.disk(name)
        for other in others:
            part = other.split("/")[-1]
            (self.root / "block" / name / "slaves" / part).symlink_to(f"../../{other}")
            (self.root / "block" / other / "holders" / name).symlink_to(f"../../../{name}")


def test_stacked_disks_count_once(tree, tmp_path):
    sysfs = Sysfs(tmp_path / "sys")
    for disk in ("nvme0n1", "nvme1n1"):
        sysfs.disk(disk, f"{disk}p1")
    sysfs.disk("nvme0c0n1", hidden=True)
    sysfs.disk("sda", "sda1")
    sysfs.stack("md0", "nvme0n1/nvme0n1p1", "nvme1n1/nvme1n1p1")
    sysfs.stack("dm-0", "md0")
    sysfs.stack("bcache0", "sda/sda1")
    sysfs.stack("drbd0", "sda")
    sysfs.disk("zd0", "zd0p1")
    names = ["nvme0n1", "nvme0n1p1", "nvme1n1", "nvme1n1p1", "nvme0c0n1", "sda", "sda1", "md0", "dm-0", "bcache0",
             "drbd0", "zd0", "zd0p1"]

    def put(reads):
        tree.write("diskstats", "".join(disk_line(name, reads=reads) for name in names))
    put(100)
    wrapper = with_mounts(f"mount --bind {sysfs.root} /sys")
    with Server("--proc", str(tree.root), "--interval", "0.5", wrapper=wrapper) as server:
        newer_system(server)
        put(200)
        system = when(server, lambda now: now["disk_total"]["reads_per_second"] > 0)
        counted = server.json("/get_stats")["current_stat"]["disk_stat"]["count_stats"]["read_count"]
    assert [disk["name"] for disk in system["disks"]] == [
        "nvme0n1", "nvme1n1", "sda", "md0", "dm-0", "bcache0", "drbd0", "zd0"]
    assert system["disk_total"]["reads_per_second"] * system["interval_seconds"] == pytest.approx(300, rel=0.01)
    assert counted == 3 * 200
    assert system["view"]["disks_from"] == "sysfs"


def test_without_sysfs_names_decide_and_the_answer_says_so(tree, tmp_path):
    (tmp_path / "sys").mkdir()
    tree.write("diskstats", "".join(disk_line(name, reads=7) for name in ("sda", "sda1", "md0", "loop0")))
    wrapper = with_mounts(f"mount --bind {tmp_path}/sys /sys")
    with Server("--proc", str(tree.root), "--interval", "0.1", wrapper=wrapper) as server:
        system = newer_system(server)
        counted = server.json("/get_stats")["current_stat"]["disk_stat"]["count_stats"]["read_count"]
    assert [disk["name"] for disk in system["disks"]] == ["sda", "md0"]
    assert counted == 7 and system["view"]["disks_from"] == "names"
