extension Measures {
  static let disks = FamilyOfMany("disks", ofDisk) { snapshot in
    snapshot.machine.listedDisks.all.map { ($0.name, $0) }
  }

  static let diskTotal = Family("disk_total", of: { $0.machine.diskTotal }, ofDisk)

  private static let ofDisk: [Measure<DiskUse>] = [
    .bytesPerSecond("read_bytes_per_second", "Bytes read.") { $0.readBytesPerSecond },
    .bytesPerSecond("write_bytes_per_second", "Bytes written.") {
      $0.writeBytesPerSecond
    },
    .countPerSecond("reads_per_second", "Read requests.") { $0.readsPerSecond },
    .countPerSecond("writes_per_second", "Write requests.") { $0.writesPerSecond },
    .percent("busy_percent", "The share of the interval with at least one request under way.") {
      $0.busyShare
    },
  ]

  static let fileSystems = FamilyOfMany("file_systems", ofFileSystem) { snapshot in
    snapshot.machine.listedFileSystems.all.map { ($0.mountPoint, $0) }
  }

  /// A file system that has never answered has no sizes.
  private static let ofFileSystem: [Measure<FileSystemUse>] = [
    .bytes("total_bytes", "The size of the file system.") { $0.known($0.total) },
    .bytes("used_bytes", "Space in use.") { $0.known($0.used) },
    .bytes("available_bytes", "Space that processes without privileges can still use.") {
      $0.known($0.available)
    },
    .percent("used_percent", "The used share, as df(1) shows it.") {
      $0.known($0.usedShare)
    }.watched(
      // MachineUse+Reading reads it, because a rule can name the mount point.
      AlertUse(name: "disk", subject: "disk space in use", missing: { _ in "" })),
  ]

  static let allFileSystems = Family<MachineUse>(
    "file_systems", of: { $0.machine },
    [
      .percent("used_percent", "The used share of all file systems together that can fill up.") {
        $0.fileSystemUsedShare
      }.hidden()
    ])

  static let network = FamilyOfMany("network", ofInterface) { snapshot in
    snapshot.machine.listedNetwork.all.map { ($0.name, $0) }
  }

  static let networkTotal = Family("network_total", of: { $0.machine.networkTotal }, ofInterface)

  private static let ofInterface: [Measure<InterfaceUse>] = [
    .bytesPerSecond("receive_bytes_per_second", "Bytes received.") {
      $0.receiveBytesPerSecond
    },
    .bytesPerSecond("transmit_bytes_per_second", "Bytes sent.") {
      $0.transmitBytesPerSecond
    },
    .countPerSecond("receive_packets_per_second", "Packets received.") {
      $0.receivePacketsPerSecond
    },
    .countPerSecond("transmit_packets_per_second", "Packets sent.") {
      $0.transmitPacketsPerSecond
    },
    .countPerSecond("receive_errors_per_second", "Packets received with errors.") {
      $0.receiveErrorsPerSecond
    },
    .countPerSecond(
      "transmit_errors_per_second", "Packets that could not be sent because of errors."
    ) {
      $0.transmitErrorsPerSecond
    },
    .countPerSecond("receive_drops_per_second", "Received packets that were dropped.") {
      $0.receiveDropsPerSecond
    },
    .countPerSecond("transmit_drops_per_second", "Packets that were dropped before they were sent.")
    {
      $0.transmitDropsPerSecond
    },
  ]
}

extension FileSystemUse {
  fileprivate func known<Value>(_ value: Value) -> Value? { total > 0 ? value : nil }
}
