/// The names of listed items; `nil` where all are listed.
struct ListedNames: Sendable, Equatable {
  var disks: Set<String>?
  var fileSystems: Set<String>?
  var network: Set<String>?
}

extension MachineUse {
  /// The listed disks; disks that are built on others are left out of the sum of the rest, as in ``diskTotal``.
  var listedDisks: Listed<DiskUse> {
    Listed(disks, listed.disks, by: \.name, zero: .zero(name: Shortlist.others)) { sum, disk in
      if !disk.isStacked { sum += disk }
    }
  }

  /// The listed interfaces.
  var listedNetwork: Listed<InterfaceUse> {
    Listed(network, listed.network, by: \.name, zero: .zero(name: Shortlist.others)) { $0 += $1 }
  }

  /// The listed file systems.
  var listedFileSystems: Listed<FileSystemUse> {
    let zero = FileSystemUse(
      mountPoint: Shortlist.others, device: "", type: "", total: 0, used: 0, available: 0,
      isStalled: false)
    return Listed(fileSystems, listed.fileSystems, by: \.mountPoint, zero: zero) { $0 += $1 }
  }
}

/// Chooses the listed items of each kind, from sweep to sweep.
struct MachineShortlists: Sendable {
  private var disks = Shortlist()
  private var fileSystems = Shortlist()
  private var network = Shortlist()

  /// - Parameter seconds: Time since the previous sweep.
  mutating func choose(_ use: MachineUse, seconds: Double) -> ListedNames {
    // Always list the root file system, which users expect, and `lo`, which no total includes.
    ListedNames(
      disks: disks.choose(
        use.disks.map { ($0.name, ($0.readBytesPerSecond ?? 0) + ($0.writeBytesPerSecond ?? 0)) },
        seconds: seconds),
      fileSystems: fileSystems.choose(
        use.fileSystems.map {
          ($0.mountPoint, $0.mountPoint == "/" ? .greatestFiniteMagnitude : Double($0.total))
        },
        seconds: seconds),
      network: network.choose(
        use.network.map { one in
          (
            one.name,
            one.name == "lo"
              ? .greatestFiniteMagnitude
              : (one.receiveBytesPerSecond ?? 0) + (one.transmitBytesPerSecond ?? 0)
          )
        }, seconds: seconds))
  }
}
