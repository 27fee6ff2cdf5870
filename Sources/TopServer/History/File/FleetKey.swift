/// The key of another host's block in the file: ordered by resolution, time and host.
///
/// So blocks that are written together are adjacent, old blocks come first, and a lookup by host and time needs no
/// index.
struct FleetKey: Sendable, Hashable {
  var resolution: HistoryBlock.Resolution
  /// Milliseconds since the epoch; a multiple of the resolution's span.
  var start: Int64
  /// The number of the host.
  var host: Int64

  /// The limit of host numbers, exclusive.
  static let mostHosts: Int64 = 1 << 24

  init(_ resolution: HistoryBlock.Resolution, start: Int64, host: Int64 = 0) {
    self.resolution = resolution
    self.start = start / resolution.fleetSpan * resolution.fleetSpan
    self.host = host
  }

  /// `nil` when the number is not a valid key.
  init?(id: Int64) {
    guard let resolution = HistoryBlock.Resolution.allCases.first(where: { $0.code == id >> 56 })
    else { return nil }
    self.init(
      resolution, start: (id >> 24 & 0xFFFF_FFFF) * 60_000, host: id & (Self.mostHosts - 1))
  }

  /// The row id.
  var id: Int64 { resolution.code << 56 | (start / 60_000) << 24 | host }

  /// The row ids of a resolution.
  static func all(_ resolution: HistoryBlock.Resolution) -> ClosedRange<Int64> {
    resolution.code << 56...(resolution.code + 1) << 56 - 1
  }
}

extension HistoryBlock.Resolution {
  /// The span of another host's block in milliseconds.
  var fleetSpan: Int64 {
    switch self {
    case .sample: HostMinute.length
    case .tenSeconds: 600_000
    case .minute: 3_600_000
    }
  }

  /// The difference between the row ids of consecutive blocks of one host.
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
