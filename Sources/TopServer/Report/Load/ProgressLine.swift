import Linux

/// Tells how far a run is: on a terminal in one line that changes, elsewhere in a line every ten seconds.
struct ProgressLine {
  /// How long the run takes, all turns together.
  let total: Duration
  private let isTerminal = Console.hasTerminal
  private let start = Instant.monotonicNow()
  /// What earlier turns gave.
  private var earlier = Counts()
  private var current = Counts()
  /// The moment and the answers when it last told.
  private var last: (time: Int64, answers: Int)

  struct Counts {
    var answers = 0
    var failures = 0
  }

  init(total: Duration) {
    self.total = total
    last = (start, 0)
  }

  /// Takes the counts of the turn that is under way, and tells if it is time to.
  mutating func update(answers: Int, failures: Int) {
    current = Counts(answers: answers, failures: failures)
    let now = Instant.monotonicNow()
    let pause: Int64 = isTerminal ? 1_000_000_000 : 10_000_000_000
    let left = total - .nanoseconds(now - start)
    guard now - last.time >= pause, left > .zero else { return }
    let sum = earlier.answers + answers
    let text = Self.text(
      left: left, answers: sum, failures: earlier.failures + failures,
      perSecond: Double(sum - last.answers) / (Double(now - last.time) / 1e9))
    if isTerminal { Console.redraw(text) } else { Console.complain(text) }
    last = (now, sum)
  }

  mutating func endTurn() {
    earlier.answers += current.answers
    earlier.failures += current.failures
    current = Counts()
  }

  /// Leaves the terminal's line free again.
  func end() {
    if isTerminal { Console.redraw("") }
  }

  /// Time left, requests so far, current rate, and what failed if anything did.
  static func text(left: Duration, answers: Int, failures: Int, perSecond: Double) -> String {
    let left = Wording.span(.seconds(max(0, (left / .seconds(1)).rounded())))
    return "\(left) left, \(Wording.count(answers)) requests, \(Wording.figure(perSecond)) a second"
      + (failures > 0 ? ", \(Wording.count(failures)) failed" : "")
  }
}
