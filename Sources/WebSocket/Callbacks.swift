import CWslay

// The callbacks of wslay, which run on the thread that called wslay. Each finds its object and calls one method.

private func traffic(_ user: UnsafeMutableRawPointer?) -> FrameTraffic {
  guard let user = unsafe user else { preconditionFailure("wslay lost our context") }
  return unsafe Unmanaged<FrameTraffic>.fromOpaque(user).takeUnretainedValue()
}

/// The `wslay_event_recv_callback`.
func readInput(
  _ context: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int, _ flags: Int32,
  _ user: UnsafeMutableRawPointer?
) -> Int {
  let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: count)
  let queued = unsafe wslay_event_get_queued_msg_count(context)
  return unsafe traffic(user).read(into: room, queued: queued) ?? Int(cwslay_not_now(context))
}

/// The `wslay_event_send_callback`.
func writeOutput(
  _ context: OpaquePointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int, _ flags: Int32,
  _ user: UnsafeMutableRawPointer?
) -> Int {
  let bytes = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
  return unsafe traffic(user).write(bytes) ?? Int(cwslay_not_now(context))
}

/// The `wslay_event_genmask_callback`.
func makeMask(
  _ context: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe traffic(user).fill(mask: UnsafeMutableRawBufferPointer(start: buffer, count: count))
  return 0
}

/// The `wslay_event_on_frame_recv_start_callback`.
func frameBegan(
  _ context: OpaquePointer?, _ frame: UnsafePointer<wslay_event_on_frame_recv_start_arg>?,
  _ user: UnsafeMutableRawPointer?
) {
  guard let frame = unsafe frame?.pointee,
    let refusal = unsafe traffic(user).began(opcode: frame.opcode)
  else { return }
  let reason = Array(refusal.reason.utf8)
  _ = unsafe wslay_event_queue_close(context, refusal.code, reason, reason.count)
  unsafe wslay_event_shutdown_read(context)
}

/// The `wslay_event_on_msg_recv_callback`.
func messageArrived(
  _ context: OpaquePointer?, _ message: UnsafePointer<wslay_event_on_msg_recv_arg>?,
  _ user: UnsafeMutableRawPointer?
) {
  guard let message = unsafe message?.pointee else { return }
  let bytes = unsafe UnsafeBufferPointer(start: message.msg, count: message.msg_length)
  unsafe traffic(user).arrived(opcode: message.opcode, bytes: bytes, code: message.status_code)
}
