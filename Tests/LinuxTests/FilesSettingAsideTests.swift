import Glibc
import Testing

@testable import Linux

@Suite("Files: setting aside")
struct FilesSettingAsideTests {
  let folder: TemporaryFolder
  var path: String { "\(folder.path)/data" }

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(
    "A file and its companions are renamed, and only the owner can read them")
  func renames() throws {
    let file = try folder.write("data", [1])
    try #require(unsafe chmod(file, 0o644) == 0)
    try folder.write("data-wal", [2])
    let target = try Files.setAside(path, as: "damaged", at: "T1", with: ["-wal", "-shm"])
    #expect(target == "\(path).damaged-T1")
    #expect(try Files.names(in: folder.path) == ["data.damaged-T1", "data.damaged-T1-wal"])
    #expect(try Files.read(target).bytes == [1])
    #expect(try Files.permissions(of: target) == 0o600)
  }

  @Test("The two oldest files and the newest are kept")
  func keepsFew() throws {
    try folder.write("data.damaged", [0])
    try folder.write("other.damaged-T0", [0])
    for number in 1...7 {
      try folder.write("data", [UInt8(number)])
      try folder.write("data-wal", [UInt8(number)])
      _ = try Files.setAside(path, as: "damaged", at: "T\(number)", with: ["-wal", "-shm"])
      #expect(try Files.read("\(path).damaged-T\(number)").bytes == [UInt8(number)])
    }
    let kept = [1, 2, 7].flatMap { ["data.damaged-T\($0)", "data.damaged-T\($0)-wal"] }
    #expect(try Files.names(in: folder.path) == ["data.damaged"] + kept + ["other.damaged-T0"])
  }

  @Test("A missing file is an error")
  func missing() {
    let error = #expect(throws: SystemCallError.self) {
      try Files.setAside(path, as: "damaged", at: "T1")
    }
    #expect(error?.isMissingFile == true)
  }
}
