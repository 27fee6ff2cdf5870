import ArgumentParser

@testable import TopServer

extension Settings {
  /// What these options give where the environment says nothing.
  static func test(_ arguments: String...) throws -> Settings {
    try Settings(
      try ServeOptions.parse(arguments), environment: [:], executable: "/opt/nowhere/topserver")
  }
}

extension Snapshot {
  /// One process, and nothing before it.
  static var test: Snapshot {
    var window = Window.test()
    return window.add(.at(1000, [Process()]))
  }
}
