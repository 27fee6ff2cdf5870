import CMicroHTTPD
import Glibc
import Linux
import Synchronization

// The callbacks of libmicrohttpd, which run on its threads. Each finds its objects and calls one method.
//
// They are nonisolated functions in a separate file on purpose: Swift would treat a closure literal from a main-actor
// context as main-actor code, which would crash on the first request.

private func service(_ cls: UnsafeMutableRawPointer?) -> Service {
  guard let cls = unsafe cls else { preconditionFailure("libmicrohttpd lost our context") }
  return unsafe Unmanaged<Service>.fromOpaque(cls).takeUnretainedValue()
}

private func connection(_ handle: OpaquePointer?) -> Connection? {
  guard let handle = unsafe handle, let context = unsafe cmhd_socket_context(handle) else {
    return nil
  }
  return unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
}

/// The `MHD_AcceptPolicyCallback`.
func acceptConnection(
  _ cls: UnsafeMutableRawPointer?, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> MHD_Result {
  unsafe service(cls).accepts(PeerAddress.key(of: address)) ? .YES : .NO
}

/// The `MHD_NotifyConnectionCallback`: retains the connection when its socket opens and releases it when it closes.
func connectionChanged(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
  guard let handle = unsafe handle, let context = unsafe context else { return }
  if cmhd_connection_started(code) != 0 {
    let connection = unsafe service(cls).makeConnection(
      socket: cmhd_socket(handle), address: PeerAddress.key(of: cmhd_client_address(handle)),
      handle: UInt(bitPattern: handle), worker: cmhd_thread())
    unsafe context.pointee = Unmanaged.passRetained(connection).toOpaque()
  } else if let pointer = unsafe context.pointee {
    let connection = unsafe Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
    unsafe service(cls).connections.remove(connection)
    unsafe context.pointee = nil
  }
}

/// The `MHD_OPTION_URI_LOG_CALLBACK`: the only callback before libmicrohttpd splits the target and parses the headers.
func targetArrived(
  _ cls: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let target = unsafe target, let connection = unsafe connection(handle) else { return nil }
  unsafe connection.begin(rawTarget: String(cString: target))
  connection.targetAddress = UInt(bitPattern: target)
  unsafe cmhd_drop_query(target)
  // If there is no memory for this, libmicrohttpd refuses the request itself.
  _ = unsafe cmhd_hide_cookies(handle)
  return nil
}

/// The `MHD_OPTION_UNESCAPE_CALLBACK`: leaves escapes unchanged, since ``RequestTarget`` decodes and validates them.
func keepEscapes(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int {
  guard let text = unsafe text else { return 0 }
  return unsafe strlen(text)
}

/// The `MHD_AccessHandlerCallback`: called before the body, for each part of the body, for the answer, and again when a
/// later reply is ready.
func handleRequest(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?,
  _ upload: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let handle = unsafe handle, let method = unsafe method, let uploadSize = unsafe uploadSize,
    let connection = unsafe connection(handle)
  else { return .NO }
  let service = unsafe service(cls)
  let isToHead = unsafe strcmp(method, "HEAD") == 0

  if connection.phase == .arriving {
    let fields = unsafe inspectHeaders(of: handle)
    let size = unsafe cmhd_head_size(handle)
    if let refusal = service.headRefusal(connection, size: size, lines: fields.lineCount) {
      // libmicrohttpd has no memory left for an answer.
      var answer = OwnAnswer(refusal, status: refusal.status, toHead: isToHead)
      answer.sendAtOnceAndRead(on: StreamSocket(connection.socket))
      return .NO
    }
    let needsHost = unsafe version.map { unsafe strcmp($0, "HTTP/1.0") != 0 } ?? true
    if let refusal = service.approve(connection, fields, needsHost: needsHost) {
      return unsafe give(refusal, to: handle, of: connection, isToHead: isToHead, service)
    }
    // libmicrohttpd would read such a body until the client closes. An answer now ends the connection, and the body is
    // not read.
    guard fields.hasPaddedEncoding else { return .YES }
  } else if unsafe uploadSize.pointee > 0 {
    let goesOn = unsafe service.discard(uploadSize.pointee, on: connection, isToHead: isToHead)
    unsafe uploadSize.pointee = 0
    return goesOn ? .YES : .NO
  } else if connection.phase == .refused {
    // The body has ended, and the answer has been sent.
    return .NO
  } else if connection.phase == .deferred {
    let reply = service.answerDeferred(connection)
    return unsafe give(reply, to: handle, of: connection, isToHead: isToHead, service)
  }
  let reply = unsafe answer(
    handle, of: connection, method: String(cString: method), service)
  guard let reply else { return .NO }
  return unsafe give(reply, to: handle, of: connection, isToHead: isToHead, service)
}

/// Calls the handler for a request with an approved target.
private func answer(
  _ handle: OpaquePointer, of connection: Connection, method: String, _ service: Service
) -> Reply? {
  guard case .success(let target) = connection.target else { return nil }
  let request = unsafe Request(
    method: method, target: target, connection: handle, addressKey: connection.address)
  return service.answer(connection, request)
}

/// The `MHD_RequestCompletedCallback`.
func requestCompleted(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ code: MHD_RequestTerminationCode
) {
  guard let connection = unsafe connection(handle) else { return }
  unsafe service(cls).finishExchange(on: connection)
}

/// The `MHD_LogCallback`: replaces control characters, since the text may contain input of a client.
func messageLogged(
  _ cls: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?
) {
  guard let format = unsafe format, let arguments = unsafe arguments else { return }
  if unsafe cmhd_is_own_error(format) != 0 { unsafe answerInstead(service(cls)) }
  var text = [CChar](repeating: 0, count: 512)
  _ = unsafe vsnprintf(&text, text.count, format, arguments)
  let bytes = text.prefix { $0 != 0 }.map {
    $0 >= 0x20 && $0 != 0x7F ? UInt8(bitPattern: $0) : 0x20
  }
  var line = String(decoding: bytes, as: UTF8.self)[...]
  while line.last == " " { line.removeLast() }
  unsafe service(cls).configuration.log(String(line))
}

/// Answers a request that libmicrohttpd 0.9.75 is about to refuse after its headers, with a malformed answer that has
/// two status lines.
///
/// It does so for a Content-Length that is not a number or has trailing blanks (which are not part of the value), and
/// for a head that fills its memory to the last byte. We suspend the connection, send our own answer and close it.
private func answerInstead(_ service: Service) {
  // libmicrohttpd does not say which connection it is. It is the connection of this thread whose headers have arrived
  // and for which the access handler was not called.
  let connection = service.connections.first(of: cmhd_thread()) { connection in
    guard connection.phase == .arriving else { return false }
    guard let handle = unsafe OpaquePointer(bitPattern: connection.handle) else { return false }
    return unsafe cmhd_head_size(handle) > 0
  }
  guard let connection, let handle = unsafe OpaquePointer(bitPattern: connection.handle) else {
    return
  }
  let fields = unsafe inspectHeaders(of: handle)
  let method = unsafe usualMethod(of: handle, connection)
  let size = unsafe cmhd_head_size(handle)
  var refusal =
    service.headRefusal(connection, size: size, lines: fields.lineCount).map { Reply($0) }
    ?? service.approve(connection, fields, needsHost: true)
  // Our own answer counts towards a limit. At the limit the handler does not run, since it may change state.
  let exceeded = service.waitingLimit(for: connection.address)
  if refusal == nil, let exceeded {
    refusal = Reply(service.configuration.refuse(service.refusal(exceeded)))
  }
  if exceeded != nil, case .ready(let response, let status)? = refusal {
    // Afterwards the socket accepts nothing more, so libmicrohttpd cannot send its own answer.
    var answer = OwnAnswer(response, status: status, toHead: method == "HEAD")
    return answer.sendAtOnceAndRead(on: StreamSocket(connection.socket))
  }
  let reply: Reply
  if let refusal {
    reply = refusal
  } else if let method, let answer = unsafe answer(handle, of: connection, method: method, service)
  {
    reply = answer
  } else {
    let problem = Refusal.malformed("the Content-Length has blanks behind it")
    reply = Reply(service.configuration.refuse(problem))
  }
  unsafe MHD_suspend_connection(handle)
  unsafe service.begin(
    reply, on: connection, suspended: handle, isToHead: method == "HEAD", isSentByUs: true)
}

/// Delivers a reply as ``Service/delivery(of:on:isToHead:)`` decides.
private func give(
  _ reply: Reply, to handle: OpaquePointer, of connection: Connection, isToHead: Bool,
  _ service: Service
) -> MHD_Result {
  switch service.delivery(of: reply, on: connection, isToHead: isToHead) {
  case .response(let response, let status):
    return unsafe MHD_queue_response(handle, UInt32(status), response.handle)
  case .refusal(let refusal):
    return unsafe refuse(refusal, to: handle, service)
  case .wait(let reply):
    // Suspend first, since the work may resume the connection at once.
    unsafe MHD_suspend_connection(handle)
    unsafe service.begin(reply, on: connection, suspended: handle, isToHead: isToHead)
    return .YES
  case .streamHead(let headers):
    return unsafe queue(makeStreamHead(headers), status: 200, to: handle)
  case .stream(let stream):
    guard let reader = unsafe service.open(stream, on: connection, handle) else {
      return unsafe refuse(.stopping, to: handle, service)
    }
    return unsafe queue(reader.makeResponse(stream.headers), status: 200, to: handle)
  case .upgrade(let upgrade):
    connection.upgrade = upgrade
    let result = unsafe queue(upgrade.makeResponse(for: service), status: 101, to: handle)
    if result == .YES { return .YES }
    // MHD_queue_response() accepts a 101 for HTTP/1.1 only.
    service.cancelUpgrade(of: connection)
    return unsafe refuse(.malformed("a change of protocol needs HTTP/1.1"), to: handle, service)
  }
}

/// Queues a response that is used once, and releases it.
private func queue(_ response: OpaquePointer, status: UInt32, to handle: OpaquePointer)
  -> MHD_Result
{
  defer { unsafe MHD_destroy_response(response) }
  return unsafe MHD_queue_response(handle, status, response)
}

/// Refuses a request and ends its connection.
private func refuse(_ refusal: Refusal, to handle: OpaquePointer, _ service: Service) -> MHD_Result
{
  let response = service.configuration.refuse(refusal).closing()
  return unsafe MHD_queue_response(handle, UInt32(response.status), response.handle)
}

/// The answer to HEAD for a stream: its headers without a length, since a stream has none.
private func makeStreamHead(_ headers: [Response.Header]) -> OpaquePointer {
  let response = unsafe cmhd_create_stream(1_024, readNothing, nil, nil)
  guard let response = unsafe response else {
    preconditionFailure("libmicrohttpd had no memory for a response")
  }
  _ = unsafe cmhd_end_with_connection(response)
  unsafe headers.harmless.add(to: response)
  return unsafe response
}

/// The `MHD_ContentReaderCallback` of an empty stream.
private func readNothing(
  _ cls: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int { -1 }

/// The `MHD_UpgradeHandler`: the 101 was sent, and the socket leaves HTTP.
func connectionUpgraded(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
  _ early: UnsafePointer<CChar>?, _ earlyCount: Int, _ socket: Int32, _ upgraded: OpaquePointer?
) {
  guard let handle = unsafe handle, let upgraded = unsafe upgraded else { return }
  guard let connection = unsafe connection(handle) else {
    return unsafe cmhd_close_upgraded(upgraded)
  }
  let bytes = unsafe UnsafeRawBufferPointer(start: early, count: early == nil ? 0 : earlyCount)
  unsafe service(cls).takeOver(
    connection, upgraded, peerAddress: PeerAddress.text(of: handle), earlyBytes: Array(bytes))
}

/// The `MHD_ContentReaderCallback`: the next bytes of a stream; 0 if there are none yet, -1 at its end.
func readStream(
  _ cls: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int {
  guard let cls = unsafe cls else { return -1 }
  let reader = unsafe Unmanaged<EventReader>.fromOpaque(cls).takeUnretainedValue()
  return unsafe reader.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size)) ?? -1
}

/// The `MHD_ContentReaderFreeCallback`: the stream has ended, or its client has left.
func streamEnded(_ cls: UnsafeMutableRawPointer?) {
  guard let cls = unsafe cls else { return }
  unsafe Unmanaged<EventReader>.fromOpaque(cls).takeRetainedValue().finish()
}
