/// A file system that has space of its own, and all the places where it is mounted.
public struct RealFileSystem: Sendable, Equatable {
  /// `major:minor`, which tells it from any other.
  public var deviceNumber: String
  /// For example `ext4` or `fuse.sshfs`.
  public var type: String
  /// The device, or the server and its folder.
  public var source: String
  /// Its mount points as bytes, the shortest first; some may be files that were mounted over others.
  public var paths: [[UInt8]]
  /// Whether nobody can write to it; see ``MountTable/Mount/isReadOnly``.
  public var isReadOnly: Bool

  public init(
    deviceNumber: String, type: String, source: String, paths: [[UInt8]], isReadOnly: Bool = false
  ) {
    self.deviceNumber = deviceNumber
    self.type = type
    self.source = source
    self.paths = paths
    self.isReadOnly = isReadOnly
  }

  /// Whether it is an image if it has not one free block: read-only, and of a type of which some are made as images.
  ///
  /// What is behind FUSE calls itself what it likes, and a file system that can be written is hardly ever full to its last
  /// block, so the blocks decide and not the name.
  public var isImageWhenFull: Bool {
    isReadOnly && ["fuse", "udf"].contains(MountTable.Mount.family(type))
  }
}

extension MountTable {
  /// The real file systems among the mounts, each once, in the kernel's order.
  public func realFileSystems(_ types: FileSystemTypes) -> [RealFileSystem] {
    var found: [RealFileSystem] = []
    var places: [String: Int] = [:]
    for mount in mounts where mount.isReal(types) {
      if let place = places[mount.deviceNumber] {
        found[place].paths.append(mount.path)
      } else {
        places[mount.deviceNumber] = found.count
        found.append(RealFileSystem(mount))
      }
    }
    for index in found.indices {
      // Sorting keeps the order of those that are as long as each other.
      found[index].paths.sort { $0.count < $1.count }
    }
    return found
  }
}

extension RealFileSystem {
  fileprivate init(_ mount: MountTable.Mount) {
    self.init(
      deviceNumber: mount.deviceNumber, type: mount.type, source: mount.source,
      paths: [mount.path], isReadOnly: mount.isReadOnly)
  }
}

extension MountTable.Mount {
  /// Types without a block device that have space all the same: network, shared folders, flash, pools.
  private static let withoutDevice: Set<String> = [
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "orangefs", "smb3", "smbfs", "ubifs", "vboxsf", "virtiofs", "zfs",
  ]
  /// Images that are full by their nature: a warning about them would never end.
  private static let images: Set<String> = ["cramfs", "erofs", "iso9660", "romfs", "squashfs"]
  /// Their readers through FUSE; others are known by ``RealFileSystem/isImageWhenFull``.
  private static let imageReaders: Set<String> = [
    "fuse.erofsfuse", "fuse.fuseiso", "fuse.snapfuse", "fuse.squashfuse", "fuse.squashfuse_ll",
  ]
  /// What desktops and containers mount with FUSE to show something that is elsewhere.
  private static let views: Set<String> = ["fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal"]

  /// Whether it has space that can be filled.
  fileprivate func isReal(_ types: FileSystemTypes) -> Bool {
    // The root of a container; elsewhere an overlay is one of the layers' places, and not ours.
    if type == "overlay" || type == "fuse.fuse-overlayfs" { return path == [UInt8(ascii: "/")] }
    let family = Self.family(type)
    guard !Self.images.contains(family), !Self.imageReaders.contains(type),
      !Self.views.contains(type)
    else { return false }
    return family == "fuse" || types.onDevices.contains(family)
      || Self.withoutDevice.contains(family)
  }

  /// The type without what follows a dot, which a program behind FUSE chose.
  fileprivate static func family(_ type: String) -> String { String(type.prefix { $0 != "." }) }
}
