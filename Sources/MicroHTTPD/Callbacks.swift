import CMicroHTTPD
import Glibc
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

/// Feeds `MHD_AcceptPolicyCallback`: a server that drains takes no new clients.
func acceptConnection(
  _ cls: UnsafeMutableRawPointer?, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
) -> MHD_Result {
  unsafe service(cls).isDraining.load(ordering: .relaxed) ? .NO : .YES
}

/// Feeds `MHD_NotifyConnectionCallback`: retains the connection when its socket opens, releases it when it closes.
func connectionChanged(
  _ cls: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
  guard let handle = unsafe handle, let context = unsafe context else { return }
  if cmhd_connection_started(code) != 0 {
    let connection = unsafe service(cls).makeConnection(socket: cmhd_socket(handle))
    unsafe context.pointee = Unmanaged.passRetained(connection).toOpaque()
  } else if let pointer = unsafe context.pointee {
    let connection = unsafe Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
    unsafe service(cls).connections.remove(connection)
    unsafe context.pointee = nil
  }
}

/// Feeds `MHD_OPTION_URI_LOG_CALLBACK`: the only place that sees the target before libmicrohttpd takes it apart.
func targetArrived(
  _ cls: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let target = unsafe target, let connection = unsafe connection(handle) else { return nil }
  unsafe connection.begin(rawTarget: String(cString: target))
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

  if connection.phase == .waiting {
    let needsHost = unsafe version.map { unsafe strcmp($0, "HTTP/1.0") != 0 } ?? true
    guard
      let refusal = unsafe service.approve(
        connection, inspectHeaders(of: handle), needsHost: needsHost)
    else { return .YES }
    return unsafe give(refusal, to: handle, of: connection, method, service)
  }
  if unsafe uploadSize.pointee > 0 {
    let accepted = unsafe service.discard(uploadSize.pointee, on: connection)
    unsafe uploadSize.pointee = 0
    return accepted ? .YES : .NO
  }
  if connection.phase == .deferred {
    let reply = service.answerDeferred(connection)
    return unsafe give(reply, to: handle, of: connection, method, service)
  }
  guard case .success(let target) = connection.target else { return .NO }
  let request = unsafe Request(method: String(cString: method), target: target, connection: handle)
  let reply = service.answer(connection, request)
  return unsafe give(reply, to: handle, of: connection, method, service)
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
  var text = [CChar](repeating: 0, count: 512)
  _ = unsafe vsnprintf(&text, text.count, format, arguments)
  let bytes = text.prefix { $0 != 0 }.map {
    $0 >= 0x20 && $0 != 0x7F ? UInt8(bitPattern: $0) : 0x20
  }
  var line = String(decoding: bytes, as: UTF8.self)[...]
  while line.last == " " { line.removeLast() }
  unsafe service(cls).configuration.log(String(line))
}

/// Sends a reply that is ready; suspends the connection for one that is not; begins a stream or an upgrade.
private func give(
  _ reply: Reply, to handle: OpaquePointer, of connection: Connection,
  _ method: UnsafePointer<CChar>, _ service: Service
) -> MHD_Result {
  switch reply {
  case .ready(let response, let status):
    return unsafe MHD_queue_response(handle, UInt32(status), response.handle)
  case .later:
    // Before anyone else knows of it, since it may be resumed at once.
    unsafe MHD_suspend_connection(handle)
    unsafe service.begin(reply, on: connection, suspended: handle)
    return .YES
  case .stream(let stream):
    // To HEAD, version 0.9.75 would send the end mark of a body that the client does not expect.
    if unsafe strcmp(method, "HEAD") == 0 {
      let response = Response(status: 200, headers: stream.headers, body: [])
      return unsafe MHD_queue_response(handle, 200, response.handle)
    }
    guard let reader = unsafe service.open(stream, on: connection, handle) else {
      let refusal = service.configuration.refuse(.stopping).closing()
      return unsafe MHD_queue_response(handle, UInt32(refusal.status), refusal.handle)
    }
    let response = unsafe reader.makeResponse(stream.headers)
    defer { unsafe MHD_destroy_response(response) }
    return unsafe MHD_queue_response(handle, 200, response)
  case .upgrade(let upgrade):
    if service.isDraining.load(ordering: .relaxed) {
      let refusal = service.configuration.refuse(.stopping).closing()
      return unsafe MHD_queue_response(handle, UInt32(refusal.status), refusal.handle)
    }
    connection.upgrade = upgrade
    let response = unsafe upgrade.makeResponse(for: service)
    defer { unsafe MHD_destroy_response(response) }
    if unsafe MHD_queue_response(handle, 101, response) == .YES { return .YES }
    // See MHD_queue_response(): it takes a 101 for HTTP/1.1 only.
    connection.upgrade = nil
    let problem = Refusal.malformed("a change of protocol needs HTTP/1.1")
    let refusal = service.configuration.refuse(problem).closing()
    return unsafe MHD_queue_response(handle, UInt32(refusal.status), refusal.handle)
  }
}

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

/// The values of the headers whose name is this one, in lower case.
func headerValues(of handle: OpaquePointer, named name: String) -> [String] {
  var search = (name: name, values: [String]())
  unsafe withUnsafeMutablePointer(to: &search) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, collectHeader, $0)
  }
  return search.values
}

/// Feeds `MHD_KeyValueIteratorN`.
private func collectHeader(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let cls = unsafe cls, let name = unsafe name, let value = unsafe value else { return .YES }
  let search = unsafe cls.assumingMemoryBound(to: (name: String, values: [String]).self)
  if unsafe String(cString: name).lowercased() == search.pointee.name {
    unsafe search.pointee.values.append(String(cString: value))
  }
  return .YES
}
