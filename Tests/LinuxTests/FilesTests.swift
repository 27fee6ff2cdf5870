import Glibc
import Testing

@testable import Linux

@Suite("Files")
struct FilesTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  // MARK: - Contents

  @Test(
    "A file is read to its end, even if it is longer than one read",
    arguments: [0, 1, 65_536, 200_001])
  func read(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let file = try folder.write("file", bytes)
    #expect(try Files.read(file).bytes == bytes)
  }

  @Test("The modification time is exact to the nanosecond")
  func modified() throws {
    let file = try folder.write("file", [1])
    let times = [
      timespec(tv_sec: 1, tv_nsec: 2), timespec(tv_sec: 1_700_000_000, tv_nsec: 123_456_789),
    ]
    try #require(unsafe utimensat(AT_FDCWD, file, times, 0) == 0)
    #expect(try Files.read(file).modified == 1_700_000_000_123_456_789)
  }

  @Test("A missing file is an error with path and reason")
  func missing() {
    let file = "\(folder.path)/missing"
    let error = #expect(throws: SystemCallError.self) { try Files.read(file) }
    #expect(error?.description == "\(file): No such file or directory")
  }

  @Test("A folder is not a file")
  func folderIsNoFile() {
    let error = #expect(throws: SystemCallError.self) { try Files.read(folder.path) }
    #expect(error?.description == "\(folder.path): Is a directory")
  }

  @Test("A pipe is refused at once: waiting for a writer would hang the start")
  func pipe() throws {
    let pipe = "\(folder.path)/pipe"
    try #require(unsafe mkfifo(pipe, 0o600) == 0)
    let error = #expect(throws: SystemCallError.self) { try Files.read(pipe) }
    #expect(error?.subject == pipe)
  }

  // MARK: - Names

  @Test("Names are sorted, and those that start with a dot are left out")
  func names() throws {
    for name in ["b.css", ".hidden", "a.js", "Z.html"] { try folder.write(name, []) }
    #expect(try Files.names(in: folder.path) == ["Z.html", "a.js", "b.css"])
  }

  @Test("An empty folder has no names")
  func noNames() throws {
    #expect(try Files.names(in: folder.path) == [])
  }

  @Test("A missing folder is an error with path and reason")
  func missingFolder() {
    let path = "\(folder.path)/missing"
    let error = #expect(throws: SystemCallError.self) { try Files.names(in: path) }
    #expect(error?.description == "\(path): No such file or directory")
  }

  @Test("A file is not a folder")
  func fileIsNoFolder() throws {
    let file = try folder.write("file", [])
    let error = #expect(throws: SystemCallError.self) { try Files.names(in: file) }
    #expect(error?.description == "\(file): Not a directory")
  }

  // MARK: - Links

  @Test("A link has a target, whether or not the target exists")
  func link() throws {
    let link = "\(folder.path)/link"
    try #require(unsafe symlink("/no/such/place", link) == 0)
    #expect(try Files.target(ofLink: link) == "/no/such/place")
  }

  @Test("A path that is not a link is an error with its path")
  func noLink() throws {
    let file = try folder.write("file", [])
    let error = #expect(throws: SystemCallError.self) { try Files.target(ofLink: file) }
    #expect(error == SystemCallError(call: "readlink", subject: file, code: EINVAL))
  }

  // MARK: - Changes

  @Test("A folder is created with its parents, and creating it again changes nothing")
  func createFolders() throws {
    let path = "\(folder.path)/a/b//c/"
    defer { for name in ["a/b/c", "a/b", "a"] { _ = unsafe rmdir("\(folder.path)/\(name)") } }
    for _ in 0..<2 { try Files.createFolders(path, mode: 0o700) }
    var status = stat()
    try #require(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
    #expect(try Files.names(in: "\(folder.path)/a/b") == ["c"])
  }

  @Test("A file above the size limit is not read")
  func tooLarge() throws {
    let file = try folder.write("file", Array(repeating: 1, count: 100))
    #expect(try Files.read(file, atMost: 100).bytes.count == 100)
    let error = #expect(throws: SystemCallError.self) { try Files.read(file, atMost: 99) }
    #expect(error == SystemCallError(call: "read", subject: file, code: EFBIG))
  }

  @Test("A file in the place of a folder is an error", arguments: ["file", "file/below"])
  func fileInTheWay(name: String) throws {
    try folder.write("file", [])
    let path = "\(folder.path)/\(name)"
    let error = #expect(throws: SystemCallError.self) { try Files.createFolders(path) }
    #expect(error == SystemCallError(call: "mkdir", subject: path, code: ENOTDIR))
  }

  @Test("A renamed file replaces the file that had the new name")
  func rename() throws {
    let old = try folder.write("old", [1])
    let new = try folder.write("new", [2, 2])
    try Files.rename(from: old, to: new)
    #expect(try Files.read(new).bytes == [1])
    #expect(try Files.names(in: folder.path) == ["new"])
    let error = #expect(throws: SystemCallError.self) { try Files.rename(from: old, to: new) }
    #expect(error?.description == "\(old) to \(new): No such file or directory")
  }

  @Test("The size is in bytes, and a missing file is an error")
  func size() throws {
    let file = try folder.write("file", Array(repeating: 0, count: 70_000))
    #expect(try Files.size(of: file) == 70_000)
    let missing = "\(folder.path)/missing"
    let error = #expect(throws: SystemCallError.self) { try Files.size(of: missing) }
    #expect(error == SystemCallError(call: "stat", subject: missing, code: ENOENT))
  }

  @Test("A file keeps its identity when it is renamed, and other files have other identities")
  func identity() throws {
    let file = try folder.write("file", [])
    let identity = try Files.identity(of: file)
    #expect(try Files.identity(of: file) == identity)
    let moved = "\(folder.path)/moved"
    try Files.rename(from: file, to: moved)
    #expect(try Files.identity(of: moved) == identity)
    #expect(throws: SystemCallError.self) { try Files.identity(of: file) }
    #expect(try Files.identity(of: folder.write("file", [])) != identity)
  }

  @Test("remove deletes a file but not a folder")
  func remove() throws {
    let file = try folder.write("file", [])
    try Files.remove(file)
    #expect(try Files.names(in: folder.path) == [])
    #expect(throws: SystemCallError(call: "unlink", subject: file, code: ENOENT)) {
      try Files.remove(file)
    }
    #expect(throws: SystemCallError.self) { try Files.remove(folder.path) }
  }
}
