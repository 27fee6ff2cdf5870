/// How the bytes that the history file may take are shared.
///
/// All counts: every table and index, pages that are free, and the log beside the file.
struct FileBudget: Sendable, Equatable {
  /// Bytes of all together.
  let limit: Int64
  let pageSize: Int64

  /// Pages that the log may have before they are moved into the file.
  let logPages: Int64
  /// Pages that the file may have.
  ///
  /// As much again as the log waits for is left for the batch that comes on top of it.
  let filePages: Int64

  init(limit: Int64, pageSize: Int64) {
    (self.limit, self.pageSize) = (limit, pageSize)
    logPages = min(max(limit / 8 / pageSize, 64), 256)
    filePages = max(16, limit / pageSize - 2 * logPages)
  }

  /// Bytes that the file may have.
  var file: Int64 { filePages * pageSize }
  /// Bytes that the names of disks, file systems and interfaces may take.
  var names: Int64 { limit / 8 }
  /// Processes whose names may take half of the file; those that have ended make room first when there are more.
  var processes: Int64 { file / 2 / Self.bytesPerProcess }

  /// What the row of a process takes, with its place in the index.
  private static let bytesPerProcess: Int64 = 128
}
