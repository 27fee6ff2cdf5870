import Jansson

/// The members of an object in a message: looks each up, and says of one that is wrong what it must be.
///
/// A member that is absent and one that is `null` are the same.
struct MessageFields {
  private let members: [JSONValue.Member]
  /// What stands before a name in a reason, for example `cpu.`.
  private let path: String

  init(_ members: [JSONValue.Member], path: String = "") {
    self.members = members
    self.path = path
  }

  private subscript(name: String) -> JSONValue? {
    guard let value = members.first(where: { $0.name == name })?.value, value != .null else {
      return nil
    }
    return value
  }

  func refusal(_ name: String, _ accepts: String) -> FleetRefusal {
    FleetRefusal(cause: .badMessage, reason: "\"\(path)\(name)\" must be \(accepts)")
  }

  /// A value that must be there.
  func required<Value>(
    _ name: String, _ value: Value?, _ accepts: String
  ) throws(FleetRefusal) -> Value {
    guard let value else { throw refusal(name, accepts) }
    return value
  }

  func number(
    _ name: String, in range: ClosedRange<Double>, _ accepts: String
  ) throws(FleetRefusal) -> Double? {
    guard let value = self[name] else { return nil }
    guard let number = value.number, range.contains(number) else { throw refusal(name, accepts) }
    return number
  }

  /// A share from 0 to 1, of a percentage.
  func share(_ name: String) throws(FleetRefusal) -> Double? {
    try number(name, in: 0...100, "a percentage from 0 to 100").map { $0 / 100 }
  }

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

  func object(_ name: String) throws(FleetRefusal) -> MessageFields? {
    guard let value = self[name] else { return nil }
    guard case .object(let members) = value else { throw refusal(name, "an object") }
    return MessageFields(members, path: "\(path)\(name).")
  }

  /// The first objects of an array; what comes after them is not looked at.
  func objects(_ name: String, atMost count: Int) throws(FleetRefusal) -> [MessageFields] {
    guard let value = self[name] else { return [] }
    guard let elements = value.elements else { throw refusal(name, "an array") }
    var objects: [MessageFields] = []
    for element in elements.prefix(count) {
      guard case .object(let members) = element else { throw refusal(name, "an array of objects") }
      objects.append(MessageFields(members, path: "\(path)\(name)."))
    }
    return objects
  }
}
