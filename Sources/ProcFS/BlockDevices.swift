import Linux

/// Which block devices are whole disks and no partitions: those that have a folder of their own in /sys/block.
///
/// See sysfs(5). psutil tells them apart in the same way.
public struct BlockDevices: Sendable, Equatable {
  /// Names as in /proc/diskstats.
  public var whole: Set<String>

  public init(whole: Set<String>) { self.whole = whole }

  /// - Parameter sys: Where sysfs is mounted.
  /// - Throws: ``ProcError/unreadable(_:)`` when there is no such folder.
  public init(sys: String) throws(ProcError) {
    do throws(SystemCallError) {
      // A name with a slash, like `cciss/c0d0`, cannot be that of a folder.
      whole = Set(try Files.names(in: "\(sys)/block").map { $0.replacing("!", with: "/") })
    } catch {
      throw .unreadable(error)
    }
  }
}
