import Glibc
import Testing

@testable import Linux

@Suite("System call error")
struct SystemCallErrorTests {
  @Test("The text has the subject and the reason")
  func withSubject() {
    let error = SystemCallError(call: "open", subject: "/etc/shadow", code: EACCES)
    #expect(error.description == "/etc/shadow: Permission denied")
  }

  @Test("Without a subject the text names the call")
  func withoutSubject() {
    #expect(
      SystemCallError(call: "fork", code: ENOMEM).description == "fork: Cannot allocate memory")
  }

  @Test("An unknown code has a reason with its number")
  func unknownCode() {
    #expect(SystemCallError(call: "open", code: 9_999).reason.contains("9999"))
  }

  @Test("The last error is that in errno")
  func last() {
    errno = ENOTDIR
    let error = SystemCallError.last("readdir", "/proc")
    #expect(error == SystemCallError(call: "readdir", subject: "/proc", code: ENOTDIR))
  }
}
