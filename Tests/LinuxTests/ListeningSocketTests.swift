import Glibc
import Testing

@testable import Linux

@Suite("Listening socket")
struct ListeningSocketTests {
  @Test("Port 0 selects a free port and reports it")
  func freePort() throws {
    let first = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(first.descriptor) }
    let second = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(second.descriptor) }
    #expect(first.port > 0 && second.port > 0)
    #expect(first.port != second.port)
  }

  @Test("A client can connect to the reported port")
  func connects() throws {
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(socket.descriptor) }
    let client = try connect(to: socket.port)
    close(client)
  }

  @Test("A port in use is an error that names the address and the reason")
  func inUse() throws {
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(socket.descriptor) }
    let error = #expect(throws: SystemCallError.self) {
      try ListeningSocket(host: "127.0.0.1", port: socket.port)
    }
    #expect(error?.description == "127.0.0.1:\(socket.port): Address already in use")
  }

  @Test("An unknown host is an error that names it")
  func unknownHost() {
    let error = #expect(throws: SystemCallError.self) {
      try ListeningSocket(host: "no such host", port: 1)
    }
    #expect(error?.call == "getaddrinfo")
    #expect(error?.description == "no such host:1: Cannot assign requested address")
  }

  @Test("An address of another machine is an error that names the address")
  func foreignAddress() {
    // 192.0.2.0/24 is reserved for documentation; see RFC 5737.
    let error = #expect(throws: SystemCallError.self) {
      try ListeningSocket(host: "192.0.2.1", port: 0)
    }
    #expect(error == SystemCallError(call: "bind", subject: "192.0.2.1:0", code: EADDRNOTAVAIL))
  }

  @Test("An error shows an IPv6 address in brackets", .enabled(if: hasIPv6))
  func inUseOverIPv6() throws {
    let socket = try ListeningSocket(host: "::1", port: 0)
    defer { close(socket.descriptor) }
    let error = #expect(throws: SystemCallError.self) {
      try ListeningSocket(host: "::1", port: socket.port)
    }
    #expect(error?.description == "[::1]:\(socket.port): Address already in use")
  }

  @Test("The address :: serves IPv4 clients as well", .enabled(if: hasIPv6))
  func bothFamilies() throws {
    let socket = try ListeningSocket(host: "::", port: 0)
    defer { close(socket.descriptor) }
    let client = try connect(to: socket.port)
    close(client)
  }

  @Test("Programs that we start do not inherit the socket")
  func closesOnExec() throws {
    let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
    defer { close(socket.descriptor) }
    let flags = fcntl(socket.descriptor, F_GETFD)
    #expect(flags & FD_CLOEXEC == FD_CLOEXEC)
  }

  // MARK: - Helpers

  private static let hasIPv6: Bool = {
    guard let socket = try? ListeningSocket(host: "::1", port: 0) else { return false }
    close(socket.descriptor)
    return true
  }()

  /// Connects to 127.0.0.1; the caller closes the socket.
  private func connect(to port: UInt16) throws -> Int32 {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try #require(client >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = unsafe withUnsafeBytes(of: &address) { bytes in
      guard let base = bytes.baseAddress else { return Int32(-1) }
      return unsafe Glibc.connect(
        client, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    try #require(status == 0)
    return client
  }
}
