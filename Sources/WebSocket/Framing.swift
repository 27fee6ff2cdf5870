import CWslay

/// The frames of one connection, without the connection: bytes go in, messages come out, and bytes to send.
///
/// It belongs to one thread. wslay checks what RFC 6455 wants to be checked, and answers pings and closes by itself.
@safe final class Framing {
  enum Role { case server, client }

  private let role: Role
  private let context: OpaquePointer
  private let traffic: FrameTraffic
  /// The close frame that we were told to send.
  private var ownClose: WebSocketClosure?
  /// Whether it still has to be given to wslay, which sends it before all messages.
  private var owesClose = false

  init(_ role: Role, _ limits: WebSocketLimits) {
    self.role = role
    traffic = FrameTraffic(limits)
    // Unretained: the context ends with this object, which keeps the traffic.
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

  /// Takes bytes from the other side, until too much waits to be sent; what is to be done about messages is called in
  /// their order.
  ///
  /// - Returns: How many bytes were taken: all of them, or fewer because of the queue or the end.
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

  /// Whether more from the other side is of any use: not after its close, nor after a breach of the protocol.
  var wantsInput: Bool { unsafe wslay_event_get_read_enabled(context) != 0 }

  /// Messages that came whole so far, pings and their like included.
  var arrivals: Int { traffic.arrivals }

  /// Bytes of the message that is arriving, more or less.
  var pending: Int { traffic.pending }

  /// Whether something may be answered: the connection is not about to end.
  var isOpen: Bool { ownClose == nil && traffic.peerClose == nil && wantsInput }

  // MARK: - Out

  /// Queues a message; after a close nothing more is taken.
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

  /// Queues a close frame, once; it goes out after all that is queued already.
  ///
  /// - Parameter reason: Is cut to the 123 bytes that fit.
  func close(code: UInt16, reason: String) {
    guard isOpen else { return }
    ownClose = WebSocketClosure(cause: .us, code: code, reason: reason.cut(toBytes: 123))
    owesClose = true
  }

  private func queueClose() {
    guard owesClose, let ownClose, unsafe wslay_event_want_write(context) == 0 else { return }
    owesClose = false
    let bytes = Array(ownClose.reason.utf8)
    // It is not taken when the other side's close has come meanwhile, and is needed no more.
    _ = unsafe wslay_event_queue_close(context, ownClose.code, bytes, bytes.count)
  }

  /// Whether there is something to be sent.
  var wantsOutput: Bool { unsafe owesClose || wslay_event_want_write(context) != 0 }

  /// Messages that wait to be sent, pongs and their like included.
  var queued: Int { unsafe wslay_event_get_queued_msg_count(context) }

  /// Appends what is to be sent, as far as the buffer may grow.
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

  // MARK: - The end

  /// Whether both close frames have travelled, as far as this side can know.
  var isClosed: Bool {
    unsafe wslay_event_get_close_received(context) != 0
      && wslay_event_get_close_sent(context) != 0
  }

  /// Whether nothing more will be read or sent.
  var isOver: Bool { traffic.hasFailed && !wantsOutput || !wantsInput && !wantsOutput }

  /// How the connection ends, as far as it is known; `nil` while it is open.
  var closure: WebSocketClosure? { ownClose ?? traffic.refusal ?? traffic.peerClose ?? complaint }

  /// wslay did not like what came, and has sent a close by itself.
  private var complaint: WebSocketClosure? {
    guard !wantsInput, ownClose == nil, traffic.peerClose == nil, traffic.refusal == nil,
      unsafe wslay_event_get_close_sent(context) != 0
    else { return nil }
    // To a frame whose very header is wrong it sends no code.
    let sent = unsafe wslay_event_get_status_code_sent(context)
    let code = sent == WebSocketClosure.noCode ? WebSocketClosure.protocolError : sent
    return WebSocketClosure(cause: .us, code: code, reason: WebSocketClosure.complaint(code))
  }
}

extension String {
  /// The beginning of it that fits into so many bytes of UTF-8.
  fileprivate func cut(toBytes limit: Int) -> String {
    var text = self[...]
    while text.utf8.count > limit { text.removeLast() }
    return String(text)
  }
}
