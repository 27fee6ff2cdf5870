import Testing

@testable import TopServer

/// Texts of /proc/PID/cgroup as real systems have them.
@Suite struct CgroupIdentityTests {
  private static let id = "4f5e2a1c9d8b7a6f4f5e2a1c9d8b7a6f4f5e2a1c9d8b7a6f4f5e2a1c9d8b7a6f"
  private static let inner = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  private static let uid = "8b3c1f0e-1a2b-4c3d-9e8f-0a1b2c3d4e5f"
  private static let uidInSlice = "8b3c1f0e_1a2b_4c3d_9e8f_0a1b2c3d4e5f"

  struct Layout: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var unit: String?
    var container: String?
    var runtime: ContainerRuntime?
    var pod: String?
    /// `nil`: the text is one line of version 2, whose path it is.
    var path: String?

    init(
      _ name: String, _ text: String, unit: String? = nil, container: String? = nil,
      _ runtime: ContainerRuntime? = nil, pod: String? = nil, path: String? = nil
    ) {
      (self.name, self.unit, self.container) = (name, unit, container)
      (self.runtime, self.pod) = (runtime, pod)
      self.text = text.hasPrefix("/") ? "0::\(text)\n" : text
      self.path = path ?? (text.hasPrefix("/") ? text : nil)
    }

    var testDescription: String { name }
  }

  private static let layouts: [Layout] = [
    // Docker
    Layout("docker, cgroupfs", "/docker/\(id)", container: "4f5e2a1c9d8b", .docker),
    Layout(
      "docker, systemd", "/system.slice/docker-\(id).scope", unit: "docker-\(id).scope",
      container: "4f5e2a1c9d8b", .docker),
    Layout(
      "systemd in docker", "/system.slice/docker-\(id).scope/system.slice/nginx.service",
      unit: "nginx.service", container: "4f5e2a1c9d8b", .docker),
    Layout(
      "init in docker", "/docker/\(id)/init.scope", unit: "init.scope", container: "4f5e2a1c9d8b",
      .docker),
    Layout(
      "docker in docker", "/docker/\(id)/docker/\(inner)", container: "0123456789ab", .docker),
    Layout("docker in a cgroup namespace of another", "/../\(id)", container: "4f5e2a1c9d8b"),
    Layout(
      "docker beside us", "/../../system.slice/docker-\(id).scope", unit: "docker-\(id).scope",
      container: "4f5e2a1c9d8b", .docker),
    Layout("inside of docker", "/", path: "/"),
    Layout(
      "rootless docker",
      "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(id).scope",
      unit: "docker-\(id).scope", container: "4f5e2a1c9d8b", .docker),
    Layout(
      "docker on version 1",
      """
      12:pids:/docker/\(id)
      11:cpuset:/docker/\(id)
      4:cpu,cpuacct:/docker/\(id)
      1:name=systemd:/docker/\(id)
      0::/system.slice/containerd.service
      """, container: "4f5e2a1c9d8b", .docker, path: "/docker/\(id)"),
    Layout(
      "buildkit within dockerd", "/docker/buildkit/y8x2k1m9q4w7e3r5t6u0i1o2p",
      container: "y8x2k1m9q4w7", .docker),
    Layout(
      "buildkit in a container", "/docker/\(id)/buildkit/y8x2k1m9q4w7e3r5t6u0i1o2p",
      container: "4f5e2a1c9d8b", .docker),
    // Podman
    Layout(
      "podman, rootless",
      "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope/container",
      unit: "libpod-\(id).scope", container: "4f5e2a1c9d8b", .podman),
    Layout(
      "podman, root", "/machine.slice/libpod-\(id).scope", unit: "libpod-\(id).scope",
      container: "4f5e2a1c9d8b", .podman),
    Layout("podman, cgroupfs", "/libpod_parent/libpod-\(id)", container: "4f5e2a1c9d8b", .podman),
    Layout(
      "podman, in a pod", "/machine.slice/machine-libpod_pod_\(inner).slice/libpod-\(id).scope",
      unit: "libpod-\(id).scope", container: "4f5e2a1c9d8b", .podman),
    Layout(
      "conmon of podman", "/machine.slice/libpod-conmon-\(id).scope",
      unit: "libpod-conmon-\(id).scope"),
    Layout(
      "podman, quadlet",
      "/system.slice/web.service/libpod-payload-\(id)", unit: "web.service",
      container: "4f5e2a1c9d8b", .podman),
    // Kubernetes
    Layout(
      "containerd, systemd",
      "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod\(uidInSlice).slice/cri-containerd-\(id).scope",
      unit: "cri-containerd-\(id).scope", container: "4f5e2a1c9d8b", .containerd, pod: uid),
    Layout(
      "containerd, guaranteed",
      "/kubepods.slice/kubepods-pod\(uidInSlice).slice/cri-containerd-\(id).scope",
      unit: "cri-containerd-\(id).scope", container: "4f5e2a1c9d8b", .containerd, pod: uid),
    Layout(
      "cgroupfs", "/kubepods/burstable/pod\(uid)/\(id)", container: "4f5e2a1c9d8b", pod: uid),
    Layout(
      "cgroupfs, guaranteed", "/kubepods/pod\(uid)/\(id)", container: "4f5e2a1c9d8b", pod: uid),
    Layout(
      "static pod", "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/\(id)",
      container: "4f5e2a1c9d8b", pod: "0123456789abcdef0123456789abcdef"),
    Layout(
      "containerd with the wrong driver",
      "/system.slice/containerd.service/kubepods-burstable-pod\(uidInSlice).slice:cri-containerd:\(id)",
      unit: "containerd.service", container: "4f5e2a1c9d8b", .containerd, pod: uid),
    Layout(
      "CRI-O, systemd",
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(uidInSlice).slice/crio-\(id).scope",
      unit: "crio-\(id).scope", container: "4f5e2a1c9d8b", .criO, pod: uid),
    Layout(
      "CRI-O with systemd inside",
      "/kubepods.slice/kubepods-pod\(uidInSlice).slice/crio-\(id).scope/system.slice/sshd.service",
      unit: "sshd.service", container: "4f5e2a1c9d8b", .criO, pod: uid),
    Layout(
      "CRI-O, cgroupfs", "/kubepods/besteffort/pod\(uid)/crio-\(id)", container: "4f5e2a1c9d8b",
      .criO, pod: uid),
    Layout(
      "conmon of CRI-O", "/kubepods.slice/kubepods-pod\(uidInSlice).slice/crio-conmon-\(id).scope",
      unit: "crio-conmon-\(id).scope", pod: uid),
    Layout(
      "Kubernetes with Docker",
      "/kubepods.slice/kubepods-pod\(uidInSlice).slice/docker-\(id).scope",
      unit: "docker-\(id).scope", container: "4f5e2a1c9d8b", .docker, pod: uid),
    Layout(
      "kind",
      "/system.slice/docker-\(id).scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
        + "kubelet-kubepods-besteffort-pod\(uidInSlice).slice/cri-containerd-\(inner).scope",
      unit: "cri-containerd-\(inner).scope", container: "0123456789ab", .containerd, pod: uid),
    Layout(
      "kind, cgroupfs", "/docker/\(id)/kubelet/kubepods/burstable/pod\(uid)/\(inner)",
      container: "0123456789ab", pod: uid),
    Layout("a process of a pod alone", "/kubepods/pod\(uid)", pod: uid),
    Layout(
      "nerdctl", "/system.slice/nerdctl-\(id).scope", unit: "nerdctl-\(id).scope",
      container: "4f5e2a1c9d8b", .containerd),
    Layout("containerd, ctr", "/k8s.io/\(id)", container: "4f5e2a1c9d8b", .containerd),
    Layout(
      "ECS", "/ecs/8b3c1f0e1a2b4c3d9e8f0a1b2c3d4e5f/\(id)", container: "4f5e2a1c9d8b", .docker),
    Layout(
      "ECS with a cluster", "/ecs/prod/8b3c1f0e1a2b4c3d9e8f0a1b2c3d4e5f/\(id)",
      container: "4f5e2a1c9d8b", .docker),
    Layout(
      "Fargate",
      "/ecs/8b3c1f0e1a2b4c3d9e8f0a1b2c3d4e5f/8b3c1f0e1a2b4c3d9e8f0a1b2c3d4e5f-2531612879",
      container: "8b3c1f0e1a2b"),
    // System containers
    Layout("LXC", "/lxc.payload.web", container: "web", .lxc),
    Layout(
      "LXC with systemd", "/lxc.payload.web-1/system.slice/nginx.service", unit: "nginx.service",
      container: "web-1", .lxc),
    Layout("LXC, old", "/lxc/web/ns/init.scope", unit: "init.scope", container: "web", .lxc),
    Layout("Proxmox", "/lxc/101/ns", container: "101", .lxc),
    Layout("monitor of LXC", "/lxc.monitor.web"),
    Layout("LXD, project", "/lxc.payload.shop_web", container: "shop_web", .lxc),
    Layout("docker in LXC", "/lxc.payload.web/docker/\(id)", container: "4f5e2a1c9d8b", .docker),
    Layout(
      "nspawn", "/machine.slice/systemd-nspawn@web.service/payload",
      unit: "systemd-nspawn@web.service",
      container: "web", .systemdNspawn),
    Layout(
      "nspawn with systemd",
      "/machine.slice/systemd-nspawn@web.service/payload/system.slice/cron.service",
      unit: "cron.service", container: "web", .systemdNspawn),
    Layout(
      "nspawn itself", "/machine.slice/systemd-nspawn@web.service/supervisor",
      unit: "systemd-nspawn@web.service"),
    Layout(
      "nspawn by hand", "/machine.slice/machine-web\\x2d1.scope/payload",
      unit: "machine-web-1.scope",
      container: "web-1", .systemdNspawn),
    Layout(
      "virtual machine", "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/vcpu0",
      unit: "machine-qemu-1-vm.scope"),
    // systemd
    Layout("service", "/system.slice/ssh.service", unit: "ssh.service"),
    Layout(
      "escaped",
      "/system.slice/system-systemd\\x2dfsck.slice/systemd-fsck@dev-disk-by\\x2duuid-1.service",
      unit: "systemd-fsck@dev-disk-by-uuid-1.service"),
    Layout("slice alone", "/system.slice", unit: "system.slice"),
    Layout("init", "/init.scope", unit: "init.scope"),
    Layout("sub-groups of a service", "/system.slice/foo.service/worker/1", unit: "foo.service"),
    Layout("session", "/user.slice/user-1000.slice/session-3.scope", unit: "session-3.scope"),
    Layout(
      "user manager", "/user.slice/user-1000.slice/user@1000.service/init.scope", unit: "init.scope"
    ),
    Layout(
      "user service", "/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service",
      unit: "dbus.service"),
    Layout(
      "GNOME",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-1234.scope",
      unit: "app-gnome-firefox-1234.scope"),
    Layout(
      "GNOME terminal",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-8b3c1f0e-1a2b-4c3d-9e8f-0a1b2c3d4e5f.scope",
      unit: "vte-spawn-8b3c1f0e-1a2b-4c3d-9e8f-0a1b2c3d4e5f.scope"),
    Layout(
      "KDE",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.kde.konsole\\x2d12.scope",
      unit: "app-org.kde.konsole-12.scope"),
    Layout(
      "flatpak",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.mozilla.firefox-99.scope",
      unit: "app-flatpak-org.mozilla.firefox-99.scope"),
    Layout(
      "snap",
      "/user.slice/user-1000.slice/user@1000.service/app.slice/snap.firefox.firefox-8b3c1f0e-1a2b-4c3d-9e8f-0a1b2c3d4e5f.scope",
      unit: "snap.firefox.firefox-8b3c1f0e-1a2b-4c3d-9e8f-0a1b2c3d4e5f.scope"),
    Layout(
      "snap service", "/system.slice/snap.lxd.daemon.service", unit: "snap.lxd.daemon.service"),
    Layout(
      "a name that the kernel has taken", "/system.slice/_cgroup.service", unit: "cgroup.service"),
    Layout(
      "a group that was removed", "/system.slice/ssh.service (deleted)", unit: "ssh.service",
      path: "/system.slice/ssh.service"),
    // Hybrid hierarchies
    Layout(
      "hybrid",
      """
      9:memory:/system.slice/ssh.service
      5:cpu,cpuacct:/system.slice/ssh.service
      1:name=systemd:/system.slice/ssh.service
      0::/system.slice/ssh.service
      """, unit: "ssh.service", path: "/system.slice/ssh.service"),
    Layout(
      "version 1 where only systemd's hierarchy has a unit",
      """
      11:freezer:/
      5:cpu,cpuacct:/user.slice
      1:name=systemd:/user.slice/user-0.slice/session-1.scope
      0::/
      """, unit: "session-1.scope", path: "/user.slice/user-0.slice/session-1.scope"),
    Layout(
      "Kubernetes on version 1",
      """
      11:devices:/kubepods/burstable/pod\(uid)/\(id)
      3:cpuacct,cpu:/kubepods/burstable/pod\(uid)/\(id)
      1:name=systemd:/kubepods/burstable/pod\(uid)/\(id)
      """, container: "4f5e2a1c9d8b", pod: uid, path: "/kubepods/burstable/pod\(uid)/\(id)"),
    Layout(
      "WSL2",
      """
      15:name=systemd:/
      14:misc:/
      3:cpuacct:/
      2:cpu:/
      1:cpuset:/
      0::/
      """, path: "/"),
    Layout(
      "WSL2 with systemd", "/user.slice/user-1000.slice/session-1.scope", unit: "session-1.scope"),
    Layout("a group by hand", "4:cpu,cpuacct:/burners/one\n0::/\n", path: "/burners/one"),
    Layout(
      "colons in the path", "0::/a:b:c/ssh.service\n", unit: "ssh.service",
      path: "/a:b:c/ssh.service"),
    Layout("nothing", "", path: "/"),
    Layout("no line", "\n\n::\nx\n0::\n0::relative\n", path: "/"),
  ]

  @Test(arguments: layouts)
  func whatAPathSays(layout: Layout) {
    let identity = CgroupIdentity(layout.text)
    #expect(identity.unit == layout.unit)
    #expect(identity.container == layout.container)
    #expect(identity.runtime == layout.runtime)
    #expect(identity.pod == layout.pod)
    #expect(identity.path == layout.path)
  }

  @Test func hostileTextIsBoundedAndPrintable() {
    let long = String(repeating: "ä", count: 4096)
    let texts: [[UInt8]] = [
      Array("0::/\u{1b}[2J/a\\x0ab.service".utf8), [0x30, 0x3A, 0x3A, 0x2F, 0xFF, 0xFE, 0x0A],
      Array("0::/\(long).service".utf8), Array("0::/lxc/\(long)".utf8),
      Array("0::/machine.slice/systemd-nspawn@\(long).service".utf8),
      Array(("0::" + String(repeating: "/a", count: 100_000)).utf8),
      Array(("0::" + String(repeating: "/..", count: 20_000)).utf8),
      Array(repeating: UInt8(ascii: ":"), count: 1 << 20),
      Array("0::/kubepods/pod../\\x/\\x4/\\xzz".utf8), Array("0::/\u{202e}\u{85}/x.scope".utf8),
      Array(repeating: Array("1:a:/b\n".utf8), count: 50_000).flatMap { $0 },
    ]
    for text in texts {
      let identity = CgroupIdentity(text)
      #expect(identity.path.utf8.count <= CgroupIdentity.mostPathBytes)
      #expect(identity.unit?.utf8.count ?? 0 <= CgroupIdentity.mostUnitBytes)
      #expect(identity.container?.utf8.count ?? 0 <= CgroupIdentity.mostNameBytes)
      for text in [
        identity.path, identity.unit ?? "", identity.container ?? "", identity.pod ?? "",
      ] {
        #expect(LogText.visible(text) == text)
      }
    }
  }

  @Test func theInnermostGroupsCount() {
    let deep = String(repeating: "/x", count: 500)
    #expect(CgroupIdentity("0::/a.service\(deep)/b.service").unit == "b.service")
    #expect(CgroupIdentity("0::/a.service\(deep)").unit == nil)
  }

  @Test func aTextThatWasCutLosesItsLastLine() {
    let lines = String(repeating: "1:a:/\n", count: CgroupIdentity.mostBytes / 6)
    #expect(CgroupIdentity(lines + "0::/ssh.service.d/x").path == "/")
  }
}
