@testable import TopServer

/// Made-up series, with the units that measures have.
extension Series {
  static func decimal(_ name: String) -> Series { Series(name: name, scale: 100) }
  static func whole(_ name: String) -> Series { Series(name: name, scale: 1) }
  static func time(_ name: String) -> Series { Series(name: name, scale: 10_000) }
  static func bytes(_ name: String) -> Series { Series(name: name, scale: 1.0 / 1024) }
}

extension FleetSeries {
  static let busy = at(.busy)
  static let load = at(.load1)
  static let memory = at(.memoryUsedShare)
  static let steal = at(.steal)

  private static func at(_ place: AgentPlace) -> FleetSeries {
    guard let series = allCases.first(where: { $0.place == place }) else {
      preconditionFailure("nothing is recorded of \(place)")
    }
    return series
  }
}
