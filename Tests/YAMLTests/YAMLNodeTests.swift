import Testing

@testable import YAML

func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode? {
  try YAMLNode.parse(Array(text.utf8), limits: limits)
}

/// The error for a text, with line, column and reason.
func complaint(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
  do throws(YAMLError) {
    _ = try parse(text, limits: limits)
    return nil
  } catch {
    return "\(error)"
  }
}

extension YAMLNode {
  fileprivate static func plain(_ text: String, _ line: Int, _ column: Int) -> YAMLNode {
    YAMLNode(.scalar(text, isPlain: true), at: YAMLMark(line: line, column: column))
  }
}

@Suite("YAML nodes")
struct YAMLNodeTests {
  @Test("Nodes and keys have their line and column")
  func marks() throws {
    let root = try parse(
      """
      # a comment
      a: 1
      list:
        - x
        -   b: y
      """)
    let inner = YAMLNode.Entry(
      key: "b", keyMark: YAMLMark(line: 5, column: 7), value: .plain("y", 5, 10))
    #expect(
      root
        == YAMLNode(
          .mapping([
            .init(key: "a", keyMark: YAMLMark(line: 2, column: 1), value: .plain("1", 2, 4)),
            .init(
              key: "list", keyMark: YAMLMark(line: 3, column: 1),
              value: YAMLNode(
                .sequence([
                  .plain("x", 4, 5),
                  YAMLNode(.mapping([inner]), at: YAMLMark(line: 5, column: 7)),
                ]), at: YAMLMark(line: 4, column: 3))),
          ]), at: YAMLMark(line: 2, column: 1)))
  }

  @Test("A column counts characters, not bytes")
  func columns() throws {
    guard case .sequence(let items) = try parse("[äöü, 東京, x]")?.content else {
      Issue.record("not a sequence")
      return
    }
    #expect(items.map(\.mark.column) == [2, 7, 11])
  }

  @Test(
    "Scalars are text in every style; only unquoted ones can be null",
    arguments: [
      ("word", "word", false), ("'it''s'", "it's", false), (#""a\tb\u00e9\0c""#, "a\tbé\0c", false),
      ("|\n  one\n  two\n", "one\ntwo\n", false), (">\n  one\n  two\n", "one two\n", false),
      ("~", "~", true), ("null", "null", true), ("'null'", "null", false), ("''", "", false),
      ("a  # comment", "a", false), ("a#b", "a#b", false), ("12", "12", false),
    ])
  func scalars(text: String, expected: String, isNull: Bool) throws {
    let node = try #require(try parse(text))
    guard case .scalar(let value, _) = node.content else {
      Issue.record("not a scalar")
      return
    }
    #expect(value == expected)
    #expect(node.isNull == isNull)
  }

  @Test("An empty text has no node", arguments: ["", "\n\n", "# nothing\n", "\u{FEFF}"])
  func empty(text: String) throws {
    #expect(try parse(text) == nil)
  }

  @Test("An empty document is null")
  func emptyDocument() throws {
    #expect(try parse("---\n")?.isNull == true)
    #expect(try parse("a:\n")?.content != nil)
  }

  @Test("An alias repeats the node with its original position")
  func alias() throws {
    guard case .mapping(let entries) = try parse("a: &x [1]\nb: *x\n")?.content else {
      Issue.record("not a mapping")
      return
    }
    #expect(entries.count == 2 && entries[0].value == entries[1].value)
    #expect(entries[1].value.mark == YAMLMark(line: 1, column: 4))
  }

  @Test("UTF-16 is supported")
  func utf16() throws {
    let bytes: [UInt8] =
      [0xFF, 0xFE] + "a: ü".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    guard case .mapping(let entries) = try YAMLNode.parse(bytes)?.content else {
      Issue.record("not a mapping")
      return
    }
    #expect(entries.first?.value.content == .scalar("ü", isPlain: true))
  }
}
