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

  public init(deviceNumber: String, type: String, source: String, paths: [[UInt8]]) {
    self.deviceNumber = deviceNumber
    self.type = type
    self.source = source
    self.paths = paths
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
      deviceNumber: mount.deviceNumber, type: mount.type, source: mount.source, paths: [mount.path])
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
  /// What desktops and containers mount with FUSE to show something that is elsewhere.
  private static let views: Set<String> = ["fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal"]

  /// Whether it has space that can be filled.
  fileprivate func isReal(_ types: FileSystemTypes) -> Bool {
    // The root of a container; elsewhere an overlay is one of the layers' places, and not ours.
    if type == "overlay" { return path == [UInt8(ascii: "/")] }
    let family = String(type.prefix { $0 != "." })
    guard !Self.images.contains(family), !Self.views.contains(type) else { return false }
    return family == "fuse" || types.onDevices.contains(family)
      || Self.withoutDevice.contains(family)
  }
}
