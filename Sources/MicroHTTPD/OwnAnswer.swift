import CMicroHTTPD
import Glibc
import Linux

/// An answer that we send ourselves, where libmicrohttpd 0.9.75 would send none or a malformed one.
///
/// It always closes the connection. See RFC 9112 section 4.
@safe struct OwnAnswer: Sendable {
  private let head: [UInt8]
  /// The body; `nil` for the answer to HEAD and for statuses without a body.
  private let body: Body?
  private var sent = 0

  init(_ response: Response, status: Int, toHead: Bool) {
    var text =
      "HTTP/1.1 \(status) \(Self.reason(status))\r\nDate: \(Self.date)\r\nConnection: close\r\n"
    for header in response.headers where header.name.lowercased() != "connection" {
      text += "\(header.name): \(header.value)\r\n"
    }
    if status != 204 { text += "Content-Length: \(response.body.count)\r\n" }
    head = Array((text + "\r\n").utf8)
    body = toHead || status == 204 || status == 304 ? nil : response.body
  }

  var isSent: Bool { sent == head.count + (body?.count ?? 0) }

  /// Sends as many bytes as the kernel accepts.
  ///
  /// See send(2).
  mutating func send(on socket: StreamSocket) -> StreamSocket.Outcome {
    let outcome =
      if sent < head.count { socket.send(head[sent...]) } else if let body {
        unsafe socket.send(body.bytes(from: sent - head.count))
      } else { StreamSocket.Outcome.bytes(0) }
    if case .bytes(let count) = outcome { sent += count }
    return outcome
  }

  /// Whether it has a body that is sent.
  var hasBody: Bool { body != nil }

  /// Sends what the kernel accepts now, and shuts down the sending side.
  mutating func sendAtOnce(on socket: StreamSocket) {
    while !isSent, case .bytes = send(on: socket) {}
    socket.endSending()
  }

  /// Does the same, then reads the input that has arrived, since a reset would discard the answer.
  mutating func sendAtOnceAndRead(on socket: StreamSocket) {
    sendAtOnce(on: socket)
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    for _ in 0..<64 { guard case .bytes = socket.receive(into: &buffer) else { return } }
  }

  private static func reason(_ status: Int) -> String {
    guard let phrase = unsafe MHD_get_reason_phrase_for(UInt32(status)) else { return "Unknown" }
    return unsafe String(cString: phrase)
  }

  /// The current date in the format of RFC 9110 section 5.6.7.
  ///
  /// The program sets no locale, so the names are English.
  private static var date: String {
    var now = time(nil)
    var parts = unsafe tm()
    var text = [CChar](repeating: 0, count: 64)
    guard unsafe gmtime_r(&now, &parts) != nil,
      unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0
    else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
