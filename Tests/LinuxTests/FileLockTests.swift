import Glibc
import Testing

@testable import Linux

@Suite("File lock")
struct FileLockTests {
  let folder: TemporaryFolder
  var path: String { "\(folder.path)/lock" }

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("The holder of the lock replaces the file's content with its pid")
  func holder() throws {
    try folder.write("lock", Array("a longer text than any pid\n".utf8))
    let lock = try FileLock(path: path)
    #expect(FileLock.holder(of: path) == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test("Only the owner can read the file, even if it already existed with wider permissions")
  func mode() throws {
    for _ in 0..<2 {
      let lock = try FileLock(path: path)
      #expect(try Files.permissions(of: path) == 0o600)
      withExtendedLifetime(lock) {}
      try #require(unsafe chmod(path, 0o644) == 0)
    }
  }

  @Test("A second lock is refused at once while the first is held, and the pid stays")
  func heldOnce() throws {
    let lock = try FileLock(path: path)
    let error = #expect(throws: SystemCallError.self) { try FileLock(path: path) }
    #expect(error == SystemCallError(call: "flock", subject: path, code: EWOULDBLOCK))
    #expect(FileLock.holder(of: path) == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test("The lock is free when its owner is deallocated")
  func released() throws {
    for _ in 0..<3 { _ = try FileLock(path: path) }
  }

  @Test("A missing folder is an error with path and reason")
  func missingFolder() {
    let path = "\(folder.path)/missing/lock"
    let error = #expect(throws: SystemCallError.self) { try FileLock(path: path) }
    #expect(error?.description == "\(path): No such file or directory")
  }

  @Test(
    "A file without a pid has no holder, and neither has a missing file",
    arguments: ["", "x\n", "-"])
  func noHolder(text: String) throws {
    try folder.write("lock", Array(text.utf8))
    #expect(FileLock.holder(of: path) == nil)
    #expect(FileLock.holder(of: "\(folder.path)/missing") == nil)
  }
}
