/// Chooses which disks, file systems or interfaces are shown and recorded by name.
///
/// A machine with many containers may have thousands of interfaces, and different ones each second. The list holds the
/// busiest. An item stays listed as long as it exists, unless others are much busier, so that its line in a chart has
/// no gaps. The caller sums up the rest.
struct Shortlist: Sendable {
  /// The limit of listed items.
  static let most = 128
  /// The number of items that may join the list in a minute, which limits the names in a minute of history.
  static let mostNew = 128
  /// The limit of a name in bytes; an item with a longer name is not listed.
  static let longestName = 255
  /// The name of the sum of unlisted items; an item that has this name itself is part of the sum.
  static let others = "others"

  /// The averaging time of scores and the interval between two reviews of the list, in seconds.
  private static let period = 60.0

  private var listed: Set<String> = []
  /// The names for which ``listed`` was computed; the same names give the same list.
  private var names: [String] = []
  /// The recent activity by name, kept only while there are too many items.
  private var scores: [String: Double] = [:]
  /// The number of items that may join now.
  private var credit = Double(Self.mostNew)
  private var untilReview = Self.period

  /// Updates the list with the items that exist now.
  ///
  /// - Parameters:
  ///   - things: Each item with its activity or size; among equals the first is preferred.
  ///   - seconds: Time since the previous call.
  /// - Returns: The listed names; `nil` when all are listed.
  mutating func choose(_ things: [(name: String, weight: Double)], seconds: Double) -> Set<String>?
  {
    credit = min(Double(Self.mostNew), credit + seconds * Double(Self.mostNew) / Self.period)
    if things.count == names.count, names.count == listed.count,
      zip(things, names).allSatisfy({ $0.name == $1 })
    {
      return nil
    }
    names = things.map(\.name)
    let candidates = things.filter { Self.isListable($0.name) }
    let present = Set(candidates.lazy.map(\.name))
    listed.formIntersection(present)
    if candidates.count > Self.most {
      score(candidates, seconds)
    } else {
      (scores, untilReview) = ([:], Self.period)
    }
    admit(candidates)
    return listed.count == things.count ? nil : listed
  }

  private static func isListable(_ name: String) -> Bool {
    name != others && name.utf8.count <= longestName
  }

  /// Averages the activity of each item, and once per period removes the listed items that are far behind others.
  private mutating func score(_ candidates: [(name: String, weight: Double)], _ seconds: Double) {
    var next: [String: Double] = [:]
    next.reserveCapacity(candidates.count)
    let share = min(1, seconds / Self.period)
    for (name, weight) in candidates {
      let before = scores[name] ?? weight
      next[name] = before + (weight - before) * share
    }
    scores = next
    untilReview -= seconds
    guard untilReview <= 0 else { return }
    untilReview = Self.period
    let ranked = scores.sorted { left, right in
      // The score of a listed item counts twice, so that two similar items do not alternate.
      let (first, second) = (rank(left), rank(right))
      return (first, right.key) > (second, left.key)
    }
    let better = ranked.prefix(Self.most).filter { !listed.contains($0.key) }
    // Remove the least active items, at most as many as may join.
    var places = min(better.count, Int(credit))
    for (name, _) in ranked.reversed() where places > 0 && listed.contains(name) {
      listed.remove(name)
      places -= 1
    }
  }

  private func rank(_ one: (key: String, value: Double)) -> Double {
    listed.contains(one.key) ? one.value * 2 : one.value
  }

  /// Fills the free places with the most active items.
  private mutating func admit(_ candidates: [(name: String, weight: Double)]) {
    let places = min(Self.most - listed.count, Int(credit))
    guard places > 0 else { return }
    let waiting = candidates.enumerated().filter { !listed.contains($0.element.name) }
    guard !waiting.isEmpty else { return }
    let chosen = waiting.sorted { left, right in
      let (first, second) = (weight(left.element), weight(right.element))
      return first == second ? left.offset < right.offset : first > second
    }.prefix(places)
    for (_, thing) in chosen where listed.insert(thing.name).inserted { credit -= 1 }
  }

  private func weight(_ thing: (name: String, weight: Double)) -> Double {
    scores[thing.name] ?? thing.weight
  }
}

/// The listed items of one kind, and the sum of the others.
struct Listed<Value: Sendable>: Sendable {
  var values: [Value] = []
  /// The sum of the unlisted items; `nil` when all are listed.
  var others: Value?
  var othersCount = 0

  /// The listed items followed by the sum of the others.
  var all: [Value] { values + (others.map { [$0] } ?? []) }

  /// - Parameters:
  ///   - names: The listed names; `nil` when all are listed.
  ///   - zero: The sum of no items.
  init(
    _ all: [Value], _ names: Set<String>?, by name: (Value) -> String, zero: Value,
    add: (inout Value, Value) -> Void
  ) {
    guard let names else {
      values = all
      return
    }
    var sum = zero
    for value in all {
      if names.contains(name(value)) {
        values.append(value)
      } else {
        add(&sum, value)
        othersCount += 1
      }
    }
    if othersCount > 0 { others = sum }
  }
}
