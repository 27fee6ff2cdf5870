import CMicroHTTPD
import Synchronization

/// One client's place in a broadcast, and its connection, which is suspended while there is nothing to send.
///
/// Its lock is held while the connection is suspended or resumed: so it is resumed once for each time, and once the
/// worker that owns the connection has passed the lock, the resuming thread has left libmicrohttpd. Under it the
/// broadcaster's lock is taken, never the other way round.
final class EventReader: Suspension {
  private struct State {
    /// What is sent before the events of the ring: the greeting, and what was missed.
    var first: ArraySlice<EventChunk> = []
    var place = 0
    var owesComment = false
    /// What is left of the event that is being sent.
    var rest: ArraySlice<UInt8> = []
    var isSuspended = false
    /// Nothing is begun any more.
    var isEnding = false
  }

  private let state = Mutex(State())
  private let broadcaster: Broadcaster
  private let service: Service
  private let connection: Connection
  /// The address of the C connection: a pointer is not Sendable, its address is.
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

  /// A response that reads from here: retained here, released in ``streamEnded(_:)``.
  ///
  /// See MHD_create_response_from_callback(). The block is the buffer for HTTP/1.0; chunks are made in the
  /// connection's memory.
  func makeResponse(_ headers: [Response.Header]) -> OpaquePointer {
    let response = unsafe cmhd_create_stream(
      1_024, readStream, Unmanaged.passRetained(self).toOpaque(), streamEnded)
    guard let response = unsafe response else {
      preconditionFailure("libmicrohttpd had no memory for a response")
    }
    unsafe headers.harmless.add(to: response)
    return unsafe response
  }

  /// Copies what is to be sent next; suspends the connection when that is nothing.
  ///
  /// - Returns: How many bytes; `nil` at the end of the stream.
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

  /// Takes the next event if the one before is sent; false when there is none.
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
      // An event says as much.
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

  /// The response is no longer needed: the stream has ended, or its client is gone.
  func finish() {
    // A thread that is about to wake it has left when the lock is ours.
    state.withLock { $0.isEnding = true }
    broadcaster.remove(self)
    service.streams.remove(self)
    service.connections.endUse(of: connection)
  }

  // MARK: - For others

  /// There is a new event, and the oldest that is kept is now at this place.
  func wake(oldest: Int) {
    state.withLock { state in
      resume(&state)
      guard state.place < oldest, !state.isEnding else { return }
      state.isEnding = true
      broadcaster.countDropped()
      // It takes nothing, so the end of the stream would never reach it.
      service.connections.end(connection)
    }
  }

  /// Sends a comment, unless an event comes first.
  func comment() {
    state.withLock { state in
      state.owesComment = true
      resume(&state)
    }
  }

  /// Ends the stream after the event that is being sent.
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
