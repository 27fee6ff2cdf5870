import Linux
import TLSTestServer
import TestSupport
import Testing

@testable import TLS

@Suite("TLS session", .timeLimit(.minutes(1)))
struct TLSSessionTests {
  /// A client connection that is closed on deinit.
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
      } catch {
        // The object is incomplete, so its deinit does not run.
        socket.close()
        throw error
      }
      try session.handshake(until: Instant.monotonicNow() + patience.nanoseconds)
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

    /// Reads once; `nil` at the end of the stream.
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

  @Test("Bytes are echoed, few and many", arguments: [1, 1000, 1_000_000])
  func echoes(count: Int) throws {
    let server = try echo()
    let client = try Client(server)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    // In parts, so that the server's unread answers do not block it.
    for start in stride(from: 0, to: count, by: 10_000) {
      let part = Array(bytes[start..<min(start + 10_000, count)])
      try client.send(part)
      #expect(try client.receive(part.count) == part)
    }
    client.session.endSending()
    #expect(try client.receive() == nil)
  }

  @Test(
    "Names and addresses are verified",
    arguments: ["localhost", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1"])
  func names(host: String) throws {
    let client = try Client(echo(), host: host)
    try client.send([1, 2, 3])
    #expect(try client.receive(3) == [1, 2, 3])
  }

  @Test(
    "The client sends a name to the server, but not an address",
    arguments: [("localhost", "localhost"), ("127.0.0.1", "none"), ("::1", "none")])
  func serverName(host: String, told: String) throws {
    let server = try TLSTestServer { connection in
      connection.write(Array((connection.serverName ?? "none").utf8))
      connection.endSending()
    }
    let heard = try Client(server, host: host).receive()
    #expect(heard.map { String(decoding: $0, as: UTF8.self) } == told)
  }

  @Test("The session keeps the host in memory")
  func ownsItsHost() throws {
    // Too long for a small string, and deallocated before the handshake starts.
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

  @Test("TLS 1.2 is supported")
  func oldButGood() throws {
    let client = try Client(echo(priorities: "NORMAL:-VERS-ALL:+VERS-TLS1.2"))
    try client.send([1])
    #expect(try client.receive(1) == [1])
  }

  @Test("hasMore reports decrypted bytes, which the socket does not show")
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

  @Test("A connection closed without close_notify is an end of stream")
  func cut() throws {
    let server = try TLSTestServer { _ in }
    #expect(try Client(server).receive() == nil)
  }

  // MARK: - Untrusted servers

  @Test(
    "An invalid certificate (name, date or authority) is refused with the reason"
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

  @Test("A missing or empty authority file is named in the error")
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

  // MARK: - Other failures

  @Test("A silent server causes a timeout, and one without TLS an error")
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

  @Test("Fifty sessions, successful and failed, leak no file")
  func leaksNothing() async {
    // This needs its own process, where no other test opens files.
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
