import Linux

/// Shows the progress of a run: on a terminal in one line that is redrawn, otherwise in a new line every ten seconds.
struct ProgressLine {
  /// The duration of the run with all its turns.
  let total: Duration
  private let isTerminal = Console.hasTerminal
  private let start = Instant.monotonicNow()
  /// The counts of earlier turns.
  private var earlier = Counts()
  private var current = Counts()
  /// The time and the number of answers at the last output.
  private var last: (time: Int64, answers: Int)

  struct Counts {
    var answers = 0
    var failures = 0
  }

  init(total: Duration) {
    self.total = total
    last = (start, 0)
  }

  /// Updates the counts of the current turn and shows the progress if it is due.
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

  /// Clears the line on a terminal.
  func end() {
    if isTerminal { Console.redraw("") }
  }

  /// The remaining time, the requests so far, the current rate, and failures if there are any.
  static func text(left: Duration, answers: Int, failures: Int, perSecond: Double) -> String {
    let left = Wording.span(.seconds(max(0, (left / .seconds(1)).rounded())))
    return "\(left) left, \(Wording.count(answers)) requests, \(Wording.figure(perSecond)) a second"
      + (failures > 0 ? ", \(Wording.count(failures)) failed" : "")
  }
}
