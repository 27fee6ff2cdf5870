import Glibc

/// The used and available space of a file system, in bytes.
public struct FileSystemSpace: Sendable, Equatable {
  public var total: UInt64
  public var used: UInt64
  /// Space that unprivileged processes can still use.
  public var available: UInt64

  public init(total: UInt64, used: UInt64, available: UInt64) {
    self.total = total
    self.used = used
    self.available = available
  }

  /// Whether no block is free, not even for root.
  public var isFull: Bool { used == total }

  /// Queries the file system that contains a folder.
  ///
  /// The call can hang if the file system's server is down.
  ///
  /// See stat(2) and statvfs(3).
  ///
  /// - Parameter path: Raw bytes, since a path need not be valid UTF-8.
  /// - Returns: `nil` if the path is not a folder or the query fails.
  public init?(ofFolder path: [UInt8]) {
    // C would stop reading at a NUL.
    guard !path.contains(0) else { return nil }
    let name = path.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard unsafe stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    var answer = statvfs()
    guard unsafe statvfs(name, &answer) == 0 else { return nil }
    self.init(
      blocks: UInt64(answer.f_blocks), free: UInt64(answer.f_bfree),
      available: UInt64(answer.f_bavail), blockSize: UInt64(answer.f_frsize))
  }

  /// Converts block counts.
  ///
  /// A file system can report arbitrary values, so overflow saturates.
  init(blocks: UInt64, free: UInt64, available: UInt64, blockSize: UInt64) {
    func bytes(_ blocks: UInt64) -> UInt64 {
      let (bytes, isTooLarge) = blocks.multipliedReportingOverflow(by: blockSize)
      return isTooLarge ? .max : bytes
    }
    self.init(
      total: bytes(blocks), used: bytes(blocks > free ? blocks - free : 0),
      available: bytes(available))
  }
}
