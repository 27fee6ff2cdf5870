import Jansson

extension JSONValue {
  /// The value of a measure, as all answers write it; `null` if it is unknown.
  init<Part>(_ measure: Measure<Part>, of part: Part) {
    switch measure.read(part) {
    case nil: self = .null
    case .whole(let value): self = .count(value)
    case .real(let value): self = .decimal(measure.unit.shown(value), places: measure.decimals)
    }
  }

  /// A number of another host, as all answers write it.
  init(_ value: Double?, _ measure: MeasureDescription) {
    guard let value else {
      self = .null
      return
    }
    self =
      measure.unit.isWhole
      ? .count(UInt64(max(0, min(value, 9e18))))
      : .decimal(measure.unit.shown(value), places: measure.decimals)
  }
}

extension Measure {
  func member(of part: Part) -> JSONValue.Member { .init(name, JSONValue(self, of: part)) }
}

extension Family {
  /// The measures that /system shows, as members of an object.
  func members(of part: Part) -> [JSONValue.Member] { shown.map { $0.member(of: part) } }

  func object(_ part: Part) -> JSONValue { .object(members(of: part)) }

  func object(_ part: Part?) -> JSONValue { JSONValue(part) { object($0) } }
}
