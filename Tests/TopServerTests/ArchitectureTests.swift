import FoundationEssentials
import TestSupport
import Testing

/// Checks what ARCHITECTURE.md promises about the sources.
@Suite struct ArchitectureTests {
  private struct Source {
    var target: String
    var path: String
    var text: String

    var imports: Set<String> {
      Set(
        text.split(separator: "\n").compactMap { line in
          let words = line.split(separator: " ")
          guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1
          else { return nil }
          return String(words[index + 1])
        })
    }
  }

  private let sources: [Source]

  init() throws {
    let root = Fixtures.sources()
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    sources = try names.filter { $0.hasSuffix(".swift") }.map { name in
      Source(
        target: String(name.prefix { $0 != "/" }), path: name,
        text: try String(contentsOfFile: "\(root)/\(name)", encoding: .utf8))
    }
    try #require(sources.count > 30)
  }

  @Test func onlyWrappersTouchC() {
    let wrappers = [
      "Linux", "ProcFS", "Jansson", "Deflate", "SQLite", "YAML", "PCRE2", "Curl",
      "MicroHTTPD", "TLS", "WebSocket",
    ]
    for source in sources where !wrappers.contains(source.target) {
      let forbidden = source.imports.filter {
        $0.hasPrefix("C") && $0.dropFirst().first?.isUppercase == true
      }
      #expect(forbidden.isEmpty, "\(source.path)")
      #expect(!source.imports.contains("Glibc"), "\(source.path)")
      #expect(
        source.text.firstMatch(of: /\bunsafe\b|Unsafe[A-Z]|OpaquePointer/) == nil, "\(source.path)")
    }
  }

  @Test func theHTTPServerAndTheProcessReaderAreIndependent() {
    for source in sources {
      switch source.target {
      case "MicroHTTPD":
        #expect(
          source.imports.isDisjoint(with: [
            "ProcFS", "Jansson", "SQLite", "YAML", "Curl", "WebSocket", "TLS", "TopServer",
          ]),
          "\(source.path)")
      case "ProcFS":
        #expect(
          source.imports.isSubset(of: ["CLinux", "Glibc", "Linux", "Synchronization"]),
          "\(source.path)")
      case "Jansson", "Deflate", "SQLite", "YAML":
        #expect(source.imports.isSubset(of: ["C" + source.target]), "\(source.path)")
      case "Curl":
        #expect(source.imports.isSubset(of: ["CCurl"]), "\(source.path)")
      case "TLS":
        #expect(source.imports.isSubset(of: ["CGnuTLS", "Linux"]), "\(source.path)")
      case "WebSocket":
        #expect(
          source.imports.isSubset(of: ["CWslay", "CNettle", "Linux", "TLS", "Synchronization"]),
          "\(source.path)")
      case "Linux":
        #expect(
          source.imports.isSubset(of: ["CLinux", "Glibc", "Dispatch", "Synchronization"]),
          "\(source.path)")
      default: break
      }
    }
  }

  @Test func samplingDoesNotDependOnTheWeb() {
    for source in sources where source.path.hasPrefix("TopServer/Sampling/") {
      #expect(
        source.imports.isDisjoint(with: ["MicroHTTPD", "Jansson", "Deflate"]), "\(source.path)")
    }
  }

  @Test func alertsDoNotDependOnTheWeb() {
    for source in sources where source.path.hasPrefix("TopServer/Alerts/") {
      #expect(source.imports.isDisjoint(with: ["MicroHTTPD", "Deflate"]), "\(source.path)")
    }
  }

  @Test func nothingPullsInFullFoundation() {
    for source in sources { #expect(!source.imports.contains("Foundation"), "\(source.path)") }
  }

  @Test func sharedStateIsProvedSendable() {
    for source in sources {
      #expect(!source.text.contains("nonisolated(unsafe)"), "\(source.path)")
      if source.target == "TopServer" {
        #expect(!source.text.contains("@unchecked"), "\(source.path)")
      }
    }
  }
}
