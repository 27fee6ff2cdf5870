import Testing

@testable import YAML

@Suite("YAML errors")
struct YAMLErrorTests {
  @Test(
    "Invalid YAML is rejected with its position",
    arguments: [
      ("a: [1, 2", "2:1:"), ("a: b: c", "1:5:"), ("a: 'x", "1:6:"), ("\tx: 1", "1:1:"),
      ("a: 1\n b: 2\n", "2:3:"), ("a: @x", "1:4:"), ("a: %x", "1:4:"),
    ])
  func syntax(text: String, place: String) {
    #expect(complaint(text)?.hasPrefix(place) == true, "\(complaint(text) ?? "accepted")")
  }

  @Test(
    "Unsupported YAML is rejected with a reason",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", "3:1: the key \"a\" is already at 1:1"),
      ("x: !!python/object:os.system []", "1:4: tags are not supported"),
      ("x: !local y", "1:4: tags are not supported"),
      ("? [a, b]\n: c\n", "1:3: a key must be plain text"),
      ("a: 1\n---\nb: 2\n", "2:1: a second document starts here, but only one is allowed"),
      ("a: *nowhere", "1:4: the alias \"*nowhere\" has no node before it"),
      ("a: &x [1, *x]", "1:11: the alias \"*x\" has no node before it"),
    ])
  func leftOut(text: String, expected: String) {
    #expect(complaint(text) == expected)
  }

  @Test("Invalid bytes have a position")
  func notUTF8() {
    let bytes = Array("a: 1\nbé: ".utf8) + [0xFF]
    #expect(throws: YAMLError(YAMLMark(line: 2, column: 5), "invalid leading UTF-8 octet")) {
      try YAMLNode.parse(bytes)
    }
    #expect(complaint("a: 1\nb: \u{1}")?.hasPrefix("2:4: control characters") == true)
  }

  @Test("Levels, nodes and bytes are limited")
  func limits() {
    let limits = YAMLLimits(bytes: 100, depth: 3, nodes: 5)
    #expect(complaint("[[[x]]]", limits: limits) == nil)
    #expect(complaint("[[[[x]]]]", limits: limits) == "1:5: more than 3 levels are too deep")
    #expect(complaint("[a, b, c, d]", limits: limits) == nil)
    #expect(complaint("[a, b, c, d, e]", limits: limits) == "1:14: more than 5 values are too many")
    let long = String(repeating: "#", count: 101)
    #expect(complaint(long, limits: limits) == "1:1: more than 100 bytes are too many")
  }

  @Test("Aliases count with all their nodes, which stops alias bombs")
  func bomb() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(alias)]\n"
    }
    #expect(complaint(text)?.hasSuffix("more than 20000 values are too many") == true)
  }

  @Test("Nested aliases cannot exceed the depth limit")
  func deepAliases() {
    var text = "a0: &a0 [x]\n"
    for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(complaint(text)?.hasSuffix("more than 32 levels are too deep") == true)
  }

  @Test("A hundred thousand brackets are rejected, open or closed")
  func brackets() {
    let open = String(repeating: "[", count: 100_000)
    #expect(complaint(open) != nil)
    #expect(complaint(open + String(repeating: "]", count: 100_000)) != nil)
    #expect(complaint(String(repeating: "- ", count: 50_000)) != nil)
    #expect(complaint(String(repeating: "{", count: 50_000)) != nil)
  }

  @Test("A corrupted text is parsed or rejected, and never crashes")
  func mangled() {
    let good = Array("a: &x [1, 'two', \"th\\tree\"]\nb:\n  - *x\n  - {c: |-\n d}\n".utf8)
    var state: UInt32 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % bound
    }
    for _ in 0..<3_000 {
      var bytes = Array(good.prefix(1 + random(good.count)))
      for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(256)) }
      _ = try? YAMLNode.parse(bytes)
    }
  }
}
