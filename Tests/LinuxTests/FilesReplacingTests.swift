import Glibc
import Testing

@testable import Linux

@Suite("Files: replacing")
struct FilesReplacingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    "A file gets all of its new content, whether or not it existed", arguments: [0, 1, 300_000])
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

  @Test("A missing folder and a file in the place of a folder are errors")
  func errors() throws {
    let missing = #expect(throws: SystemCallError.self) {
      try Files.replace("\(folder.path)/none/file", with: [1])
    }
    #expect(missing?.isMissingFile == true)
    try Files.replace("\(folder.path)/file", with: [1])
    #expect(throws: SystemCallError.self) { try Files.replace("\(folder.path)/file/x", with: [1]) }
  }

  @Test("A symbolic link stays and its target is replaced")
  func link() throws {
    let file = try folder.write("file", [1])
    let link = "\(folder.path)/link"
    try #require(unsafe symlink(file, link) == 0)
    try Files.replace(link, with: [2])
    #expect(try Files.read(file).bytes == [2])
    #expect(try Files.target(ofLink: link) == file)
    #expect(try Files.names(in: folder.path) == ["file", "link"])
  }

  @Test("A folder and a device are refused, and no draft is left")
  func refuses() throws {
    let link = "\(folder.path)/null"
    try #require(unsafe symlink("/dev/null", link) == 0)
    #expect(throws: SystemCallError.self) { try Files.replace(link, with: [2]) }
    #expect(throws: SystemCallError.self) { try Files.replace(folder.path, with: [2]) }
    #expect(try Files.names(in: folder.path) == ["null"])
  }

  @Test("A draft left by a killed run with our pid is replaced")
  func leftover() throws {
    let file = "\(folder.path)/file"
    try folder.write("file.new-\(getpid())", [9, 9, 9])
    try Files.replace(file, with: [1])
    #expect(try Files.read(file).bytes == [1])
    #expect(try Files.names(in: folder.path) == ["file"])
  }

  @Test("makePrivate creates a file for its owner only and leaves an existing file unchanged")
  func makePrivate() throws {
    let file = "\(folder.path)/file"
    try Files.makePrivate(file)
    #expect(try Files.permissions(of: file) == 0o600)
    let other = try folder.write("other", [1])
    try #require(unsafe chmod(other, 0o664) == 0)
    try Files.makePrivate(other)
    #expect(try Files.read(other).bytes == [1])
    #expect(try Files.permissions(of: other) == 0o664)
    try Files.keepPrivate(other)
    #expect(try Files.permissions(of: other) == 0o600)
    try #require(unsafe chmod(other, 0o444) == 0)
    try Files.keepPrivate(other)
    #expect(
      try Files.permissions(of: other) == 0o400, "the owner must not gain a permission")
  }

  @Test("keepPrivate changes only regular files of ours with a single name")
  func keepPrivateLeavesOthersAlone() throws {
    let file = try folder.write("file", [1])
    try #require(unsafe chmod(file, 0o644) == 0)
    let link = "\(folder.path)/link"
    try #require(unsafe symlink(file, link) == 0)
    try Files.keepPrivate(link)
    #expect(try Files.permissions(of: file) == 0o644)
    let second = "\(folder.path)/second"
    try #require(unsafe Glibc.link(file, second) == 0)
    try Files.keepPrivate(second)
    #expect(try Files.permissions(of: file) == 0o644)
    let pipe = "\(folder.path)/pipe"
    try #require(unsafe mkfifo(pipe, 0o644) == 0)
    try Files.keepPrivate(pipe)
    #expect(try Files.permissions(of: pipe) == 0o644)
    #expect(throws: SystemCallError.self) { try Files.keepPrivate("\(folder.path)/missing") }
  }
}
