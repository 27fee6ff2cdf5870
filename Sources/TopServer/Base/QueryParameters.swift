/// The parameters that a route knows, as one list: queries are read by it, errors quote it, and documents can show it.
struct QueryParameters: Sendable, Equatable {
  /// In the order in which errors and documents name them.
  let all: [QueryParameter]

  init(_ all: [QueryParameter]) { self.all = all }

  /// Those of a route that accepts none.
  static let empty = QueryParameters([])

  subscript(name: String) -> QueryParameter? { all.first { $0.name == name } }

  /// What an error says about a name that is not in the list.
  fileprivate func unknown(_ name: String) -> String {
    switch all.count {
    case 0: "\"\(name)\": this route has no parameters"
    case 1: "\"\(name)\": the only parameter of this route is \"\(all[0].name)\""
    default:
      "\"\(name)\" is no parameter of this route; it accepts "
        + all.dropLast().map(\.name).joined(separator: ", ") + " and \(all[all.count - 1].name)"
    }
  }
}

/// One parameter of a route.
struct QueryParameter: Sendable, Equatable {
  /// What a query may do with a parameter that it has given already.
  enum Repetition: Sendable, Equatable {
    case refused
    /// Only the last value counts.
    case lastCounts
    /// Every value counts.
    case allCount
  }

  let name: String
  /// What it does, as a sentence.
  let help: String
  let values: QueryValues
  /// The value that has the same effect as leaving the parameter out; `nil` when no value has.
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

/// Which values a parameter accepts.
struct QueryValues: Sendable, Equatable {
  /// The kind of the values, for programs.
  enum Kind: Sendable, Equatable {
    case text
    /// See ``Moment``.
    case moment
    /// A length of time, in seconds at least.
    case duration(from: Int)
    case wholeNumber(from: Int)
    case number(from: Int)
    /// One of these words.
    case word([String])
    /// One or more of these words, separated by commas.
    case words([String])
  }

  let kind: Kind
  /// The same for people, as an error says it behind "accepts".
  let words: String

  static let moment = QueryValues(kind: .moment, words: Moment.forms)
  static let percentage = QueryValues(kind: .number(from: 0), words: "a percentage from 0")
  static let count = QueryValues(kind: .wholeNumber(from: 1), words: "a whole number from 1")

  static func text(_ words: String) -> QueryValues { QueryValues(kind: .text, words: words) }

  /// One of the words that stand for the cases of a type.
  static func choice<Value: RawRepresentable<String> & CaseIterable>(
    of type: Value.Type
  ) -> QueryValues {
    let words = type.allCases.map(\.rawValue).sorted()
    return QueryValues(kind: .word(words), words: words.joined(separator: " or "))
  }
}

/// An error that can say what is wrong with a query.
protocol QueryRefusal: Error {
  /// - Parameter reason: Names the parameter and what it accepts.
  static func badQuery(_ reason: String) -> Self
}

/// Goes through the parameters of one query, in the order in which they were given.
///
/// Unknown names, and names that are repeated and must not be, are refused when their turn comes.
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

/// A parameter as a query gives it; reads the usual kinds of values.
struct QueryValue<Refusal: QueryRefusal> {
  let parameter: QueryParameter
  let text: String
  /// Whether the route has no other parameter.
  fileprivate let isOnly: Bool

  var name: String { parameter.name }

  /// The error about a value that is not accepted.
  ///
  /// - Parameter isWhole: Whether it repeats the value even if that is long.
  func bad(isWhole: Bool = false) -> Refusal {
    let accepts = parameter.values.words
    if isOnly { return .badQuery("\(name)=\(text): this must be \(accepts)") }
    let shown = isWhole ? text : Wording.shortened(text)
    return .badQuery("\(name)=\(shown): \(name) accepts \(accepts)")
  }

  /// A number of 1 or more, in digits.
  func count() throws(Refusal) -> Int {
    guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let number = Int(text), number >= 1
    else { throw bad() }
    return number
  }

  /// A number of 0 or more, in digits, with a fraction if need be.
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
  /// - Parameter now: The same.
  func moment(now: Int64) throws(Refusal) -> Int64 {
    guard let moment = Moment.parse(text, now: now) else { throw bad(isWhole: true) }
    return moment
  }

  /// The words of a list that has a comma between two of them; a list cannot be empty, but a word of it can.
  func list() -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
