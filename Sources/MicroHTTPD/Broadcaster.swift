import Linux
import Synchronization

/// Sends the same events to any number of readers, and the last ones again to a reader that comes back.
///
/// A ring of events is all that it keeps: a reader is a place in the ring, and one whose place was overwritten was too
/// slow and is dropped. Moments are nanoseconds on `CLOCK_MONOTONIC`, and are the publisher's: there is no timer here.
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
  ///   - capacity: Events that are kept: as many can be replayed, and so far may a reader fall behind.
  ///   - retry: How long a reader waits before it comes back after its stream has ended.
  ///   - silence: After so long without an event the readers get a comment, which shows who of them is gone.
  public init(
    capacity: Int = 64, retry: Duration = .seconds(2), silence: Duration = .seconds(10)
  ) {
    state = Mutex(State(ring: EventRing(capacity: capacity)))
    self.silence = silence.nanoseconds
    greeting = .retry(after: retry)
  }

  /// Readers whose streams are open.
  public var readerCount: Int { state.withLock { $0.readers.count } }

  /// Streams that were opened since the start.
  public var openedCount: Int64 { state.withLock { $0.opened } }

  /// Readers that were dropped since the start, because they were too slow.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// A stream of what is published from the moment on that it is served.
  ///
  /// - Parameters:
  ///   - id: The client's `Last-Event-ID`: what came after that event is sent first, as far as it is still kept. An id
  ///     that is yet to come, from an earlier run perhaps, is none.
  ///   - headers: Sent with those of every stream: type, `no-store`, and no buffering by a proxy.
  public func subscribe(after id: UInt64? = nil, headers: [Response.Header] = []) -> EventStream {
    EventStream(self, after: id, headers: headers)
  }

  /// Sends an event to every reader, without waiting for any of them.
  public func publish(_ chunk: EventChunk, at moment: Int64) {
    let (readers, oldest) = state.withLock { state in
      state.ring.append(chunk)
      state.lastWord = moment
      return (Array(state.readers.values), state.ring.oldest)
    }
    // After the lock: each reader has its own, under which it looks into the ring.
    for reader in readers { reader.wake(oldest: oldest) }
  }

  /// Sends a comment when the readers have heard nothing for too long; to be called at least once a second.
  public func breakSilence(at moment: Int64) {
    let readers = state.withLock { state in
      guard moment - state.lastWord >= silence else { return [EventReader]() }
      state.lastWord = moment
      return Array(state.readers.values)
    }
    for reader in readers { reader.comment() }
  }

  // MARK: - For readers

  /// Lets a reader in.
  ///
  /// - Returns: What it missed, and its place in the ring.
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
