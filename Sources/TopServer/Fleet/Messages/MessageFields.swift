import Jansson

/// The members of an object in a message.
///
/// An absent member is the same as `null`. An invalid value of an essential member is rejected with a reason. Any other
/// invalid value is clamped or left out, and counted: an agent whose clock jumps, or whose machine was suspended, may
/// send such values and must not be rejected for them.
struct MessageFields {
  /// Counts the invalid values of a message.
  final class Odd {
    var count = 0
  }

  private let members: [JSONValue.Member]
  let odd: Odd

  init(_ members: [JSONValue.Member], odd: Odd = Odd()) {
    self.members = members
    self.odd = odd
  }

  private subscript(name: String) -> JSONValue? {
    guard let value = members.first(where: { $0.name == name })?.value, value != .null else {
      return nil
    }
    return value
  }

  func refusal(_ name: String, _ accepts: String) -> FleetRefusal {
    FleetRefusal(cause: .badMessage, reason: "\"\(name)\" must be \(accepts)")
  }

  /// A value that must be present.
  func required<Value>(
    _ name: String, _ value: Value?, _ accepts: String
  ) throws(FleetRefusal) -> Value {
    guard let value else { throw refusal(name, accepts) }
    return value
  }

  // MARK: - Essential members

  func whole(
    _ name: String, in range: ClosedRange<Int64>, _ accepts: String
  ) throws(FleetRefusal) -> Int64? {
    guard let value = self[name] else { return nil }
    guard let number = value.integer, range.contains(number) else { throw refusal(name, accepts) }
    return number
  }

  func text(_ name: String) throws(FleetRefusal) -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.string else { throw refusal(name, "a string") }
    return text
  }

  // MARK: - Optional members

  /// Counts an invalid value.
  private func leaveOut<Value>() -> Value? {
    odd.count += 1
    return nil
  }

  /// A number, clamped to its range; any other value is left out.
  ///
  /// - Parameter floor: A number that is not greater is left out, too.
  func bounded(
    _ name: String, in range: ClosedRange<Double>, above floor: Double = -Double.infinity
  ) -> Double? {
    guard let value = self[name] else { return nil }
    guard let number = value.number, number > floor else { return leaveOut() }
    if !range.contains(number) { odd.count += 1 }
    return min(max(number, range.lowerBound), range.upperBound)
  }

  /// A number in a range; any other value is left out.
  func possible(_ name: String, in range: ClosedRange<Double>) -> Double? {
    guard let value = self[name] else { return nil }
    guard let number = value.number, range.contains(number) else { return leaveOut() }
    return number
  }

  /// A non-negative integer, clamped to its range; any other value is left out.
  func count(_ name: String, atMost limit: UInt64) -> UInt64? {
    bounded(name, in: 0...Double(limit)).map { min(limit, UInt64($0)) }
  }

  /// The first bytes of a string.
  func word(_ name: String, atMost bytes: Int) -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.string else { return leaveOut() }
    return text.prefix(bytes: bytes)
  }

  func object(_ name: String) -> MessageFields? {
    guard let value = self[name] else { return nil }
    guard case .object(let members) = value else { return leaveOut() }
    return MessageFields(members, odd: odd)
  }

  /// The objects among the first elements of an array; further elements are ignored.
  func objects(_ name: String, atMost count: Int) -> [MessageFields] {
    guard let value = self[name] else { return [] }
    guard let elements = value.elements else {
      odd.count += 1
      return []
    }
    return elements.prefix(count).compactMap { element in
      guard case .object(let members) = element else { return leaveOut() }
      return MessageFields(members, odd: odd)
    }
  }
}
