import Glibc
import Testing

@testable import Linux

@Suite("File draft")
struct FileDraftTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private var names: [String] { get throws { try Files.names(in: folder.path) } }

  @Test("A file appears only when it is published")
  func publishes() throws {
    let file = "\(folder.path)/new"
    let draft = try FileDraft(for: file)
    #expect(throws: SystemCallError.self) { try Files.read(file) }
    try draft.publish([1, 2, 3])
    #expect(try Files.read(file).bytes == [1, 2, 3])
    #expect(try names == ["new"])
  }

  @Test("The old content stays until the draft is published")
  func replaces() throws {
    let file = try folder.write("old", [1])
    let draft = try FileDraft(for: file)
    #expect(try Files.read(file).bytes == [1])
    try draft.publish([2])
    #expect(try Files.read(file).bytes == [2])
  }

  @Test("An unpublished draft leaves nothing behind")
  func leavesNothing() throws {
    do { _ = try FileDraft(for: "\(folder.path)/new") }
    #expect(try names == [])
  }

  @Test("A symbolic link stays and its target is replaced")
  func followsLinks() throws {
    let file = try folder.write("file", [1])
    let link = "\(folder.path)/link"
    try #require(unsafe symlink(file, link) == 0)
    try FileDraft(for: link).publish([2])
    #expect(try Files.read(file).bytes == [2])
    #expect(try Files.target(ofLink: link) == file)
  }

  @Test(
    "A folder, a device and a missing folder are refused at once, with path and reason")
  func refuses() throws {
    let reasons = [
      folder.path: "Is a directory", "/dev/null": "File exists",
      "\(folder.path)/none/file": "No such file or directory",
    ]
    for (path, reason) in reasons {
      let error = #expect(throws: SystemCallError.self) { try FileDraft(for: path) }
      #expect(error?.description == "\(path): \(reason)")
    }
    #expect(try names == [])
  }
}
