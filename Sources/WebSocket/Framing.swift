import CWslay

/// Encodes and decodes the frames of one connection: it turns bytes into messages, and messages into bytes to send.
///
/// Only one thread may use it. wslay validates everything that RFC 6455 requires, and answers pings and closes itself.
@safe final class Framing {
  enum Role { case server, client }

  private let role: Role
  private let context: OpaquePointer
  private let traffic: FrameTraffic
  /// The close frame that the owner requested.
  private var ownClose: WebSocketClosure?
  /// Whether the close must still be passed to wslay.
  ///
  /// wslay would send it before all queued messages.
  private var owesClose = false

  init(_ role: Role, _ limits: WebSocketLimits) {
    self.role = role
    traffic = FrameTraffic(limits)
    // Unretained: this object owns both the context and the traffic.
    let user = unsafe Unmanaged.passUnretained(traffic).toOpaque()
    var callbacks = unsafe wslay_event_callbacks(
      recv_callback: readInput, send_callback: writeOutput, genmask_callback: makeMask,
      on_frame_recv_start_callback: frameBegan, on_frame_recv_chunk_callback: nil,
      on_frame_recv_end_callback: nil, on_msg_recv_callback: messageArrived)
    var made: OpaquePointer?
    let code =
      switch role {
      case .server: unsafe wslay_event_context_server_init(&made, &callbacks, user)
      case .client: unsafe wslay_event_context_client_init(&made, &callbacks, user)
      }
    guard code == 0, let context = unsafe made else {
      preconditionFailure("wslay had no memory for a connection")
    }
    unsafe self.context = context
    unsafe wslay_event_config_set_max_recv_msg_length(context, UInt64(limits.messageSize))
  }

  deinit { unsafe wslay_event_context_free(context) }

  // MARK: - In

  /// Processes bytes from the peer until too many messages wait to be sent.
  ///
  /// Calls `onMessage` for each message in order.
  ///
  /// - Returns: The number of bytes processed: all, or fewer if the queue is full or the connection has ended.
  func receive(_ bytes: ArraySlice<UInt8>, onMessage: (FrameTraffic.Message) -> Void) -> Int {
    withoutActuallyEscaping(onMessage) { onMessage in
      traffic.input = bytes
      traffic.onMessage = onMessage
      if unsafe wslay_event_recv(context) != 0 { traffic.hasFailed = true }
      traffic.onMessage = nil
      defer { traffic.input = [] }
      return bytes.count - traffic.input.count
    }
  }

  /// Whether more input is useful.
  ///
  /// It is not after the peer's close or a protocol violation.
  var wantsInput: Bool { unsafe wslay_event_get_read_enabled(context) != 0 }

  /// The number of complete messages received, including control messages.
  var arrivals: Int { traffic.arrivals }

  /// The approximate size in bytes of the incomplete message.
  var pending: Int { traffic.pending }

  /// Whether messages may be sent: neither side has closed.
  var isOpen: Bool { ownClose == nil && traffic.peerClose == nil && wantsInput }

  // MARK: - Out

  /// Queues a message.
  ///
  /// Ignores it after a close.
  func send(_ message: FrameTraffic.Message) {
    switch message {
    case .text(let bytes): queue(WSLAY_TEXT_FRAME, bytes)
    case .binary(let bytes): queue(WSLAY_BINARY_FRAME, bytes)
    }
  }

  func ping() { queue(WSLAY_PING, []) }

  private func queue(_ opcode: wslay_opcode, _ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      var message = unsafe wslay_event_msg(
        opcode: UInt8(opcode.rawValue), msg: bytes.baseAddress, msg_length: bytes.count)
      _ = unsafe wslay_event_queue_msg(context, &message)
    }
  }

  /// Queues a close frame after all messages queued so far.
  ///
  /// Only the first call has an effect.
  ///
  /// - Parameter reason: Truncated to the 123 bytes that fit.
  func close(code: UInt16, reason: String) {
    guard isOpen else { return }
    ownClose = WebSocketClosure(cause: .us, code: code, reason: reason.cut(toBytes: 123))
    owesClose = true
  }

  private func queueClose() {
    guard owesClose, let ownClose, unsafe wslay_event_want_write(context) == 0 else { return }
    owesClose = false
    let bytes = Array(ownClose.reason.utf8)
    // wslay rejects it if the peer's close has arrived meanwhile; then it is unnecessary.
    _ = unsafe wslay_event_queue_close(context, ownClose.code, bytes, bytes.count)
  }

  /// Whether there is output.
  var wantsOutput: Bool { unsafe owesClose || wslay_event_want_write(context) != 0 }

  /// The number of messages that wait to be sent, including control messages.
  var queued: Int { unsafe wslay_event_get_queued_msg_count(context) }

  /// Appends output until the buffer has `limit` bytes.
  func takeOutput(into buffer: inout [UInt8], upTo limit: Int) {
    swap(&buffer, &traffic.output)
    traffic.outputLimit = limit
    send()
    if owesClose {
      queueClose()
      send()
    }
    if let complaint { traffic.explain(complaint, by: role) }
    swap(&buffer, &traffic.output)
  }

  private func send() {
    guard unsafe wslay_event_send(context) != 0 else { return }
    traffic.hasFailed = true
    owesClose = false
  }

  // MARK: - Closing

  /// Whether both close frames were exchanged, as far as this side knows.
  var isClosed: Bool {
    unsafe wslay_event_get_close_received(context) != 0
      && wslay_event_get_close_sent(context) != 0
  }

  /// Whether nothing more will be read or sent.
  var isOver: Bool { traffic.hasFailed && !wantsOutput || !wantsInput && !wantsOutput }

  /// The reason for the end of the connection; `nil` while it is open.
  var closure: WebSocketClosure? { ownClose ?? traffic.refusal ?? traffic.peerClose ?? complaint }

  /// The close that wslay sent because of a protocol violation.
  private var complaint: WebSocketClosure? {
    guard !wantsInput, ownClose == nil, traffic.peerClose == nil, traffic.refusal == nil,
      unsafe wslay_event_get_close_sent(context) != 0
    else { return nil }
    // wslay sends no code in answer to an invalid frame header.
    let sent = unsafe wslay_event_get_status_code_sent(context)
    let code = sent == WebSocketClosure.noCode ? WebSocketClosure.protocolError : sent
    return WebSocketClosure(cause: .us, code: code, reason: WebSocketClosure.complaint(code))
  }
}

extension String {
  /// The longest prefix that fits `limit` bytes of UTF-8.
  fileprivate func cut(toBytes limit: Int) -> String {
    var text = self[...]
    while text.utf8.count > limit { text.removeLast() }
    return String(text)
  }
}
