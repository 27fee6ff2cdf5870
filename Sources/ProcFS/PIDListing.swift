import CLinux
import Glibc
import Linux

/// The pids in a tree of /proc, in ascending order.
struct PIDListing {
  /// Room for some thousand entries, so that a listing takes few system calls.
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// Reads the folder again from its start.
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
    // /proc lists in order; a folder of fixtures does not.
    if !zip(pids, pids.dropFirst()).allSatisfy({ $0 < $1 }) { pids.sort() }
  }

  /// Walks `struct linux_dirent64` records: 8 bytes inode, 8 offset, 2 record length, 1 type, then the name.
  private func appendPIDs(in records: Span<UInt8>, to pids: inout [Int32]) {
    var start = 0
    while start + 19 < records.count {
      let length = Int(records[start + 16]) | Int(records[start + 17]) << 8
      if let pid = pid(in: records, at: start + 19) { pids.append(pid) }
      guard length > 0 else { return }
      start += length
    }
  }

  /// The number that the name consists of, or `nil` for the folders that are no process.
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
