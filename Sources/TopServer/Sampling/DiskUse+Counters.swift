import ProcFS

extension DiskUse {
  init(_ now: DiskStats.Device, _ before: DiskStats.Device, _ rate: Rate) {
    self.init(
      name: now.name,
      readBytesPerSecond: rate(now.readBytes, before.readBytes),
      writeBytesPerSecond: rate(now.writtenBytes, before.writtenBytes),
      readsPerSecond: rate(now.reads, before.reads),
      writesPerSecond: rate(now.writes, before.writes),
      // The kernel counts by whole ticks, which may be more than the time between two sweeps.
      busyShare: min(1, rate(now.busyMilliseconds, before.busyMilliseconds) / 1000),
      isStacked: now.isStacked)
  }

  static func zero(name: String) -> DiskUse {
    DiskUse(
      name: name, readBytesPerSecond: 0, writeBytesPerSecond: 0, readsPerSecond: 0,
      writesPerSecond: 0, busyShare: 0)
  }

  static func += (sum: inout DiskUse, disk: DiskUse) {
    sum.readBytesPerSecond += disk.readBytesPerSecond
    sum.writeBytesPerSecond += disk.writeBytesPerSecond
    sum.readsPerSecond += disk.readsPerSecond
    sum.writesPerSecond += disk.writesPerSecond
    sum.busyShare = max(sum.busyShare, disk.busyShare)
  }
}

extension DiskCounters {
  init(_ disks: [DiskStats.Device]) {
    for disk in disks where !disk.isStacked {
      // Each of them may begin anew at its end, and so may the sums.
      readCount &+= disk.reads
      writeCount &+= disk.writes
      readBytes &+= disk.readBytes
      writeBytes &+= disk.writtenBytes
    }
  }
}
