import Glibc
import Testing

@testable import Linux

@Suite("User database")
struct UserDatabaseTests {
  @Test("User 0 is root, and an unused id has no user")
  func users() {
    #expect(UserDatabase.user(0) == .name("root"))
    #expect(UserDatabase.user(3_999_999_999) == .noSuchUser)
  }

  @Test("A buffer that is too small grows up to the limit")
  func largeEntries() {
    var sizes: [Int] = []
    let answer = unsafe UserDatabase.answer { _, _, size, _ in
      sizes.append(size)
      return size < 100_000 ? ERANGE : 0
    }
    #expect(answer == .noSuchUser)
    #expect(sizes == [4096, 8192, 16384, 32768, 65536, 131_072])

    sizes = []
    let endless = unsafe UserDatabase.answer { _, _, size, _ in
      sizes.append(size)
      return ERANGE
    }
    #expect(endless == .failed(SystemCallError(call: "getpwuid_r", code: ERANGE)))
    #expect(sizes.max() == UserDatabase.longestEntry)
  }

  @Test("A failed lookup is distinguished from an unknown user")
  func failures() {
    let away = unsafe UserDatabase.answer { _, _, _, _ in EIO }
    #expect(away == .failed(SystemCallError(call: "getpwuid_r", code: EIO)))
    for code in [ENOENT, ESRCH, EBADF, EPERM] {
      #expect(unsafe UserDatabase.answer { _, _, _, _ in code } == .noSuchUser)
    }
  }

  @Test("Changing, replacing and removing a file changes the version")
  func versions() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/passwd"
    let absent = UserDatabase.version(of: [path])
    try Files.replace(path, with: Array("a:x:1:1::/:".utf8))
    let first = UserDatabase.version(of: [path])
    #expect(first != absent)
    #expect(UserDatabase.version(of: [path]) == first)
    // The same bytes in a new file.
    try Files.replace(path, with: Array("a:x:1:1::/:".utf8))
    #expect(UserDatabase.version(of: [path]) != first)
  }
}
