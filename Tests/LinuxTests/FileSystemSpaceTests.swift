import Glibc
import Testing

@testable import Linux

@Suite("File system space")
struct FileSystemSpaceTests {
  @Test(
    "The file system of the temporary folder has space, and the used and available parts fit in it")
  func real() throws {
    let folder = try TemporaryFolder()
    let space = try #require(FileSystemSpace(ofFolder: Array(folder.path.utf8)))
    #expect(space.total > 0)
    #expect(space.used <= space.total && space.available <= space.total)
  }

  @Test("A path need not be valid UTF-8")
  func bytes() throws {
    let folder = try TemporaryFolder()
    let path = Array(folder.path.utf8) + Array("/".utf8) + [0xFF]
    let name = path.map { CChar(bitPattern: $0) } + [0]
    try #require(unsafe mkdir(name, 0o700) == 0)
    defer { _ = unsafe rmdir(name) }
    #expect(FileSystemSpace(ofFolder: path) != nil)
  }

  @Test("A path that is not a folder has no space")
  func noFolder() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("file", [1])
    #expect(FileSystemSpace(ofFolder: Array(file.utf8)) == nil)
    #expect(FileSystemSpace(ofFolder: Array("\(folder.path)/missing".utf8)) == nil)
    #expect(FileSystemSpace(ofFolder: Array("/\0tmp".utf8)) == nil)
    #expect(FileSystemSpace(ofFolder: []) == nil)
  }

  @Test("Implausible block counts saturate and never trap")
  func hostile() {
    let space = FileSystemSpace(blocks: .max, free: 1, available: .max, blockSize: 4096)
    #expect(space == FileSystemSpace(total: .max, used: .max, available: .max))
    let upsideDown = FileSystemSpace(blocks: 5, free: 9, available: 7, blockSize: 512)
    #expect(upsideDown == FileSystemSpace(total: 2560, used: 0, available: 3584))
  }
}
