import Glibc
import Testing

@testable import Linux

@Suite("Files are replaced")
struct FilesReplacingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    "A file gets its new content whole, whether or not it was there", arguments: [0, 1, 300_000])
  func replace(count: Int) throws {
    let file = "\(folder.path)/file"
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    for content in [bytes, [1, 2], bytes] {
      try Files.replace(file, with: content)
      #expect(try Files.read(file).bytes == content)
    }
    #expect(try Files.names(in: folder.path) == ["file"])
  }

  @Test("Only the owner can read it")
  func mode() throws {
    let file = "\(folder.path)/file"
    try Files.replace(file, with: [1])
    var status = stat()
    try #require(unsafe stat(file, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test("A folder that is missing is an error, and one that is in the way leaves no draft behind")
  func errors() throws {
    let missing = #expect(throws: SystemCallError.self) {
      try Files.replace("\(folder.path)/none/file", with: [1])
    }
    #expect(missing?.isMissingFile == true)
    try Files.replace("\(folder.path)/file", with: [1])
    #expect(throws: SystemCallError.self) { try Files.replace("\(folder.path)/file/x", with: [1]) }
  }
}
