/// The latest events.
///
/// A position counts all events since the start.
struct EventRing: Sendable {
  private let capacity: Int
  private var events: [EventChunk] = []
  /// The position of the next event.
  private(set) var end = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// The position of the oldest event that is kept.
  var oldest: Int { end - events.count }

  mutating func append(_ chunk: EventChunk) {
    if events.count < capacity { events.append(chunk) } else { events[end % capacity] = chunk }
    end += 1
  }

  /// The content of a position.
  enum Sight {
    case event(EventChunk)
    case notYet
    case overwritten
  }

  func look(at place: Int) -> Sight {
    if place >= end { return .notYet }
    return place < oldest ? .overwritten : .event(events[place % capacity])
  }

  /// The events after the one with this id, in order.
  ///
  /// Empty for `nil` and for an id greater than the newest; all kept events if the id is older than them.
  func events(after id: UInt64?) -> [EventChunk] {
    guard let id else { return [] }
    let kept = (oldest..<end).map { events[$0 % capacity] }
    guard let newest = kept.last(where: { $0.id != nil })?.id, newest >= id else { return [] }
    let seen = kept.lastIndex { ($0.id ?? .max) <= id }
    return Array(kept[(seen.map { $0 + 1 } ?? 0)...])
  }
}
