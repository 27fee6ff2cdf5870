/// The last events, each at a place that is counted from the first one ever.
struct EventRing: Sendable {
  private let capacity: Int
  private var events: [EventChunk] = []
  /// The place of the next event.
  private(set) var end = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// The place of the oldest event that is kept.
  var oldest: Int { end - events.count }

  mutating func append(_ chunk: EventChunk) {
    if events.count < capacity { events.append(chunk) } else { events[end % capacity] = chunk }
    end += 1
  }

  /// What there is at a place.
  enum Sight {
    case event(EventChunk)
    case notYet
    case overwritten
  }

  func look(at place: Int) -> Sight {
    if place >= end { return .notYet }
    return place < oldest ? .overwritten : .event(events[place % capacity])
  }

  /// What came after the event with this id, in its order.
  ///
  /// Nothing after `nil`, and nothing after an id that no event has reached; all of it when the id is older than it.
  func events(after id: UInt64?) -> [EventChunk] {
    guard let id else { return [] }
    let kept = (oldest..<end).map { events[$0 % capacity] }
    guard let newest = kept.last(where: { $0.id != nil })?.id, newest >= id else { return [] }
    let seen = kept.lastIndex { ($0.id ?? .max) <= id }
    return Array(kept[(seen.map { $0 + 1 } ?? 0)...])
  }
}
