import FoundationEssentials

/// The plain files that lie beside the tests.
public enum Fixtures {
  /// The folder `Tests/Fixtures`, found from this source file so that scripts can use the same files.
  public static func path(_ name: String, from file: String = #filePath) -> String {
    let tests = file.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(tests)/Fixtures/\(name)"
  }

  /// The sources of the project, for tests of its shape.
  public static func sources(from file: String = #filePath) -> String {
    "/" + file.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources"
  }
}

/// A folder that a test fills and that goes away with it.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    path = FileManager.default.temporaryDirectory.path + "/topserver-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file below the folder, and the folders above it.
  public func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  public func write(_ bytes: [UInt8], to name: String) throws {
    let file = "\(path)/\(name)"
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file))
  }

  /// Makes a symbolic link, and the folders above it.
  public func link(_ target: String, to name: String) throws {
    let file = "\(path)/\(name)"
    let folder = file.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: target)
  }

  public func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }
}
