import ProcFS

/// The traffic of a network interface since the previous sweep; a value is `nil` where its counter fell or grew
/// implausibly.
struct InterfaceUse: Sendable, Equatable {
  var name: String
  var receiveBytesPerSecond: Double?
  var transmitBytesPerSecond: Double?
  var receivePacketsPerSecond: Double?
  var transmitPacketsPerSecond: Double?
  var receiveErrorsPerSecond: Double?
  var transmitErrorsPerSecond: Double?
  var receiveDropsPerSecond: Double?
  var transmitDropsPerSecond: Double?
}

extension InterfaceUse {
  /// When a main counter fell, the interface was recreated under its name, so every value is unknown.
  init(_ now: NetDev.Interface, _ before: NetDev.Interface, _ rate: Rate) {
    var rate = rate
    rate.isUnknown =
      now.received.fell(below: before.received)
      || now.transmitted.fell(below: before.transmitted)
    func bytes(_ way: KeyPath<NetDev.Interface, NetDev.Traffic>) -> Double? {
      rate(now[keyPath: way].bytes, before[keyPath: way].bytes, most: Rate.mostBytes)
    }
    func packets(
      _ way: KeyPath<NetDev.Interface, NetDev.Traffic>, _ kind: KeyPath<NetDev.Traffic, UInt64>
    ) -> Double? {
      rate(
        now[keyPath: way][keyPath: kind], before[keyPath: way][keyPath: kind],
        most: Rate.mostPackets)
    }
    self.init(
      name: now.name,
      receiveBytesPerSecond: bytes(\.received), transmitBytesPerSecond: bytes(\.transmitted),
      receivePacketsPerSecond: packets(\.received, \.packets),
      transmitPacketsPerSecond: packets(\.transmitted, \.packets),
      receiveErrorsPerSecond: packets(\.received, \.errors),
      transmitErrorsPerSecond: packets(\.transmitted, \.errors),
      receiveDropsPerSecond: packets(\.received, \.drops),
      transmitDropsPerSecond: packets(\.transmitted, \.drops))
  }

  static func zero(name: String) -> InterfaceUse {
    InterfaceUse(
      name: name, receiveBytesPerSecond: 0, transmitBytesPerSecond: 0, receivePacketsPerSecond: 0,
      transmitPacketsPerSecond: 0, receiveErrorsPerSecond: 0, transmitErrorsPerSecond: 0,
      receiveDropsPerSecond: 0, transmitDropsPerSecond: 0)
  }

  static func += (sum: inout InterfaceUse, interface: InterfaceUse) {
    sum.receiveBytesPerSecond += interface.receiveBytesPerSecond
    sum.transmitBytesPerSecond += interface.transmitBytesPerSecond
    sum.receivePacketsPerSecond += interface.receivePacketsPerSecond
    sum.transmitPacketsPerSecond += interface.transmitPacketsPerSecond
    sum.receiveErrorsPerSecond += interface.receiveErrorsPerSecond
    sum.transmitErrorsPerSecond += interface.transmitErrorsPerSecond
    sum.receiveDropsPerSecond += interface.receiveDropsPerSecond
    sum.transmitDropsPerSecond += interface.transmitDropsPerSecond
  }
}

extension NetDev.Traffic {
  /// Compares bytes and packets only: drivers may sum errors and drops from several sources, and these may step back.
  fileprivate func fell(below before: NetDev.Traffic) -> Bool {
    bytes < before.bytes || packets < before.packets
  }
}
