/// Chooses which of the many things of one kind are shown and recorded one by one: disks, file systems, interfaces.
///
/// A machine with many containers has thousands of interfaces, and each second others. What is listed is what does most; it stays
/// listed for as long as it exists, unless others do much more, so that its line in a chart has no holes. The rest is
/// summed up by whoever lists.
struct Shortlist: Sendable {
  /// Things that are listed at once.
  static let most = 128
  /// Things that may join the list in a minute, so that a minute of history has few names.
  static let mostNew = 128
  /// Bytes of a name; what has a longer one is not listed.
  static let longestName = 255
  /// Stands for the sum of those that are not listed; a thing of this name is part of that.
  static let others = "others"

  /// How many seconds count, and how far apart the list is looked through.
  private static let period = 60.0

  private var listed: Set<String> = []
  /// The names of which ``listed`` is the answer; looking at them again would change nothing.
  private var names: [String] = []
  /// How much each did lately, while there are too many.
  private var scores: [String: Double] = [:]
  /// How many may join now.
  private var credit = Double(Self.mostNew)
  private var untilReview = Self.period

  /// Takes the things that there are now.
  ///
  /// - Parameters:
  ///   - things: Each with what it does, or how large it is; what comes first is preferred among equals.
  ///   - seconds: Since the call before.
  /// - Returns: The names that are listed; `nil` when all are.
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

  /// Remembers what each did, and once in a period takes those off the list that others did much more than.
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
      // Twice as much is enough to stay, so that two that do about the same do not take turns.
      let (first, second) = (rank(left), rank(right))
      return (first, right.key) > (second, left.key)
    }
    let better = ranked.prefix(Self.most).filter { !listed.contains($0.key) }
    // The worst make room for as many as may join.
    var places = min(better.count, Int(credit))
    for (name, _) in ranked.reversed() where places > 0 && listed.contains(name) {
      listed.remove(name)
      places -= 1
    }
  }

  private func rank(_ one: (key: String, value: Double)) -> Double {
    listed.contains(one.key) ? one.value * 2 : one.value
  }

  /// Fills the places that are free with those that do most.
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

/// The things of one kind as they are listed.
struct Listed<Value: Sendable>: Sendable {
  var values: [Value] = []
  /// The sum of those that are not among the values; `nil` when all are.
  var others: Value?
  var othersCount = 0

  /// The sum of the others behind the rest.
  var all: [Value] { values + (others.map { [$0] } ?? []) }

  /// - Parameters:
  ///   - names: Those that are listed; `nil` when all are.
  ///   - zero: The sum of none.
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
