import CMicroHTTPD
import Synchronization

/// A client's position in a broadcast, and its connection, which is suspended while there is nothing to send.
///
/// Its lock is held while the connection is suspended or resumed. So each suspension is resumed once, and when the
/// worker that owns the connection has acquired the lock, the resuming thread has left libmicrohttpd. The broadcaster's
/// lock may be acquired under this lock, never the other way round.
final class EventReader: Suspension {
  private struct State {
    /// Sent before the events of the ring: the greeting and the missed events.
    var first: ArraySlice<EventChunk> = []
    var place = 0
    var owesComment = false
    /// The unsent rest of the current event.
    var rest: ArraySlice<UInt8> = []
    var isSuspended = false
    /// No further event is started.
    var isEnding = false
  }

  private let state = Mutex(State())
  private let broadcaster: Broadcaster
  private let service: Service
  private let connection: Connection
  /// The address of the C connection.
  ///
  /// A pointer is not Sendable, but its address is.
  private let address: UInt

  init(
    _ stream: EventStream, to handle: OpaquePointer, of connection: Connection, _ service: Service
  ) {
    broadcaster = stream.broadcaster
    self.service = service
    self.connection = connection
    address = UInt(bitPattern: handle)
    state.withLock { state in
      let (missed, place) = broadcaster.add(self, after: stream.lastID)
      state.first = [broadcaster.greeting] + missed
      state.place = place
    }
  }

  // MARK: - For libmicrohttpd

  /// Creates a response that reads from this object: retained here, released in ``streamEnded(_:)``.
  ///
  /// The block size is that of the buffer for HTTP/1.0; libmicrohttpd builds chunks in the connection's memory. See
  /// MHD_create_response_from_callback().
  func makeResponse(_ headers: [Response.Header]) -> OpaquePointer {
    let response = unsafe cmhd_create_stream(
      1_024, readStream, Unmanaged.passRetained(self).toOpaque(), streamEnded)
    guard let response = unsafe response else {
      preconditionFailure("libmicrohttpd had no memory for a response")
    }
    unsafe headers.harmless.add(to: response)
    return unsafe response
  }

  /// Copies the next bytes to send.
  ///
  /// Suspends the connection if there are none.
  ///
  /// - Returns: The number of bytes; `nil` at the end of the stream.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    state.withLock { state in
      var count = 0
      while count < buffer.count, prepareRest(&state) {
        let part = state.rest.prefix(buffer.count - count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyBytes(from: part)
        state.rest.removeFirst(part.count)
        count += part.count
      }
      if count > 0 { return count }
      if state.isEnding { return nil }
      state.isSuspended = true
      unsafe MHD_suspend_connection(OpaquePointer(bitPattern: address))
      return 0
    }
  }

  /// Takes the next event if the current one is sent; false if there is none.
  private func prepareRest(_ state: inout State) -> Bool {
    guard state.rest.isEmpty else { return true }
    if state.isEnding { return false }
    if let chunk = state.first.popFirst() {
      state.rest = chunk.bytes[...]
      return true
    }
    switch broadcaster.look(at: state.place) {
    case .event(let chunk):
      state.place += 1
      state.rest = chunk.bytes[...]
      // An event makes the comment unnecessary.
      state.owesComment = false
    case .notYet where state.owesComment:
      state.owesComment = false
      state.rest = EventChunk.comment.bytes[...]
    case .notYet:
      return false
    case .overwritten:
      state.isEnding = true
      broadcaster.countDropped()
      return false
    }
    return true
  }

  /// Cleans up when libmicrohttpd no longer needs the response: the stream has ended or its client has left.
  func finish() {
    // After this lock, no other thread can still be about to wake the reader.
    state.withLock { $0.isEnding = true }
    broadcaster.remove(self)
    service.streams.remove(self)
    service.connections.endUse(of: connection)
  }

  // MARK: - For the broadcaster

  /// Resumes the connection for a new event.
  ///
  /// Drops the reader if the ring's oldest event, at `oldest`, is past its position.
  func wake(oldest: Int) {
    state.withLock { state in
      resume(&state)
      guard state.place < oldest, !state.isEnding else { return }
      state.isEnding = true
      broadcaster.countDropped()
      // The client does not read, so the end of the stream would never reach it.
      service.connections.end(connection)
    }
  }

  /// Sends a comment unless an event precedes it.
  func comment() {
    state.withLock { state in
      state.owesComment = true
      resume(&state)
    }
  }

  /// Ends the stream after the current event.
  func end() {
    state.withLock { state in
      state.isEnding = true
      resume(&state)
    }
  }

  private func resume(_ state: inout State) {
    guard state.isSuspended else { return }
    state.isSuspended = false
    unsafe MHD_resume_connection(OpaquePointer(bitPattern: address))
  }
}
