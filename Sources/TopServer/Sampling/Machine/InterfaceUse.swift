import ProcFS

/// What a network interface carried since the sweep before; `nil` where a counter fell or leaped.
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
  /// An interface one of whose main counters fell was made anew under its name: nothing is known of the interval.
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
  /// Errors and drops may be summed up from several sources, and then step back by a few.
  fileprivate func fell(below before: NetDev.Traffic) -> Bool {
    bytes < before.bytes || packets < before.packets
  }
}
