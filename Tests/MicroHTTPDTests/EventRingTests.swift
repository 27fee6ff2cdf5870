import Testing

@testable import MicroHTTPD

@Suite("Event ring")
struct EventRingTests {
  private func ring(capacity: Int, ids: [UInt64?]) -> EventRing {
    var ring = EventRing(capacity: capacity)
    for id in ids { ring.append(EventChunk(id: id, data: [])) }
    return ring
  }

  @Test("A position has its event until it is overwritten")
  func places() {
    let ring = ring(capacity: 3, ids: [10, 11, 12, 13, 14])
    #expect(ring.oldest == 2)
    #expect(ring.end == 5)
    let seen = (0...6).map { place in
      switch ring.look(at: place) {
      case .event(let chunk): chunk.id.map { "\($0)" } ?? "no id"
      case .notYet: "not yet"
      case .overwritten: "overwritten"
      }
    }
    #expect(
      seen == ["overwritten", "overwritten", "12", "13", "14", "not yet", "not yet"])
  }

  @Test(
    "A returning reader gets the events after the last one that it saw",
    arguments: [
      (nil, []), (14, []), (13, [14]), (12, [13, 14]), (11, [12, 13, 14]), (3, [12, 13, 14]),
      (0, [12, 13, 14]), (15, []), (.max, []),
    ] as [(UInt64?, [UInt64?])])
  func replay(id: UInt64?, expected: [UInt64?]) {
    let ring = ring(capacity: 3, ids: [10, 11, 12, 13, 14])
    #expect(ring.events(after: id).map(\.id) == expected)
  }

  @Test("An event without an id belongs to the next one with an id")
  func withoutID() {
    let ring = ring(capacity: 9, ids: [nil, 1, nil, nil, 4, nil])
    #expect(ring.events(after: 1).map(\.id) == [nil, nil, 4, nil])
    #expect(ring.events(after: 4).map(\.id) == [nil])
    #expect(ring.events(after: 2).map(\.id) == [nil, nil, 4, nil])
    #expect(ring.events(after: 0).count == 6)
  }

  @Test("Nothing is replayed if nothing was published")
  func empty() {
    #expect(ring(capacity: 3, ids: []).events(after: 0).isEmpty)
    #expect(ring(capacity: 3, ids: [nil]).events(after: 0).isEmpty)
  }
}
