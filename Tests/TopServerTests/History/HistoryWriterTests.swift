import Linux
import Logging
import SQLite
import TestSupport
import Testing

@testable import TopServer

@Suite struct HistoryWriterTests {
  private let folder: TemporaryFolder
  private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws { folder = try TemporaryFolder() }

  private func writer(_ name: String = "data") -> HistoryWriter {
    HistoryWriter(folder: "\(folder.path)/\(name)", limit: 64 << 20, logger: silent)
  }

  private func batch(_ seconds: Int = 5) -> HistoryBatch {
    var recording = Recording()
    var window = Window.test()
    for second in 0..<seconds { recording.add(window.add(.at(Double(second), [Process(pid: 1)]))) }
    return HistoryBatch(
      blocks: recording.all, appeared: recording.builder.appeared, exited: recording.builder.exited)
  }

  @Test func theWriterCreatesTheFolderAndTheFile() async throws {
    let writer = writer("a/b/c")
    #expect(await writer.firstNumber(atLeast: 7) == 7)
    let outcome = await writer.write(batch())
    #expect(outcome.fault == nil)
    #expect(outcome.oldest == 1_700_000_000_000)
    #expect(outcome.size > 0)
    #expect(try HistoryArchive(path: writer.path).range() != nil)
  }

  @Test func anUncreatableFolderIsATemporaryFault() async throws {
    try folder.write("a file", to: "data")
    let writer = writer("data/inner")
    _ = await writer.firstNumber(atLeast: 1)
    #expect(await writer.write(batch()).fault?.contains("data") == true)
    try folder.remove("data")
    #expect(await writer.write(batch()).fault == nil)
  }

  @Test func aDamagedFileIsRenamed() async throws {
    try folder.write(
      "this is not a database, but it is long enough to have a header of one. ".repeated(20),
      to: "data/history.db")
    let writer = writer()
    _ = await writer.firstNumber(atLeast: 1)
    #expect(await writer.write(batch()).fault == nil)
    let names = try Files.names(in: "\(folder.path)/data")
    #expect(names.contains { $0.hasPrefix("history.db.damaged-") })
    let aside = try #require(
      names.first {
        $0.hasPrefix("history.db.damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
      })
    let bytes = try Files.read("\(folder.path)/data/\(aside)").bytes
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("this is not a database"))
  }

  @Test func aForeignFileIsAFaultAndStays() async throws {
    try Files.createFolders("\(folder.path)/data", mode: 0o700)
    let path = HistoryWriter.path(in: "\(folder.path)/data")
    try Database(path: path, mode: .readWrite).execute("CREATE TABLE theirs (x)")
    let writer = writer()
    _ = await writer.firstNumber(atLeast: 1)
    #expect(await writer.write(batch()).fault?.contains("belongs to another program") == true)
    #expect(try Database(path: path, mode: .readOnly).integer("SELECT count(*) FROM theirs") == 0)
  }

  @Test func twoWritersCannotUseOneFile() async throws {
    var first: HistoryWriter? = writer()
    _ = await first?.firstNumber(atLeast: 1)
    #expect(await first?.write(batch()).fault == nil)
    let second = writer()
    _ = await second.firstNumber(atLeast: 1)
    #expect(await second.write(batch()).fault?.contains("another server records to it") == true)
    first = nil
    #expect(await second.write(batch()).fault == nil)
  }
}

extension String {
  fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
