import MicroHTTPD
import TestSupport
import Testing

@testable import TopServer

@Suite struct StaticFilesTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["stats.html", "client.css", "client.js"] {
      try folder.write("x", to: "page/\(name)")
    }
  }

  private func files(_ places: String...) throws -> StaticFiles {
    let library = PageLibrary(
      name: "dygraphs.js", places: places.map { "\(folder.path)/\($0)" })
    return try StaticFiles(folder: "\(folder.path)/page", libraries: [library])
  }

  @Test func aLibraryIsServedFromItsInstalledPath() throws {
    try folder.write("installed", to: "system/dygraph.min.js")
    let files = try files("nowhere/dygraph.min.js", "system/dygraph.min.js")
    #expect(files["/dygraphs.js"] != nil)
    #expect(files["/dygraph.min.js"] == nil)
    #expect(files.missing.isEmpty)
  }

  @Test func thePageWorksWithoutALibrary() throws {
    let files = try files("nowhere/dygraph.min.js")
    #expect(files["/dygraphs.js"] == nil)
    #expect(files["/stats"] != nil)
    #expect(files.missing == ["dygraphs.js"])
  }

  @Test func aFileOfThePageTakesPrecedence() throws {
    try folder.write("ours", to: "page/dygraphs.js")
    #expect(try files("nowhere").missing.isEmpty)
  }

  @Test(arguments: [
    ("stats.html", "'self'"), ("client.js", "'none'"), ("some-worker.js", "'self'"),
  ])
  func onlyPagesAndWorkersMayMakeRequests(_ name: String, _ source: String) throws {
    try folder.write("x", to: "page/\(name)")
    let policy = try files("nowhere")["/\(name)"]?.plain.header("Content-Security-Policy")
    #expect(policy?.hasPrefix("default-src \(source);") == true)
  }

  @Test func foldersOfThePageAreServed() throws {
    try folder.write("x", to: "page/shared/dom.js")
    try folder.write("x", to: "page/shared/events-worker.js")
    try folder.write("x", to: "page/shared/deeper/far.js")
    try folder.write("x", to: "page/README")
    try folder.write("x", to: "secret.js")
    let files = try files("nowhere")
    #expect(files["/shared/dom.js"] != nil)
    #expect(
      files["/shared/events-worker.js"]?.plain.header("Content-Security-Policy")?
        .hasPrefix("default-src 'self';") == true)
    for path in [
      "/shared/deeper/far.js", "/shared", "/shared/", "/README", "/dom.js", "/../secret.js",
      "/shared/../client.js", "/shared//dom.js",
    ] {
      #expect(files[path] == nil, "\(path)")
    }
  }

  @Test func aFolderWithTooManyFilesIsRejected() throws {
    for number in 0...StaticFiles.mostFiles {
      try folder.write("", to: "page/many/\(number).json")
    }
    #expect(throws: Failure.self) { try files("nowhere") }
  }

  @Test func aMissingRequiredFileIsRejected() throws {
    try folder.remove("page/client.js")
    #expect(throws: Failure.self) { try files("nowhere") }
  }
}
