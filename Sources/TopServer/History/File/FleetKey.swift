/// Where a block of another host stands in the file: by resolution, then by time, then by host.
///
/// So what is written together lies together, what is old lies at the beginning, and a block of a host at a time is
/// found without an index.
struct FleetKey: Sendable, Hashable {
  var resolution: HistoryBlock.Resolution
  /// Milliseconds since the epoch; a multiple of the span of the resolution.
  var start: Int64
  /// The number of the host.
  var host: Int64

  /// Numbers of hosts are below this.
  static let mostHosts: Int64 = 1 << 24

  init(_ resolution: HistoryBlock.Resolution, start: Int64, host: Int64 = 0) {
    self.resolution = resolution
    self.start = start / resolution.fleetSpan * resolution.fleetSpan
    self.host = host
  }

  /// `nil` when no key has the number.
  init?(id: Int64) {
    guard let resolution = HistoryBlock.Resolution.allCases.first(where: { $0.code == id >> 56 })
    else { return nil }
    self.init(
      resolution, start: (id >> 24 & 0xFFFF_FFFF) * 60_000, host: id & (Self.mostHosts - 1))
  }

  /// The number of the row.
  var id: Int64 { resolution.code << 56 | (start / 60_000) << 24 | host }

  /// The numbers of all rows of a resolution.
  static func all(_ resolution: HistoryBlock.Resolution) -> ClosedRange<Int64> {
    resolution.code << 56...(resolution.code + 1) << 56 - 1
  }
}

extension HistoryBlock.Resolution {
  /// Milliseconds that a block of another host covers.
  var fleetSpan: Int64 {
    switch self {
    case .sample: HostMinute.length
    case .tenSeconds: 600_000
    case .minute: 3_600_000
    }
  }

  /// By how much the numbers of the blocks of one host differ from one to the next.
  var fleetStride: Int64 { (fleetSpan / 60_000) << 24 }

  /// Part of the file format.
  fileprivate var code: Int64 {
    switch self {
    case .sample: 0
    case .tenSeconds: 1
    case .minute: 2
    }
  }
}
