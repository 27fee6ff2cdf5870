import FoundationEssentials
import TestSupport
import Testing

@Suite struct FunctionLengthTests {
  /// The maximum number of lines of a function: what fits on a screen.
  private static let most = 80

  @Test func noFunctionIsLongerThanAScreen() throws {
    let root = Fixtures.sources() + "/.."
    let paths = try ["Sources", "Tests"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
        .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
    }
    var count = 0
    for path in paths {
      let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
      let functions = FunctionLengths.functions(in: text)
      count += functions.count
      for function in functions where function.length > Self.most {
        Issue.record("\(path):\(function.line): \(function.name) has \(function.length) lines")
      }
    }
    try #require(count > 1000)
  }

  private func found(in text: String) -> [String] {
    FunctionLengths.functions(in: text).map { "\($0.name), \($0.line), \($0.length)" }
  }

  @Test(arguments: [
    ("func f() {\n}", ["func f, 1, 2"]), ("func f() {}", ["func f, 1, 1"]),
    ("\n\nstruct S {\n  init(\n  ) {\n  }\n}", ["init, 4, 3"]),
    ("func f(_ g: () -> Void = {\n}) {\n}", ["func f, 1, 3"]),
    ("func f() {\n  func g() {\n  }\n  h {\n  }\n}", ["func g, 2, 2", "func f, 1, 6"]),
    ("protocol P {\n  func f()\n}\nextension P {\n  func f() {\n  }\n}", ["func f, 5, 2"]),
    ("protocol P {\n  func f()\n}\nstruct S {\n}", []),
    ("static func == (a: S, b: S) -> Bool {\n  true\n}", ["func operator, 1, 3"]),
    ("var x: Int {\n  1\n}", ["var x, 1, 3"]), ("var x = 1\nlet y = z {\n}", []),
    ("var x: Int\nstruct S {\n}", []), ("subscript(i: Int) -> Int {\n  1\n}", ["subscript, 1, 3"]),
    ("func f() {\n  let s = \"}\" // }\n  self.init()\n}", ["func f, 1, 4"]),
    ("func f() -> [Int] where T: P {\n  /*\n   }\n  */\n}", ["func f, 1, 5"]),
    ("func f() {\n  x = \"\"\"\n    }\n    \"\"\"\n}", ["func f, 1, 5"]),
  ])
  func aFunctionExtendsFromItsNameToItsLastBrace(_ text: String, _ functions: [String]) {
    #expect(found(in: text) == functions)
  }
}
