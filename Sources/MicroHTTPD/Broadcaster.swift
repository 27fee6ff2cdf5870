import Linux
import Synchronization

/// Sends the same events to any number of readers, and replays the latest ones to a reader that reconnects.
///
/// It stores only a ring of events. A reader is a position in the ring; a reader whose position was overwritten is too
/// slow and is dropped. The publisher supplies all times, in nanoseconds on `CLOCK_MONOTONIC`; there is no timer here.
public final class Broadcaster: Sendable {
  private struct State {
    var ring: EventRing
    var readers: [ObjectIdentifier: EventReader] = [:]
    var lastWord: Int64 = 0
    var opened: Int64 = 0
  }

  private let state: Mutex<State>
  private let dropped = Atomic(0)
  private let silence: Int64
  let greeting: EventChunk

  /// - Parameters:
  ///   - capacity: The number of events kept: how many can be replayed, and how far a reader may fall behind.
  ///   - retry: How long a client waits before it reconnects after its stream has ended.
  ///   - silence: After this time without an event, readers receive a comment, which reveals broken connections.
  public init(
    capacity: Int = 64, retry: Duration = .seconds(2), silence: Duration = .seconds(10)
  ) {
    state = Mutex(State(ring: EventRing(capacity: capacity)))
    self.silence = silence.nanoseconds
    greeting = .retry(after: retry)
  }

  /// The number of open streams.
  public var readerCount: Int { state.withLock { $0.readers.count } }

  /// The number of streams opened since the start.
  public var openedCount: Int64 { state.withLock { $0.opened } }

  /// The number of readers dropped since the start because they were too slow.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// A stream of all events published after it is served.
  ///
  /// - Parameters:
  ///   - id: The client's `Last-Event-ID`. The events after it are sent first, as far as they are still kept. An id
  ///     greater than the latest, perhaps from an earlier run, is ignored.
  ///   - headers: Additional headers. Every stream has its content type, `no-store`, and a header that disables proxy
  ///     buffering.
  public func subscribe(after id: UInt64? = nil, headers: [Response.Header] = []) -> EventStream {
    EventStream(self, after: id, headers: headers)
  }

  /// Sends an event to all readers without waiting for any of them.
  public func publish(_ chunk: EventChunk, at moment: Int64) {
    let (readers, oldest) = state.withLock { state in
      state.ring.append(chunk)
      state.lastWord = moment
      return (Array(state.readers.values), state.ring.oldest)
    }
    // Outside the lock: each reader has its own, and holds it while it looks into the ring.
    for reader in readers { reader.wake(oldest: oldest) }
  }

  /// Sends a comment if no event was published for too long.
  ///
  /// Call this at least once a second.
  public func breakSilence(at moment: Int64) {
    let readers = state.withLock { state in
      guard moment - state.lastWord >= silence else { return [EventReader]() }
      state.lastWord = moment
      return Array(state.readers.values)
    }
    for reader in readers { reader.comment() }
  }

  // MARK: - For readers

  /// Registers a reader.
  ///
  /// - Returns: The events that it missed, and its position in the ring.
  func add(_ reader: EventReader, after id: UInt64?) -> (missed: [EventChunk], place: Int) {
    state.withLock { state in
      state.readers[ObjectIdentifier(reader)] = reader
      state.opened += 1
      return (state.ring.events(after: id), state.ring.end)
    }
  }

  func remove(_ reader: EventReader) {
    state.withLock { state in _ = state.readers.removeValue(forKey: ObjectIdentifier(reader)) }
  }

  func look(at place: Int) -> EventRing.Sight {
    state.withLock { $0.ring.look(at: place) }
  }

  func countDropped() { dropped.add(1, ordering: .relaxed) }
}
