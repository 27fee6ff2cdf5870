import ProcFS
import Testing

@Suite struct MountTableTests {
  private func parse(_ text: String) throws -> [MountTable.Mount] {
    try MountTable(parsing: Array(text.utf8).span, file: "mountinfo").mounts
  }

  private func paths(_ text: String) throws -> [String] {
    try parse(text).map { String(decoding: $0.path, as: UTF8.self) }
  }

  @Test func readsALineWithAnyNumberOfOptionalFields() throws {
    for optional in ["", " shared:1", " shared:1 master:2 unbindable"] {
      let mount = try #require(
        try parse("36 35 98:0 /mnt1 /mnt2 rw,noatime\(optional) - ext3 /dev/root rw\n").first)
      #expect(mount.deviceNumber == "98:0")
      #expect(mount.path == Array("/mnt2".utf8))
      #expect(mount.type == "ext3")
      #expect(mount.source == "/dev/root")
    }
  }

  @Test(arguments: [
    (#"/with\040space"#, "/with space"), (#"/tab\011nl\012back\134"#, "/tab\tnl\nback\\"),
    (#"/caf\303\251"#, "/café"), (#"/\377"#, "/\u{FFFD}"), (#"/hash\043"#, "/hash#"),
    // Not escapes: too short, not octal, too large for a byte.
    (#"/a\04"#, #"/a\04"#), (#"/a\089"#, #"/a\089"#), (#"/a\777"#, #"/a\777"#), (#"/a\"#, #"/a\"#),
    ("/-", "/-"), ("/\u{1}\r\u{1B}[31m", "/\u{1}\r\u{1B}[31m"),
  ])
  func octalEscapesAreDecoded(_ written: String, _ path: String) throws {
    #expect(try paths("36 35 98:0 / \(written) rw - ext3 /dev/root rw\n") == [path])
  }

  @Test func theLaterOfTwoMountsOnOnePointIsVisible() throws {
    let mounts = try parse(
      "1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 / /x rw - ext4 b rw\n3 2 8:3 / /x rw - xfs c rw\n")
    #expect(mounts.map(\.source) == ["a", "c"])
  }

  // MARK: - Covered mounts

  @Test func aLaterMountCoversMountsBelowItsPoint() throws {
    let text = """
      20 1 8:1 / / rw - ext4 root rw
      30 20 8:2 / /a/b rw - ext4 hidden rw
      31 30 8:3 / /a/b/c rw - ext4 hidden-too rw
      32 20 8:4 / /ab rw - ext4 beside rw
      40 20 8:5 / /a rw - ext4 later rw
      41 40 8:6 / /a/b rw - ext4 in-the-later rw

      """
    #expect(try parse(text).map(\.source) == ["root", "beside", "later", "in-the-later"])
  }

  @Test func parentsDecideWhatIsCoveredNotTheOrder() throws {
    // A mount that was propagated below a covered point, and one that was moved.
    let text = """
      20 1 8:1 / / rw - ext4 root rw
      41 40 8:6 / /a/b rw - ext4 seen rw
      40 20 8:5 / /a rw - ext4 cover rw
      42 20 8:7 / /a/b rw - ext4 propagated rw

      """
    #expect(try parse(text).map(\.source) == ["root", "seen", "cover"])
  }

  @Test func aMountBelowACoveredPointIsNotOnTheCover() throws {
    // An automounter's mount point is covered by what it mounts; a submount of the automounter itself is behind it.
    let text = """
      20 1 8:1 / / rw - ext4 root rw
      30 20 0:40 / /net rw - autofs map rw
      31 30 0:41 / /net/old rw - nfs4 behind rw
      32 30 0:42 / /net rw - nfs4 server rw
      33 32 0:43 / /net/new rw - nfs4 seen rw

      """
    #expect(try parse(text).map(\.source) == ["root", "server", "seen"])
  }

  @Test func afterChrootTheRootMayHaveNoMount() throws {
    let text = "30 29 8:2 / /a/b rw - ext4 first rw\n31 29 8:3 / /c rw - ext4 other rw\n"
    #expect(try parse(text).map(\.source) == ["first", "other"])
    #expect(
      try parse(text + "32 29 8:4 / /a rw - ext4 cover rw\n").map(\.source) == ["other", "cover"])
    // Without a parent in the list, the order decides: later mounts are on top.
    #expect(
      try parse("28 29 8:4 / /a rw - ext4 below rw\n" + text).map(\.source)
        == ["below", "first", "other"])
  }

  @Test func theRootMayBeCovered() throws {
    let text = """
      1 1 0:2 / / rw - rootfs rootfs rw
      20 1 8:1 / / rw - ext4 root rw
      21 1 8:2 / /early rw - ext4 behind rw
      22 20 8:3 / /home rw - ext4 home rw

      """
    #expect(try parse(text).map(\.source) == ["root", "home"])
  }

  @Test func onlyTheTopOfAHighStackIsVisible() throws {
    let stack = (2...3000).map { "\($0) \($0 - 1) 8:\($0) / /x rw - ext4 s\($0) rw\n" }
    let mounts = try parse("1 0 8:1 / / rw - ext4 root rw\n" + stack.joined())
    #expect(mounts.map(\.source) == ["root", "s3000"])
  }

  @Test func invalidMountIDsDoNotHang() throws {
    #expect(
      try paths("1 2 8:1 / /a rw - ext4 a rw\n2 1 8:2 / /a rw - ext4 b rw\n") == [])
    // Duplicate ids are ignored, and only the mount points count.
    let twice = "36 35 8:1 / /a/b rw - ext4 a rw\n36 35 8:2 / /a rw - ext4 b rw\n"
    #expect(try paths(twice) == ["/a/b", "/a"])
    #expect(try paths("x y 8:1 / /a rw - ext4 a rw\n") == ["/a"])
  }

  @Test func aFileSystemIsReadOnlyByItsOwnOptions() throws {
    let lines = ["rw - ext4 a ro,discard", "ro - ext4 b rw,discard", "ro - ext4 c"]
    let mounts = try lines.enumerated().flatMap {
      try parse("\($0.offset) 0 8:1 / /\($0.offset) \($0.element)\n")
    }
    #expect(mounts.map(\.isReadOnly) == [true, false, false])
  }

  @Test(arguments: [
    "", "36", "36 35 98:0 / /mnt rw ext3 /dev/root rw", "36 35 98:0 / /mnt rw -",
    "36 35 98:0 / /mnt rw - ext3", "36 35 98:0", "- - - - -",
  ])
  func anInvalidLineHidesNoOther(_ line: String) throws {
    let good = "1 0 8:1 / / rw - ext4 a rw"
    #expect(try paths("\(line)\n\(good)\n\(line)\n") == ["/"])
  }

  @Test func anEmptyFileIsNotAnErrorButOtherTextIs() throws {
    #expect(try parse("") == [])
    #expect(throws: ProcError.malformed(file: "mountinfo", field: "mount")) { try parse("x\n") }
  }
}

@Suite struct RealFileSystemTests {
  private let types = FileSystemTypes(
    parsing: Array(
      "nodev\tsysfs\nnodev\ttmpfs\n\text4\n\tsquashfs\n\tfuseblk\nnodev\tfuse\n\tbtrfs\n\tvfat\n"
        .utf8
    ).span)

  private func real(_ text: String) throws -> [RealFileSystem] {
    try MountTable(parsing: Array(text.utf8).span, file: "mountinfo").realFileSystems(types)
  }

  @Test func findsTypesWithoutTheNodevMark() {
    #expect(types.onDevices == ["ext4", "squashfs", "fuseblk", "btrfs", "vfat"])
    #expect(FileSystemTypes(parsing: Array("".utf8).span).onDevices == [])
    #expect(FileSystemTypes(parsing: Array("\n a b c\nnodev\n\n".utf8).span).onDevices == ["nodev"])
  }

  @Test(arguments: [
    ("ext4", true), ("btrfs", true), ("vfat", true), ("fuseblk", true), ("fuseblk.ntfs-3g", true),
    ("nfs", true), ("nfs4", true), ("cifs", true), ("ceph", true), ("9p", true), ("virtiofs", true),
    ("zfs", true), ("fuse", true), ("fuse.snapfuse", false), ("fuse.squashfuse", false),
    ("fuse.squashfuse_ll", false), ("fuse.fuseiso", false), ("fuse.erofsfuse", false),
    ("fuse.fuse-overlayfs", false), ("fuse.sshfs", true), ("fuse.rclone", true),
    ("proc", false), ("sysfs", false), ("tmpfs", false), ("devtmpfs", false), ("cgroup2", false),
    ("autofs", false), ("fusectl", false), ("overlay", false), ("squashfs", false),
    ("iso9660", false), ("fuse.portal", false), ("fuse.lxcfs", false), ("rpc_pipefs", false),
    ("xfs", false),  // not supported by this kernel
  ])
  func skipsPseudoFileSystems(_ type: String, _ isReal: Bool) throws {
    #expect(try real("1 0 8:1 / /data rw - \(type) source rw\n").count == (isReal ? 1 : 0))
  }

  @Test func anOverlayIsRealOnlyAsTheRoot() throws {
    let found = try real(
      "1 0 0:50 / / rw - overlay overlay rw\n2 1 0:51 / /var/lib/x/merged rw - overlay overlay rw\n"
    )
    #expect(found.map(\.deviceNumber) == ["0:50"])
  }

  @Test func skipsAFileSystemWhoseMountsAreAllCovered() throws {
    let found = try real(
      """
      1 0 8:1 / / rw - ext4 /dev/sda1 rw
      2 1 8:2 / /srv/data rw - ext4 /dev/sda2 rw
      3 1 8:3 / /srv rw - ext4 /dev/sda3 rw
      4 1 8:2 /sub /mnt rw - ext4 /dev/sda2 rw
      5 1 8:4 / /srv/old rw - ext4 /dev/sda4 rw

      """)
    #expect(found.map(\.source) == ["/dev/sda1", "/dev/sda3", "/dev/sda2"])
    #expect(found.last?.paths == [Array("/mnt".utf8)])
  }

  @Test(arguments: [
    ("fuse.Editor.AppImage", "ro", true), ("fuse.anything", "ro,user_id=0", true),
    ("fuse", "ro", true), ("udf", "ro", true), ("fuse.sshfs", "rw", false), ("udf", "rw", false),
    ("ext4", "ro", false), ("fuseblk", "ro", false),
  ])
  func aReadOnlyFileSystemMayBeAnImage(_ type: String, _ options: String, _ mayBe: Bool) throws {
    let udf = FileSystemTypes(onDevices: ["ext4", "fuseblk", "udf"])
    let text = "1 0 8:1 / /data ro - \(type) source \(options)\n"
    let table = try MountTable(parsing: Array(text.utf8).span, file: "mountinfo")
    let system = try #require(table.realFileSystems(udf).first)
    #expect(system.isImageWhenFull == mayBe)
    #expect(system.isReadOnly == options.hasPrefix("ro"))
  }

  @Test func listsEachFileSystemOnceWithItsShortestPathFirst() throws {
    let found = try real(
      """
      1 0 8:1 / /mnt/long/way rw - ext4 /dev/sda1 rw
      2 0 8:2 / /boot rw - vfat /dev/sda2 rw
      3 0 8:1 /sub /srv rw - ext4 /dev/sda1 rw
      4 0 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda1 rw
      5 0 0:30 /@ / rw - btrfs /dev/sdb rw
      6 0 0:30 /@home /home rw - btrfs /dev/sdb rw

      """)
    #expect(found.map(\.source) == ["/dev/sda1", "/dev/sda2", "/dev/sdb"])
    #expect(
      found.map { $0.paths.map { String(decoding: $0, as: UTF8.self) } } == [
        ["/srv", "/etc/hosts", "/mnt/long/way"], ["/boot"], ["/", "/home"],
      ])
  }
}
