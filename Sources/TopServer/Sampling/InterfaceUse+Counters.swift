import ProcFS

extension InterfaceUse {
  init(_ now: NetDev.Interface, _ before: NetDev.Interface, _ rate: Rate) {
    self.init(
      name: now.name,
      receiveBytesPerSecond: rate(now.received.bytes, before.received.bytes),
      transmitBytesPerSecond: rate(now.transmitted.bytes, before.transmitted.bytes),
      receivePacketsPerSecond: rate(now.received.packets, before.received.packets),
      transmitPacketsPerSecond: rate(now.transmitted.packets, before.transmitted.packets),
      receiveErrorsPerSecond: rate(now.received.errors, before.received.errors),
      transmitErrorsPerSecond: rate(now.transmitted.errors, before.transmitted.errors),
      receiveDropsPerSecond: rate(now.received.drops, before.received.drops),
      transmitDropsPerSecond: rate(now.transmitted.drops, before.transmitted.drops))
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
