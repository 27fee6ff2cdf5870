/// A file system with space, and all its mount points.
public struct RealFileSystem: Sendable, Equatable {
  /// The `major:minor` numbers, which identify the file system.
  public var deviceNumber: String
  /// The type, for example `ext4` or `fuse.sshfs`.
  public var type: String
  /// The device, or the server and its folder.
  public var source: String
  /// The mount points as bytes, shortest first.
  ///
  /// Some may be files (bind mounts).
  public var paths: [[UInt8]]
  /// Whether the file system is read-only; see ``MountTable/Mount/isReadOnly``.
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

  /// Whether to treat the file system as an image if it has no free block: it is read-only and its type is used for
  /// images.
  ///
  /// A FUSE program can report any type name, so the name alone is not reliable. A writable file system is almost never
  /// full to the last block.
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
      // The sort is stable, so paths of equal length keep their order.
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
  /// Types without a block device that have space: network, shared folders, flash, pools.
  private static let withoutDevice: Set<String> = [
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "orangefs", "smb3", "smbfs", "ubifs", "vboxsf", "virtiofs", "zfs",
  ]
  /// Image types, which are always full: an alert about them would never resolve.
  private static let images: Set<String> = ["cramfs", "erofs", "iso9660", "romfs", "squashfs"]
  /// FUSE programs that mount images.
  ///
  /// ``RealFileSystem/isImageWhenFull`` detects others.
  private static let imageReaders: Set<String> = [
    "fuse.erofsfuse", "fuse.fuseiso", "fuse.snapfuse", "fuse.squashfuse", "fuse.squashfuse_ll",
  ]
  /// FUSE mounts of desktops and containers that show other file systems.
  private static let views: Set<String> = ["fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal"]

  /// Whether the file system has space that can fill up.
  fileprivate func isReal(_ types: FileSystemTypes) -> Bool {
    // As the root, an overlay is a container's file system. Elsewhere it belongs to a container that we are not in.
    if type == "overlay" || type == "fuse.fuse-overlayfs" { return path == [UInt8(ascii: "/")] }
    let family = Self.family(type)
    guard !Self.images.contains(family), !Self.imageReaders.contains(type),
      !Self.views.contains(type)
    else { return false }
    return family == "fuse" || types.onDevices.contains(family)
      || Self.withoutDevice.contains(family)
  }

  /// The type without the suffix after the dot, which the FUSE program chose.
  fileprivate static func family(_ type: String) -> String { String(type.prefix { $0 != "." }) }
}
