import Linux
import TLSTestServer
import TestSupport
import Testing

@testable import TLS

@Suite("TLS session", .timeLimit(.minutes(1)))
struct TLSSessionTests {
  /// A client's connection, which closes with its owner.
  private final class Client {
    let socket: StreamSocket
    let session: TLSSession

    init(
      _ server: TLSTestServer, host: String = "localhost",
      trust: Trust = .file(TLSTestServer.authority), patience: Duration = .seconds(30)
    ) throws {
      let deadline = Instant.monotonicNow() + 30_000_000_000
      let socket = try StreamSocket.connect(host: "127.0.0.1", port: server.port, until: deadline)
      self.socket = socket
      do {
        session = try TLSSession(socket, host: host, trust: trust)
        try session.handshake(until: Instant.monotonicNow() + patience.nanoseconds)
      } catch {
        socket.close()
        throw error
      }
    }

    deinit { socket.close() }

    func send(_ bytes: [UInt8]) throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        switch session.send(rest) {
        case .bytes(let count): rest.removeFirst(count)
        case .wouldBlock: _ = socket.wait(for: .writing, until: .max)
        case .end, .lost: throw Cut()
        }
      }
    }

    /// What came; `nil` at the end.
    func receive() throws -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: 1000)
      while true {
        switch session.receive(into: &buffer) {
        case .bytes(let count): return Array(buffer.prefix(count))
        case .wouldBlock: _ = socket.wait(for: .reading, until: .max)
        case .end: return nil
        case .lost: throw Cut()
        }
      }
    }

    func receive(_ count: Int) throws -> [UInt8] {
      var bytes: [UInt8] = []
      while bytes.count < count {
        guard let more = try receive() else { throw Cut() }
        bytes += more
      }
      return bytes
    }
  }

  private struct Cut: Error {}

  private func echo(
    _ certificate: TLSTestServer.Certificate = .localhost, priorities: String = "NORMAL"
  ) throws -> TLSTestServer {
    try TLSTestServer(certificate, priorities: priorities) { connection in
      while let bytes = connection.read() { connection.write(bytes) }
      connection.endSending()
    }
  }

  // MARK: - Conversations

  @Test("What is sent comes back, a few bytes and many", arguments: [1, 1000, 1_000_000])
  func echoes(count: Int) throws {
    let server = try echo()
    let client = try Client(server)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    // In parts that the server's answers do not stop.
    for start in stride(from: 0, to: count, by: 10_000) {
      let part = Array(bytes[start..<min(start + 10_000, count)])
      try client.send(part)
      #expect(try client.receive(part.count) == part)
    }
    client.session.endSending()
    #expect(try client.receive() == nil)
  }

  @Test(
    "A name and an address are checked",
    arguments: ["localhost", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1"])
  func names(host: String) throws {
    let client = try Client(echo(), host: host)
    try client.send([1, 2, 3])
    #expect(try client.receive(3) == [1, 2, 3])
  }

  @Test(
    "A name is told to the server, an address is not",
    arguments: [("localhost", "localhost"), ("127.0.0.1", "none"), ("::1", "none")])
  func serverName(host: String, told: String) throws {
    let server = try TLSTestServer { connection in
      connection.write(Array((connection.serverName ?? "none").utf8))
      connection.endSending()
    }
    let heard = try Client(server, host: host).receive()
    #expect(heard.map { String(decoding: $0, as: UTF8.self) } == told)
  }

  @Test("Whom the certificate must be for is known as long as the session is")
  func ownsItsHost() throws {
    // So long that it is no small string, and gone when the handshake begins.
    func session(_ socket: StreamSocket, _ host: [Unicode.Scalar]) throws -> TLSSession {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: host)
      return try TLSSession(
        socket, host: String(text), trust: .file(TLSTestServer.authority))
    }
    let deadline = Instant.monotonicNow() + 30_000_000_000
    for (host, isRight) in [
      ("0000:0000:0000:0000:0000:0000:0000:0001", true), ("0000:0::2", false),
    ] {
      let server = try echo()
      let socket = try StreamSocket.connect(host: "127.0.0.1", port: server.port, until: deadline)
      defer { socket.close() }
      let session = try session(socket, Array(host.unicodeScalars))
      let isAccepted = (try? session.handshake(until: deadline)) != nil
      #expect(isAccepted == isRight)
    }
  }

  @Test("TLS 1.2 is spoken with those who know no more")
  func oldButGood() throws {
    let client = try Client(echo(priorities: "NORMAL:-VERS-ALL:+VERS-TLS1.2"))
    try client.send([1])
    #expect(try client.receive(1) == [1])
  }

  @Test("What is decrypted already is told, since the socket does not show it")
  func buffered() throws {
    let server = try TLSTestServer { connection in
      connection.write([UInt8](repeating: 7, count: 3000))
      _ = connection.read()
    }
    let client = try Client(server)
    let first = try #require(try client.receive())
    #expect(first.count == 1000)
    #expect(client.session.hasMore)
    #expect(try client.receive(2000).count == 2000)
    #expect(!client.session.hasMore)
  }

  @Test("A server that goes away without a word is an end")
  func cut() throws {
    let server = try TLSTestServer { _ in }
    #expect(try Client(server).receive() == nil)
  }

  // MARK: - No trust

  @Test(
    "A certificate for another name, of another time or by a stranger is refused, and it is said why"
  )
  func untrusted() throws {
    func refusal(_ server: TLSTestServer, host: String = "localhost", trust: Trust) -> TLSError? {
      #expect(throws: TLSError.self) { try Client(server, host: host, trust: trust) }
    }
    let ours = Trust.file(TLSTestServer.authority)
    let good = try echo()
    let refusals: [(TLSError?, String)] = [
      (refusal(try echo(.other), trust: ours), "does not match"),
      (refusal(good, host: "evil.example", trust: ours), "does not match"),
      (refusal(good, host: "127.0.0.2", trust: ours), "It is not for 127.0.0.2."),
      (refusal(good, host: "::2", trust: ours), "It is not for ::2."),
      (refusal(good, host: "::ffff:127.0.0.1", trust: ours), "does not match"),
      (refusal(try echo(.other), host: "::1", trust: ours), "does not match"),
      (refusal(try echo(.expired), trust: ours), "expired"),
      (refusal(try echo(.selfSigned), trust: ours), "NOT trusted"),
      (refusal(good, trust: .file(TLSTestServer.otherAuthority)), "issuer is unknown"),
      (refusal(good, trust: .system), "issuer is unknown"),
    ]
    for (error, words) in refusals {
      #expect(error?.isUntrusted == true)
      #expect(error?.reason.contains(words) == true, "\(error?.reason ?? "")")
    }
  }

  @Test("Versions before 1.2 are refused")
  func tooOld() throws {
    let server = try echo(priorities: "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT")
    let error = #expect(throws: TLSError.self) { try Client(server) }
    #expect(error?.isUntrusted == false)
  }

  @Test("A file of authorities that is missing or holds none is named")
  func noAuthorities() throws {
    let socket = StreamSocket(-1)
    for path in ["/nowhere/ca.pem", "/dev/null"] {
      let error = #expect(throws: TLSError.self) {
        try TLSSession(socket, host: "localhost", trust: .file(path))
      }
      #expect(error?.reason.hasPrefix("\(path): ") == true)
      #expect(error?.isUntrusted == false)
    }
  }

  // MARK: - No TLS

  @Test("A server that says nothing is given up, and one that speaks something else too")
  func noTLS() throws {
    let silent = try ListeningSocket(host: "127.0.0.1", port: 0)
    let deadline = Instant.monotonicNow() + 30_000_000_000
    let socket = try StreamSocket.connect(host: "127.0.0.1", port: silent.port, until: deadline)
    defer { socket.close() }
    let session = try TLSSession(
      socket, host: "localhost", trust: .file(TLSTestServer.authority))
    let error = #expect(throws: TLSError.self) {
      try session.handshake(until: Instant.monotonicNow() + 50_000_000)
    }
    #expect(error?.reason == "no answer in time")
  }

  @Test("Fifty sessions, good and bad, leave no file behind")
  func leaksNothing() async {
    // In a process of its own, where no other test opens files.
    await #expect(processExitsWith: .success) {
      let server = try TLSTestServer { connection in
        while let bytes = connection.read() { connection.write(bytes) }
      }
      func round() throws {
        try Client(server).send([1])
        #expect(throws: TLSError.self) { try Client(server, host: "evil.example") }
      }
      try await OpenFiles.warmUp()
      try round()
      // The server's threads close their sockets a little later.
      let limit = try OpenFiles.count()
      for _ in 0..<50 { try round() }
      try await eventually { try OpenFiles.count() <= limit }
    }
  }
}
