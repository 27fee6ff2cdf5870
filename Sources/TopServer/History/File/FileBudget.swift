/// Divides the size limit of the history file.
///
/// The limit covers everything: tables, indexes, free pages and the write-ahead log.
struct FileBudget: Sendable, Equatable {
  /// The limit in bytes.
  let limit: Int64
  let pageSize: Int64

  /// The number of pages after which the log is checkpointed into the file.
  let logPages: Int64
  /// The limit of the file in pages.
  ///
  /// It leaves room for twice ``logPages``, since a batch may come on top of a full log.
  let filePages: Int64

  init(limit: Int64, pageSize: Int64) {
    (self.limit, self.pageSize) = (limit, pageSize)
    logPages = min(max(limit / 8 / pageSize, 64), 256)
    filePages = max(16, limit / pageSize - 2 * logPages)
  }

  /// The limit of the file in bytes.
  var file: Int64 { filePages * pageSize }
  /// The limit for the names of disks, file systems and interfaces, in bytes.
  var names: Int64 { limit / 8 }
  /// The number of process names that fit into half of the file; beyond that, exited processes are removed first.
  var processes: Int64 { file / 2 / Self.bytesPerProcess }

  /// The bytes of a process's row and its index entry.
  private static let bytesPerProcess: Int64 = 128
}
