import CLinux
import Glibc
import Linux

/// Lists the pids in a /proc tree, in ascending order.
struct PIDListing {
  /// Has room for some thousand entries, so that a listing needs few system calls.
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// Lists the folder again from its start.
  ///
  /// See getdents64(2).
  mutating func read(_ procfs: ProcFS, into pids: inout [Int32]) throws(ProcError) {
    pids.removeAll(keepingCapacity: true)
    guard lseek(procfs.directory, 0, SEEK_SET) == 0 else {
      throw .unreadable(.last("lseek", procfs.root))
    }
    while true {
      let count = unsafe clinux_getdents64(procfs.directory, &buffer, buffer.count)
      guard count >= 0 else { throw .unreadable(.last("getdents64", procfs.root)) }
      if count == 0 { break }
      appendPIDs(in: buffer.span.extracting(0..<count), to: &pids)
    }
    // The kernel lists pids in order; a folder of fixtures may not.
    if !zip(pids, pids.dropFirst()).allSatisfy({ $0 < $1 }) { pids.sort() }
  }

  /// Parses `struct linux_dirent64` records: 8 bytes inode, 8 offset, 2 record length, 1 type, then the name.
  private func appendPIDs(in records: Span<UInt8>, to pids: inout [Int32]) {
    var start = 0
    while start + 19 < records.count {
      let length = Int(records[start + 16]) | Int(records[start + 17]) << 8
      if let pid = pid(in: records, at: start + 19) { pids.append(pid) }
      guard length > 0 else { return }
      start += length
    }
  }

  /// The pid in the name, or `nil` if the entry is not a process.
  private func pid(in records: Span<UInt8>, at start: Int) -> Int32? {
    var value: Int64 = 0
    var position = start
    while position < records.count, records[position] != 0 {
      let digit = records[position] &- 0x30
      guard digit <= 9, value < Int64(Int32.max) else { return nil }
      value = value * 10 + Int64(digit)
      position += 1
    }
    return position > start && value > 0 ? Int32(exactly: value) : nil
  }
}
