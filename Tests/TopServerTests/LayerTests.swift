import FoundationEssentials
import TestSupport
import Testing

/// The layers of `Sources/TopServer`: every folder has a place, and no file names a type of a higher folder.
@Suite struct LayerTests {
  /// All folders, the lowest first.
  private static let floors = Layers(order: [
    "Base",
    "Sampling/Identity", "Sampling/Processes", "Sampling/Machine", "Sampling/Ledger",
    "Sampling/Window",
    "Measures", "Columns", "Filter", "Grouping",
    "Fleet/Messages", "Fleet/Agent", "Fleet/Hosts", "Fleet/Hub",
    "History/Model", "History/Coding", "History/Building", "History/File", "History/Recording",
    "History/Queries",
    "Alerts/Rules", "Alerts/Engine", "Alerts/Notification",
    "Web/Answering", "Web/CPUUsage", "Web/System", "Web/History", "Web/Fleet", "Web/Alerts",
    "Web/Events", "Web/Files", "Web",
    "Report/Load", "Report/Page",
    "Serving", "App",
  ])

  @Test func noFileNamesATypeOfAHigherFolder() throws {
    let root = Fixtures.sources() + "/TopServer"
    let files = try FileManager.default.subpathsOfDirectory(atPath: root)
      .filter { $0.hasSuffix(".swift") }
      .map { path in
        SourceFile(path: path, text: try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8))
      }
    try #require(files.count > 100)
    for violation in Self.floors.violations(in: files) { Issue.record("\(violation)") }
  }

  @Test func theFloorPlanIsThatOfTheDocument() throws {
    let document = try String(
      contentsOfFile: Fixtures.sources() + "/../ARCHITECTURE.md", encoding: .utf8)
    let folders = document.matches(of: /\n\| `TopServer\/([\w\/]+)` \|/).map { String($0.1) }
    #expect(folders == Self.floors.order)
  }
}

/// Tests the check itself with invented sources.
@Suite struct LayersTests {
  private let layers = Layers(order: ["Low", "High/Inner", "High"])
  private let low = SourceFile(path: "Low/Low.swift", text: "struct Low {}")
  private let inner = SourceFile(path: "High/Inner/Inner.swift", text: "enum Inner {}")
  private let high = SourceFile(path: "High/High.swift", text: "final class High {}")

  /// The violations in a file of the lowest folder.
  private func found(in text: String) -> [String] {
    layers.violations(in: [
      low, inner, high, SourceFile(path: "Low/Example.swift", text: text),
    ])
  }

  private let upward =
    "Low/Example.swift names High, which High declares: Low is below High"

  @Test(arguments: [
    "let x: High? = nil", "extension High {}", "let x = [High.most, 2]", "let x = 0...High.most",
    "let x = \"\\(High.most)\"", "let x = \"\"\"\n  \\(f(\"a\\\"\", High.most))\n  \"\"\"",
    "let x = #\"\"\\#(High.most)\"#", "func f<T: High>() {}", "let x = Low<High>()",
    "// one\nlet x: High", "/* a /* b */ c */ let x: High", "let x: TopServer.High",
  ])
  func anUpwardNameIsFound(text: String) {
    #expect(found(in: "private " + text) == [upward])
  }

  @Test(arguments: ["func f() {}", "let f = 1", "public nonisolated var f: Int { 1 }"])
  func aNameOutsideOfTypesIsFound(text: String) {
    #expect(found(in: text) == ["Low/Example.swift declares f outside of a type"])
    #expect(found(in: "private " + text) == [])
    #expect(found(in: "struct Example { \(text) }") == [])
  }

  @Test(arguments: [
    "let x: Low? = nil", "let x = Other.High.most", "let x: Highest", "let high = 1",
    "// High", "/* High */", "/* a /* b */ High */", "let x = \"High\"", "let x = \"a\\\"High\"",
    "let x = #\"a\" High\"#", "let x = \"\"\"\n  \"High\"\n  \"\"\"",
    "let x = \"\\(a(\"b\")) High\"", "struct Example { enum High {} \n let x: High }",
    "func f<Other, High: Sendable>(_ x: High) {}", "struct Example<High> { let x: High }",
    "extension Low { init<High>(_ x: High) {} }",
  ])
  func otherNamesAreNotReported(text: String) {
    #expect(found(in: "struct Outer { \(text)\n }") == [])
  }

  @Test func foldersWithinAFolderHaveAnOrderToo() {
    let file = SourceFile(path: "High/Inner/Example.swift", text: "private let x: (Low, High)")
    #expect(
      layers.violations(in: [low, inner, high, file]) == [
        "High/Inner/Example.swift names High, which High declares: High/Inner is below High"
      ])
    let other = SourceFile(path: "High/Example.swift", text: "private let x: (Low, Inner)")
    #expect(layers.violations(in: [low, inner, high, other]) == [])
  }

  @Test func everyFolderHasAPlaceAndEveryPlaceAFolder() {
    let stray = SourceFile(path: "Other/Other.swift", text: "")
    #expect(
      layers.violations(in: [low, high, stray]) == [
        "Other has no place in the order", "High/Inner has a place, but no files",
      ])
  }

  @Test func twoTypesOfOneNameCannotBeToldApart() {
    let twin = SourceFile(path: "High/Twin.swift", text: "@MainActor public struct Low {}")
    #expect(
      layers.violations(in: [low, inner, high, twin]) == [
        "Low is declared in High/Twin.swift and in Low/Low.swift"
      ])
    let hidden = SourceFile(path: "High/Hidden.swift", text: "private final class Low {}")
    #expect(layers.violations(in: [low, inner, high, hidden]) == [])
  }
}
