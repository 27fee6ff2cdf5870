import Linux
import Synchronization
import TestSupport
import Testing

@testable import TopServer

@Suite struct StateFileTests {
  private let folder: TemporaryFolder
  private let log = RecordingLog.Lines()
  private var path: String { "\(folder.path)/state.json" }

  init() throws { folder = try TemporaryFolder() }

  private func file(in name: String = "") -> StateFile {
    StateFile("state.json", in: folder.path + name, of: "facts", logger: log.logger)
  }

  @Test func writtenContentIsReadBack() throws {
    var file = file(in: "/made")
    let found2 = file.load { $0 }
    #expect(found2 == nil)
    let isWritten3 = file.write([1, 2])
    #expect(isWritten3)
    let found4 = file.load { $0 }
    #expect(found4 == [1, 2])
    #expect(try Files.permissions(of: file.path) == 0o600)
    #expect(try Files.permissions(of: "\(folder.path)/made") == 0o700)
    #expect(log.all.withLock { $0.count } == 1, "only the debug message that there was no file")
  }

  @Test func loadingRemovesThePermissionsOfOthers() throws {
    try folder.write("x", to: "state.json")
    #expect(try Files.permissions(of: path) & 0o077 != 0)
    var file = file()
    let found5 = file.load { $0 }
    #expect(found5 != nil)
    #expect(try Files.permissions(of: path) & 0o077 == 0)
  }

  @Test func draftsOfAKilledRunAreRemoved() throws {
    try folder.write("half", to: "state.json.new-1")
    try folder.write("half", to: "state.json.new")
    try folder.write("mine", to: "state.json.mine")
    var file = file()
    _ = file.load { $0 }
    #expect(try Files.names(in: folder.path) == ["state.json.mine"])
  }

  @Test func aFolderWithTheNameOfTheFileIsRenamed() throws {
    try Files.createFolders("\(path)/inner")
    var file = file()
    let found6 = file.load { $0 }
    #expect(found6 == nil)
    let isWritten7 = file.write([7])
    #expect(isWritten7)
    let found8 = file.load { $0 }
    #expect(found8 == [7])
    let kept = try Files.names(in: folder.path).first { $0.hasPrefix("state.json.unusable-") }
    #expect(try Files.names(in: "\(folder.path)/\(try #require(kept))") == ["inner"])
    #expect(log.all.withLock { $0 }.last?.contains("the file is kept as") == true)
  }

  @Test func aRemovedFileIsNoticed() throws {
    var file = file()
    #expect(!file.isGone)
    let isWritten = file.write([1])
    #expect(isWritten && !file.isGone)
    try folder.remove("state.json")
    #expect(file.isGone)
  }

  @Test func pausesGrowUpToALimit() throws {
    try folder.write("a file", to: "none")
    var file = file(in: "/none")
    var pauses: [Duration] = []
    for _ in 0..<9 {
      let isWritten1 = file.write([1])
      #expect(!isWritten1)
      pauses.append(file.pause)
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 64, 64].map { .seconds($0) })
    #expect(log.all.withLock { $0.count } == 1)
    try folder.remove("none")
    let isWritten9 = file.write([1])
    #expect(isWritten9)
    #expect(log.all.withLock { $0.last } == "notice: facts are stored again")
  }
}
