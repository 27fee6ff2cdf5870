import CMicroHTTPD
import Glibc
import Linux
import Synchronization

// The functions that libmicrohttpd calls, on its own threads. Each finds its objects and calls one method.
//
// They are nonisolated functions in a file of their own on purpose: a closure literal from a main-actor context would be
// taken for main-actor code and crash on the first request.

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

/// Feeds `MHD_AcceptPolicyCallback`.
func acceptConnection(
  _ cls: UnsafeMutableRawPointer?, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> MHD_Result {
  unsafe service(cls).accepts(PeerAddress.key(of: address)) ? .YES : .NO
}

/// Feeds `MHD_NotifyConnectionCallback`: retains the connection when its socket opens, releases it when it closes.
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

/// Feeds `MHD_OPTION_URI_LOG_CALLBACK`: the only place that sees the target before libmicrohttpd takes it apart, and the
/// headers before they are parsed.
func targetArrived(
  _ cls: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let target = unsafe target, let connection = unsafe connection(handle) else { return nil }
  unsafe connection.begin(rawTarget: String(cString: target))
  connection.targetAddress = UInt(bitPattern: target)
  unsafe cmhd_drop_query(target)
  // Without memory for it the request is refused by the library in a moment.
  _ = unsafe cmhd_hide_cookies(handle)
  return nil
}

/// Feeds `MHD_OPTION_UNESCAPE_CALLBACK`: leaves escapes alone, since ``RequestTarget`` decodes them with care.
func keepEscapes(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int {
  guard let text = unsafe text else { return 0 }
  return unsafe strlen(text)
}

/// Feeds `MHD_AccessHandlerCallback`: called first before the body, then for each part of it, then for the answer, and
/// once more when that answer came later.
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
      // libmicrohttpd has no memory left in which to make an answer.
      var answer = OwnAnswer(refusal, status: refusal.status, toHead: isToHead)
      answer.sendAtOnceAndRead(on: StreamSocket(connection.socket))
      return .NO
    }
    let needsHost = unsafe version.map { unsafe strcmp($0, "HTTP/1.0") != 0 } ?? true
    if let refusal = service.approve(connection, fields, needsHost: needsHost) {
      return unsafe give(refusal, to: handle, of: connection, isToHead: isToHead, service)
    }
    // Such a body would be read until the client closes. An answer now ends the connection, and the body is not read.
    guard fields.hasPaddedEncoding else { return .YES }
  } else if unsafe uploadSize.pointee > 0 {
    let goesOn = unsafe service.discard(uploadSize.pointee, on: connection, isToHead: isToHead)
    unsafe uploadSize.pointee = 0
    return goesOn ? .YES : .NO
  } else if connection.phase == .refused {
    // Its body has ended, and it has its answer.
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

/// Lets the handler answer a request whose target was approved.
private func answer(
  _ handle: OpaquePointer, of connection: Connection, method: String, _ service: Service
) -> Reply? {
  guard case .success(let target) = connection.target else { return nil }
  let request = unsafe Request(
    method: method, target: target, connection: handle, addressKey: connection.address)
  return service.answer(connection, request)
}

/// Feeds `MHD_RequestCompletedCallback`.
func requestCompleted(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ code: MHD_RequestTerminationCode
) {
  guard let connection = unsafe connection(handle) else { return }
  unsafe service(cls).finishExchange(on: connection)
}

/// Feeds `MHD_LogCallback`; the text may hold what a client sent, so control characters are replaced.
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

/// Answers a request that libmicrohttpd 0.9.75 is about to refuse once its headers have come, which it does with two
/// status lines.
///
/// What it refuses then is a Content-Length: one that is no number, and one with blanks behind it, which are no part of
/// it; and a head that fills its memory to the last byte. The connection is suspended, answered by us and then closed.
private func answerInstead(_ service: Service) {
  // The library does not say which connection it is: one of this thread whose headers have come and that we were not
  // asked about.
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
  // An answer of ours needs a place. Without one the handler does not run, since it may change something.
  let exceeded = service.waitingLimit(for: connection.address)
  if refusal == nil, let exceeded {
    refusal = Reply(service.configuration.refuse(service.refusal(exceeded)))
  }
  if exceeded != nil, case .ready(let response, let status)? = refusal {
    // Afterwards the socket takes nothing more, so the library cannot send its own answer.
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

/// Does what ``Service/delivery(of:on:isToHead:)`` decides about a reply.
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
    // Before anyone else knows of it, since it may be resumed at once.
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
    // See MHD_queue_response(): it takes a 101 for HTTP/1.1 only.
    service.cancelUpgrade(of: connection)
    return unsafe refuse(.malformed("a change of protocol needs HTTP/1.1"), to: handle, service)
  }
}

/// Queues a response that is used once, and lets go of it.
private func queue(_ response: OpaquePointer, status: UInt32, to handle: OpaquePointer)
  -> MHD_Result
{
  defer { unsafe MHD_destroy_response(response) }
  return unsafe MHD_queue_response(handle, status, response)
}

/// Turns a request away, and ends its connection.
private func refuse(_ refusal: Refusal, to handle: OpaquePointer, _ service: Service) -> MHD_Result
{
  let response = service.configuration.refuse(refusal).closing()
  return unsafe MHD_queue_response(handle, UInt32(response.status), response.handle)
}

/// The answer to HEAD for a stream: its headers, and no length, since it has none.
private func makeStreamHead(_ headers: [Response.Header]) -> OpaquePointer {
  let response = unsafe cmhd_create_stream(1_024, readNothing, nil, nil)
  guard let response = unsafe response else {
    preconditionFailure("libmicrohttpd had no memory for a response")
  }
  _ = unsafe cmhd_end_with_connection(response)
  unsafe headers.harmless.add(to: response)
  return unsafe response
}

/// Feeds `MHD_ContentReaderCallback`: the end.
private func readNothing(
  _ cls: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int { -1 }

/// Feeds `MHD_UpgradeHandler`: the 101 is sent, and the socket is no longer HTTP's.
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

/// Feeds `MHD_ContentReaderCallback`: the next bytes of a stream, 0 when there are none yet, -1 at its end.
func readStream(
  _ cls: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int
) -> Int {
  guard let cls = unsafe cls else { return -1 }
  let reader = unsafe Unmanaged<EventReader>.fromOpaque(cls).takeUnretainedValue()
  return unsafe reader.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size)) ?? -1
}

/// Feeds `MHD_ContentReaderFreeCallback`: the stream has ended, or its client is gone.
func streamEnded(_ cls: UnsafeMutableRawPointer?) {
  guard let cls = unsafe cls else { return }
  unsafe Unmanaged<EventReader>.fromOpaque(cls).takeRetainedValue().finish()
}
