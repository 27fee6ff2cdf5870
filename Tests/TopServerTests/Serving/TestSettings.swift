import ArgumentParser

@testable import TopServer

extension Settings {
  /// The settings from these options and an empty environment.
  static func test(_ arguments: String...) throws -> Settings {
    try Settings(
      try ServeOptions.parse(arguments), environment: [:], executable: "/opt/nowhere/topserver")
  }
}

extension Snapshot {
  /// A first snapshot with one process.
  static var test: Snapshot {
    var window = Window.test()
    return window.add(.at(1000, [Process()]))
  }
}
