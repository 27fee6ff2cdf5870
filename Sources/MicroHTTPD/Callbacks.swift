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

  if connection.phase == .arriving {
    let fields = unsafe inspectHeaders(of: handle)
    let size = unsafe cmhd_head_size(handle)
    if let refusal = service.headRefusal(connection, size: size, lines: fields.lineCount) {
      // libmicrohttpd has no memory left in which to make an answer.
      let isToHead = unsafe strcmp(method, "HEAD") == 0
      var answer = OwnAnswer(refusal, status: refusal.status, toHead: isToHead)
      answer.sendAtOnceAndRead(on: StreamSocket(connection.socket))
      return .NO
    }
    let needsHost = unsafe version.map { unsafe strcmp($0, "HTTP/1.0") != 0 } ?? true
    if let refusal = service.approve(connection, fields, needsHost: needsHost) {
      return unsafe give(refusal, to: handle, of: connection, method, service)
    }
    // Such a body would be read until the client closes. An answer now ends the connection, and the body is not read.
    guard fields.hasPaddedEncoding else { return .YES }
  } else if unsafe uploadSize.pointee > 0 {
    let isToHead = unsafe strcmp(method, "HEAD") == 0
    let goesOn = unsafe service.discard(uploadSize.pointee, on: connection, isToHead: isToHead)
    unsafe uploadSize.pointee = 0
    return goesOn ? .YES : .NO
  } else if connection.phase == .refused {
    // Its body has ended, and it has its answer.
    return .NO
  } else if connection.phase == .deferred {
    let reply = service.answerDeferred(connection)
    return unsafe give(reply, to: handle, of: connection, method, service)
  }
  let reply = unsafe answer(
    handle, of: connection, method: String(cString: method), service)
  guard let reply else { return .NO }
  return unsafe give(reply, to: handle, of: connection, method, service)
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
  let method = unsafe method(of: handle, connection)
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

/// The method of a request whose headers have come; `nil` when it is none of the usual ones.
private func method(of handle: OpaquePointer, _ connection: Connection) -> String? {
  var end: UnsafePointer<CChar>?
  unsafe withUnsafeMutablePointer(to: &end) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, findLastValue, $0)
  }
  guard let target = unsafe UnsafePointer<CChar>(bitPattern: connection.targetAddress) else {
    return nil
  }
  let size = unsafe cmhd_head_size(handle)
  let usual = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
  return usual.first { unsafe cmhd_method_is($0, target, end, size) != 0 }
}

/// Feeds `MHD_KeyValueIteratorN`: where the last value ends.
private func findLastValue(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  unsafe cls?.assumingMemoryBound(to: UnsafePointer<CChar>?.self).pointee =
    value.map { unsafe $0 + valueSize }
  return .YES
}

/// Sends a reply that is ready; suspends the connection for one that is not; begins a stream or an upgrade.
private func give(
  _ reply: Reply, to handle: OpaquePointer, of connection: Connection,
  _ method: UnsafePointer<CChar>, _ service: Service
) -> MHD_Result {
  switch reply {
  case .ready(let response, let status):
    // Neither sends a body.
    guard unsafe status != 304 && strcmp(method, "HEAD") != 0 else {
      return unsafe MHD_queue_response(handle, UInt32(status), response.handle)
    }
    if let refusal = service.send(response, on: connection) {
      return unsafe refuse(refusal, to: handle, service)
    }
    return unsafe MHD_queue_response(handle, UInt32(status), response.handle)
  case .later:
    if let exceeded = service.waitingLimit(for: connection.address) {
      return unsafe refuse(service.refusal(exceeded), to: handle, service)
    }
    let isToHead = unsafe strcmp(method, "HEAD") == 0
    // Before anyone else knows of it, since it may be resumed at once.
    unsafe MHD_suspend_connection(handle)
    unsafe service.begin(reply, on: connection, suspended: handle, isToHead: isToHead)
    return .YES
  case .stream(let stream):
    if unsafe strcmp(method, "HEAD") == 0 {
      let response = unsafe makeStreamHead(stream.headers)
      defer { unsafe MHD_destroy_response(response) }
      return unsafe MHD_queue_response(handle, 200, response)
    }
    switch unsafe service.open(stream, on: connection, handle) {
    case .failure(let error): return unsafe refuse(error.refusal, to: handle, service)
    case .success(let reader):
      let response = unsafe reader.makeResponse(stream.headers)
      defer { unsafe MHD_destroy_response(response) }
      return unsafe MHD_queue_response(handle, 200, response)
    }
  case .upgrade(let upgrade):
    if service.isDraining.load(ordering: .relaxed) {
      return unsafe refuse(.stopping, to: handle, service)
    }
    let exceeded = service.connections.beginUpgrade(
      connection, most: service.configuration.mostUpgrades)
    if let exceeded { return unsafe refuse(service.refusal(exceeded), to: handle, service) }
    connection.upgrade = upgrade
    let response = unsafe upgrade.makeResponse(for: service)
    defer { unsafe MHD_destroy_response(response) }
    if unsafe MHD_queue_response(handle, 101, response) == .YES { return .YES }
    // See MHD_queue_response(): it takes a 101 for HTTP/1.1 only.
    connection.upgrade = nil
    service.connections.endUse(of: connection)
    return unsafe refuse(.malformed("a change of protocol needs HTTP/1.1"), to: handle, service)
  }
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

/// Shows every header of a request to the guard.
private func inspectHeaders(of handle: OpaquePointer) -> RequestGuard {
  var inspection = RequestGuard()
  unsafe withUnsafeMutablePointer(to: &inspection) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, inspectHeader, $0)
  }
  return inspection
}

/// Feeds `MHD_KeyValueIteratorN`.
private func inspectHeader(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let cls = unsafe cls else { return .NO }
  let name = unsafe UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameSize)
  let value = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
  unsafe cls.assumingMemoryBound(to: RequestGuard.self).pointee
    .inspect(name.bindMemory(to: UInt8.self).span, value.bindMemory(to: UInt8.self).span)
  return .YES
}

/// The first value of a header without the blanks around it, or `nil`.
func headerValue(of handle: OpaquePointer, named name: StaticString) -> String? {
  var value: UnsafePointer<CChar>?
  var size = 0
  let bytes = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  guard
    unsafe MHD_lookup_connection_value_n(
      handle, .HEADER_KIND, bytes, name.utf8CodeUnitCount, &value, &size) == .YES
  else { return nil }
  // The first Cookie header is our own, and empty.
  if size == 0, "\(name)".lowercased() == "cookie" {
    return unsafe headerValues(of: handle, named: "cookie").first
  }
  return unsafe text(value, size)
}

/// The values of the headers whose name is this one, in lower case, without the blanks around them.
func headerValues(of handle: OpaquePointer, named name: String) -> [String] {
  var search = (name: name, values: [String]())
  unsafe withUnsafeMutablePointer(to: &search) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, collectHeader, $0)
  }
  // The first one is our own, see `cmhd_hide_cookies`.
  return name == "cookie" ? Array(search.values.dropFirst()) : search.values
}

/// Feeds `MHD_KeyValueIteratorN`.
private func collectHeader(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let cls = unsafe cls, let name = unsafe name, unsafe value != nil else { return .YES }
  let search = unsafe cls.assumingMemoryBound(to: (name: String, values: [String]).self)
  if unsafe String(cString: name).lowercased() == search.pointee.name {
    unsafe search.pointee.values.append(text(value, valueSize))
  }
  return .YES
}

/// A header value without the blanks around it.
private func text(_ value: UnsafePointer<CChar>?, _ size: Int) -> String {
  let bytes = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
  let span = unsafe bytes.bindMemory(to: UInt8.self).span
  return span.extracting(span.valueRange).text
}
