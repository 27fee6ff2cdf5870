import CWslay

/// The input and output of a wslay context.
///
/// wslay's callbacks operate on it.
@safe final class FrameTraffic {
  /// A complete message.
  enum Message: Sendable, Equatable {
    case text([UInt8])
    case binary([UInt8])
  }

  private let limits: WebSocketLimits
  private var random = SystemRandomNumberGenerator()
  /// The number of frames received of the current message.
  private var frames = 0

  /// The bytes that wslay may read now.
  var input: ArraySlice<UInt8> = []
  /// The bytes that wslay has written.
  var output: [UInt8] = []
  /// The largest size of the output in bytes.
  var outputLimit = 0
  var onMessage: ((Message) -> Void)?
  /// The number of complete messages received, including control messages.
  private(set) var arrivals = 0
  /// The number of bytes received since the last complete message.
  private(set) var pending = 0
  /// The peer's close frame.
  private(set) var peerClose: WebSocketClosure?
  /// The close that we sent for a reason that wslay does not check.
  private(set) var refusal: WebSocketClosure?
  /// Whether wslay failed: it had no memory, or a frame header was invalid.
  var hasFailed = false

  init(_ limits: WebSocketLimits) {
    self.limits = limits
  }

  // MARK: - For callbacks

  /// Gives wslay small pieces, because it answers all control frames of a piece before the queue is checked again.
  ///
  /// - Returns: The number of bytes; `nil` if there are none now.
  func read(into buffer: UnsafeMutableRawBufferPointer, queued: Int) -> Int? {
    guard queued < limits.queuedMessages, !input.isEmpty else { return nil }
    let part = input.prefix(min(buffer.count, 1024))
    unsafe buffer.copyBytes(from: part)
    input.removeFirst(part.count)
    pending += part.count
    return part.count
  }

  /// Appends bytes to the output.
  ///
  /// - Returns: The number of bytes accepted; `nil` if there is no room.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let count = min(bytes.count, outputLimit - output.count)
    guard count > 0 else { return nil }
    unsafe output.append(contentsOf: bytes.prefix(count))
    return count
  }

  /// Fills the masking key with random bytes.
  ///
  /// See RFC 6455 section 5.3.
  func fill(mask: UnsafeMutableRawBufferPointer) {
    for index in mask.indices {
      unsafe mask[index] = UInt8.random(in: .min ... .max, using: &random)
    }
  }

  /// Counts the frames of a message when a frame header arrives.
  ///
  /// - Returns: The close to send if there are too many frames.
  func began(opcode: UInt8) -> WebSocketClosure? {
    // Control frames may arrive between the frames of a message.
    guard opcode < WSLAY_CONNECTION_CLOSE.rawValue else { return nil }
    frames = opcode == WSLAY_CONTINUATION_FRAME.rawValue ? frames + 1 : 1
    guard frames > limits.messageFrames else { return nil }
    refusal = WebSocketClosure(
      cause: .us, code: WebSocketClosure.policyViolation, reason: "the message has too many frames")
    return refusal
  }

  func arrived(opcode: UInt8, bytes: UnsafeBufferPointer<UInt8>, code: UInt16) {
    arrivals += 1
    // This may drop up to 1 KiB that was read together with the end of the message.
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

  /// Adds a reason to the close frame that wslay has just written without one.
  ///
  /// A client's frame is masked and stays unchanged.
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
