import MicroHTTPD

/// The values of parameters, each with an error that says what is accepted.
extension RequestTarget.QueryItem {
  func bad(accepts: String) -> Problem {
    Problem(
      status: 400, detail: "\(name)=\(HistoryQuery.shortened(value)): \(name) accepts \(accepts)")
  }

  func wholeNumber() throws(Problem) -> Int {
    guard value.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let number = Int(value), number >= 1
    else { throw bad(accepts: "a whole number from 1") }
    return number
  }

  func percent() throws(Problem) -> Double {
    let isPlain = value.utf8.allSatisfy { $0 &- 0x30 <= 9 || $0 == UInt8(ascii: ".") }
    guard isPlain, let number = Double(value) else { throw bad(accepts: "a percentage from 0") }
    return number
  }

  func choice<Value>(_ choices: [String: Value]) throws(Problem) -> Value {
    guard let chosen = choices[value] else {
      throw bad(accepts: choices.keys.sorted().joined(separator: " or "))
    }
    return chosen
  }
}
