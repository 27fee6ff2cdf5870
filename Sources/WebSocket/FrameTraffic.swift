import CWslay

/// What travels through one wslay context: the object that its callbacks work on.
@safe final class FrameTraffic {
  /// What came whole.
  enum Message: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
  }

  private let limits: WebSocketLimits
  private var random = SystemRandomNumberGenerator()
  /// Frames of the message that is arriving.
  private var frames = 0

  /// What wslay may read now.
  var input: ArraySlice<UInt8> = []
  /// What wslay has written.
  var output: [UInt8] = []
  /// Bytes that the output may hold.
  var outputLimit = 0
  var onMessage: ((Message) -> Void)?
  /// Messages that came whole, pings and their like included.
  private(set) var arrivals = 0
  /// Bytes that came since the last message.
  private(set) var pending = 0
  /// The close frame of the other side.
  private(set) var peerClose: WebSocketClosure?
  /// Why we sent a close that wslay would not have sent.
  private(set) var refusal: WebSocketClosure?
  /// wslay gave up: there was no memory, or the header of a frame made no sense.
  var hasFailed = false

  init(_ limits: WebSocketLimits) {
    self.limits = limits
  }

  // MARK: - For callbacks

  /// Gives wslay bytes in small pieces, since it answers all that a piece holds before the queue is looked at again.
  ///
  /// - Returns: How many; `nil` when there are none now.
  func read(into buffer: UnsafeMutableRawBufferPointer, queued: Int) -> Int? {
    guard queued < limits.queuedMessages, !input.isEmpty else { return nil }
    let part = input.prefix(min(buffer.count, 1024))
    unsafe buffer.copyBytes(from: part)
    input.removeFirst(part.count)
    pending += part.count
    return part.count
  }

  /// Takes bytes to be sent.
  ///
  /// - Returns: How many; `nil` when there is no room for any.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let count = min(bytes.count, outputLimit - output.count)
    guard count > 0 else { return nil }
    unsafe output.append(contentsOf: bytes.prefix(count))
    return count
  }

  /// Four random bytes or more, see RFC 6455 section 5.3.
  func fill(mask: UnsafeMutableRawBufferPointer) {
    for index in mask.indices {
      unsafe mask[index] = UInt8.random(in: .min ... .max, using: &random)
    }
  }

  /// The header of a frame came.
  ///
  /// - Returns: What to say to the other side if it is one too many.
  func began(opcode: UInt8) -> WebSocketClosure? {
    // Control frames come between those of a message.
    guard opcode < WSLAY_CONNECTION_CLOSE.rawValue else { return nil }
    frames = opcode == WSLAY_CONTINUATION_FRAME.rawValue ? frames + 1 : 1
    guard frames > limits.messageFrames else { return nil }
    refusal = WebSocketClosure(
      cause: .us, code: WebSocketClosure.policyViolation, reason: "a message of too many frames")
    return refusal
  }

  func arrived(opcode: UInt8, bytes: UnsafeBufferPointer<UInt8>, code: UInt16) {
    arrivals += 1
    // What was read together with the end of the message is no more than 1 KiB.
    if opcode < WSLAY_CONNECTION_CLOSE.rawValue { pending = 0 }
    switch UInt32(opcode) {
    case WSLAY_TEXT_FRAME.rawValue: onMessage?(.text(unsafe Array(bytes)))
    case WSLAY_BINARY_FRAME.rawValue: onMessage?(.binary(unsafe Array(bytes)))
    case WSLAY_CONNECTION_CLOSE.rawValue:
      peerClose = WebSocketClosure(
        cause: .peer, code: code == 0 ? WebSocketClosure.noCode : code,
        reason: unsafe String(decoding: bytes.dropFirst(2), as: UTF8.self))
    default: break
    }
  }

  // MARK: - For the owner

  /// Puts words into the close frame that wslay has just written without any.
  ///
  /// A client's frame is masked and stays as it is.
  func explain(_ complaint: WebSocketClosure, by role: Framing.Role) {
    let code = [UInt8(complaint.code >> 8), UInt8(complaint.code & 0xFF)]
    let frames = [[0x88, 2] + code, [0x88, 0]]
    guard role == .server, let bare = frames.first(where: { output.suffix($0.count) == $0[...] })
    else { return }
    let reason = Array(complaint.reason.utf8)
    output.removeLast(bare.count)
    output += [0x88, UInt8(2 + reason.count)] + code + reason
  }
}
