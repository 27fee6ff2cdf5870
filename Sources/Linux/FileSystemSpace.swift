import Glibc

/// How much a file system holds and can hold, in bytes.
public struct FileSystemSpace: Sendable, Equatable {
  public var total: UInt64
  public var used: UInt64
  /// What processes without privilege may still fill.
  public var available: UInt64

  public init(total: UInt64, used: UInt64, available: UInt64) {
    self.total = total
    self.used = used
    self.available = available
  }

  /// Whether it has not one free block, not even for root.
  public var isFull: Bool { used == total }

  /// Asks the file system that a folder is on; one whose server is gone may never answer.
  ///
  /// See stat(2) and statvfs(3).
  ///
  /// - Parameter path: As bytes, since it need be no UTF-8.
  /// - Returns: `nil` when it is no folder, or cannot be asked.
  public init?(ofFolder path: [UInt8]) {
    // C would read no further than a NUL.
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

  /// Numbers of blocks, which a file system may make up as it likes.
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
