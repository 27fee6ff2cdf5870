/// A priority queue of deadlines, earliest first.
///
/// It is a binary heap. Entries cannot be removed, so an owner whose deadline has changed must ignore the old entry.
struct DeadlineQueue {
  struct Entry: Equatable {
    /// Nanoseconds on `CLOCK_MONOTONIC`.
    var moment: Int64
    var owner: UInt64
  }

  private var heap: [Entry] = []

  var count: Int { heap.count }

  /// The earliest deadline, or `nil` if the queue is empty.
  var next: Int64? { heap.first?.moment }

  mutating func add(_ owner: UInt64, at moment: Int64) {
    heap.append(Entry(moment: moment, owner: owner))
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place].moment < heap[parent].moment else { break }
      heap.swapAt(place, parent)
      place = parent
    }
  }

  /// Removes and returns the earliest entry if it is due.
  mutating func takeDue(at now: Int64) -> Entry? {
    guard let first = heap.first, first.moment <= now else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    sink()
    return first
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in 2 * place + 1...2 * place + 2 where child < heap.count {
        if heap[child].moment < heap[least].moment { least = child }
      }
      guard least != place else { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
