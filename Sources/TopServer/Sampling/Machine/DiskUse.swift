import ProcFS

/// The activity of a disk since the previous sweep; a value is `nil` where its counter fell or grew implausibly.
struct DiskUse: Sendable, Equatable {
  var name: String
  var readBytesPerSecond: Double?
  var writeBytesPerSecond: Double?
  var readsPerSecond: Double?
  var writesPerSecond: Double?
  /// The share of the time with at least one request in progress, from 0 to 1.
  var busyShare: Double?
  /// Whether the disk is built on other disks, so that a sum would count the same bytes twice.
  var isStacked = false
}

/// The activity of disks since boot.
struct DiskCounters: Sendable, Equatable {
  var readCount: UInt64 = 0
  var writeCount: UInt64 = 0
  var readBytes: UInt64 = 0
  var writeBytes: UInt64 = 0
}

extension DiskUse {
  /// When a counter fell, another disk has taken over the name, so every value is unknown.
  init(_ now: DiskStats.Device, _ before: DiskStats.Device, _ rate: Rate) {
    var rate = rate
    rate.isUnknown =
      now.reads < before.reads || now.readBytes < before.readBytes
      || now.writes < before.writes || now.writtenBytes < before.writtenBytes
    self.init(
      name: now.name,
      readBytesPerSecond: rate(now.readBytes, before.readBytes, most: Rate.mostBytes),
      writeBytesPerSecond: rate(now.writtenBytes, before.writtenBytes, most: Rate.mostBytes),
      readsPerSecond: rate(now.reads, before.reads, most: Rate.mostRequests),
      writesPerSecond: rate(now.writes, before.writes, most: Rate.mostRequests),
      // The kernel counts in whole ticks, so the growth may exceed the time between two sweeps.
      busyShare: rate.share(Self.busySeconds(now, since: before), slack: 0.05),
      isStacked: now.isStacked)
  }

  /// The kernel keeps the milliseconds in 32 bits, so a counter that fell may have wrapped around.
  private static func busySeconds(_ now: DiskStats.Device, since before: DiskStats.Device)
    -> Double?
  {
    let (now, before) = (now.busyMilliseconds, before.busyMilliseconds)
    if now >= before { return Double(now - before) / 1000 }
    return before < 1 << 32 ? Double(now + (1 << 32) - before) / 1000 : nil
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
    sum.busyShare = sum.busyShare.flatMap { busy in disk.busyShare.map { max(busy, $0) } }
  }
}

extension DiskCounters {
  init(_ disks: [DiskStats.Device]) {
    for disk in disks where !disk.isStacked {
      // Each counter may wrap around, and so may the sums.
      readCount &+= disk.reads
      writeCount &+= disk.writes
      readBytes &+= disk.readBytes
      writeBytes &+= disk.writtenBytes
    }
  }
}
