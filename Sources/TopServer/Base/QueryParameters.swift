/// The parameters of a route in one list, which parses queries, appears in errors, and can be shown in documents.
struct QueryParameters: Sendable, Equatable {
  /// In the order of errors and documents.
  let all: [QueryParameter]

  init(_ all: [QueryParameter]) { self.all = all }

  /// The list of a route without parameters.
  static let empty = QueryParameters([])

  subscript(name: String) -> QueryParameter? { all.first { $0.name == name } }

  /// The error for a name that is not in the list.
  fileprivate func unknown(_ name: String) -> String {
    switch all.count {
    case 0: "unknown parameter \"\(name)\"; this route has no parameters"
    case 1: "unknown parameter \"\(name)\"; this route accepts only \(all[0].name)"
    default:
      "unknown parameter \"\(name)\"; this route accepts "
        + all.dropLast().map(\.name).joined(separator: ", ") + " and \(all[all.count - 1].name)"
    }
  }
}

/// One parameter of a route.
struct QueryParameter: Sendable, Equatable {
  /// What happens when a query repeats the parameter.
  enum Repetition: Sendable, Equatable {
    case refused
    /// Only the last value counts.
    case lastCounts
    /// Every value counts.
    case allCount
  }

  let name: String
  /// The effect of the parameter, as a sentence.
  let help: String
  let values: QueryValues
  /// The default value; `nil` when no value is equivalent to leaving the parameter out.
  let absent: String?
  let repetition: Repetition

  init(
    _ name: String, _ help: String, _ values: QueryValues, absent: String? = nil,
    repetition: Repetition = .refused
  ) {
    self.name = name
    self.help = help
    self.values = values
    self.absent = absent
    self.repetition = repetition
  }
}

/// The values that a parameter accepts.
struct QueryValues: Sendable, Equatable {
  /// The kind of the values, for programs.
  enum Kind: Sendable, Equatable {
    case text
    /// See ``Moment``.
    case moment
    /// A duration with a minimum in seconds.
    case duration(from: Int)
    case wholeNumber(from: Int)
    case number(from: Int)
    /// One of these words.
    case word([String])
    /// One or more of these words, separated by commas.
    case words([String])
  }

  let kind: Kind
  /// The accepted values for people; errors put it after "accepts".
  let words: String

  static let moment = QueryValues(kind: .moment, words: Moment.forms)
  static let percentage = QueryValues(kind: .number(from: 0), words: "a percentage from 0")
  static let count = QueryValues(kind: .wholeNumber(from: 1), words: "a whole number from 1")

  static func text(_ words: String) -> QueryValues { QueryValues(kind: .text, words: words) }

  /// One of the raw values of a type.
  static func choice<Value: RawRepresentable<String> & CaseIterable>(
    of type: Value.Type
  ) -> QueryValues {
    let words = type.allCases.map(\.rawValue).sorted()
    return QueryValues(kind: .word(words), words: words.joined(separator: " or "))
  }
}

/// An error that describes an invalid query.
protocol QueryRefusal: Error {
  /// - Parameter reason: Names the parameter and what it accepts.
  static func badQuery(_ reason: String) -> Self
}

/// Iterates over the parameters of one query, in their order.
///
/// It rejects unknown names, and repeated ones unless repetition is allowed, when it reaches them.
struct QueryReader<Refusal: QueryRefusal> {
  private let parameters: QueryParameters
  private var rest: ArraySlice<(name: String, value: String)>
  private var seen: Set<String> = []

  /// - Parameter items: Names and values, as in a query string.
  init(_ items: [(name: String, value: String)], of parameters: QueryParameters) {
    self.parameters = parameters
    rest = items[...]
  }

  /// - Returns: The next parameter with its value; `nil` at the end.
  mutating func next() throws(Refusal) -> QueryValue<Refusal>? {
    guard let (name, text) = rest.popFirst() else { return nil }
    let isRepeated = !seen.insert(name).inserted
    guard let parameter = parameters[name] else {
      throw Refusal.badQuery(parameters.unknown(name))
    }
    guard !isRepeated || parameter.repetition != .refused else {
      throw Refusal.badQuery("\(name) is given more than once")
    }
    return QueryValue(parameter: parameter, text: text, isOnly: parameters.all.count == 1)
  }
}

/// A parameter of a query with its value; parses the usual kinds of values.
struct QueryValue<Refusal: QueryRefusal> {
  let parameter: QueryParameter
  let text: String
  /// Whether the route has no other parameter.
  fileprivate let isOnly: Bool

  var name: String { parameter.name }

  /// The error for an invalid value.
  ///
  /// - Parameter isWhole: Whether to repeat the whole value, even if it is long.
  func bad(isWhole: Bool = false) -> Refusal {
    let accepts = parameter.values.words
    if isOnly { return .badQuery("\(name)=\(text): this must be \(accepts)") }
    let shown = isWhole ? text : Wording.shortened(text)
    return .badQuery("\(name)=\(shown): \(name) accepts \(accepts)")
  }

  /// The error for a value that another parameter does not allow.
  ///
  /// - Parameters:
  ///   - other: The other parameter, as `name=value`.
  ///   - accepts: The values that it allows.
  func bad(with other: String, accepts: String) -> Refusal {
    .badQuery("\(name)=\(Wording.shortened(text)): with \(other), \(name) accepts \(accepts)")
  }

  /// The error for a value with a mistake that has a description of its own.
  func bad(because reason: String) -> Refusal {
    .badQuery("\(name)=\(Wording.shortened(text)): \(reason)")
  }

  /// A number of 1 or more, in digits.
  func count() throws(Refusal) -> Int {
    guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let number = Int(text), number >= 1
    else { throw bad() }
    return number
  }

  /// A number of 0 or more, in digits with an optional fraction.
  func percentage() throws(Refusal) -> Double {
    let isPlain = text.utf8.allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }
    guard isPlain, let number = Double(text) else { throw bad() }
    return number
  }

  func choice<Value: RawRepresentable<String>>(_ type: Value.Type) throws(Refusal) -> Value {
    guard let chosen = Value(rawValue: text) else { throw bad() }
    return chosen
  }

  /// Milliseconds since the epoch.
  ///
  /// - Parameter now: Milliseconds since the epoch.
  func moment(now: Int64) throws(Refusal) -> Int64 {
    guard let moment = Moment.parse(text, now: now) else { throw bad(isWhole: true) }
    return moment
  }

  /// The words of a comma-separated list; the list cannot be empty, but a word can.
  func list() -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
