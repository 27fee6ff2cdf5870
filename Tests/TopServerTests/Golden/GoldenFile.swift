import FoundationEssentials
import Testing

/// A file with the exact text that the program must make.
///
/// `make golden` writes all such files again; look at the difference before you commit it.
struct GoldenFile {
  let path: String

  init(_ name: String) { self.init(project: "Tests/Fixtures/golden/\(name)") }

  /// A file elsewhere in the project, from its root.
  init(project name: String, from file: String = #filePath) {
    let root = file.split(separator: "/").dropLast(4).joined(separator: "/")
    path = "/\(root)/\(name)"
  }

  func read() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// Compares the text with the file, or writes the file if `TOPSERVER_WRITE_GOLDEN` is 1.
  func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["TOPSERVER_WRITE_GOLDEN"] == "1" {
      return try Data(text.utf8).write(to: URL(filePath: path))
    }
    let expected = try read()
    let isSame = expected.utf8.elementsEqual(text.utf8)
    #expect(isSame, "\(Self.difference(expected, text))", sourceLocation: sourceLocation)
  }

  /// Both texts around the first byte that differs.
  private static func difference(_ expected: String, _ text: String) -> String {
    let (old, new) = (Array(expected.utf8), Array(text.utf8))
    let place = zip(old, new).prefix { $0 == $1 }.count
    func part(_ bytes: [UInt8]) -> String {
      String(
        decoding: bytes[max(0, place - 80)..<min(bytes.count, place + 80)], as: UTF8.self)
    }
    return "at byte \(place) the file has\n\(part(old))\nand the program makes\n\(part(new))"
  }
}
