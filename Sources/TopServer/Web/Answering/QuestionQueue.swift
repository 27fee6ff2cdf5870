/// Which of the waiting questions comes next: pure, one at a time, and in turns between clients.
///
/// A client that asks a hundred things waits for the hundred; any other waits for one of them.
struct QuestionQueue: Sendable {
  /// Names a question; each has its own.
  typealias Ticket = UInt64

  /// Questions that wait at most, beside the one that is worked on.
  struct Limits: Sendable, Equatable {
    var total: Int
    var perClient: Int
  }

  enum Admission: Sendable, Equatable {
    /// The work begins at once.
    case begins
    case waits
    /// This client has as many that wait as one may have.
    case clientIsFull
    case isFull
  }

  private let limits: Limits
  private var isBusy = false
  /// The clients that have waiting questions, in the order of their turns.
  private var turns: [String] = []
  private var waiting: [String: [Ticket]] = [:]
  /// Questions that wait.
  private(set) var count = 0

  init(limits: Limits) { self.limits = limits }

  /// Takes a question, unless too many wait.
  mutating func enter(_ ticket: Ticket, of client: String) -> Admission {
    guard isBusy else {
      isBusy = true
      return .begins
    }
    guard waiting[client]?.count ?? 0 < limits.perClient else { return .clientIsFull }
    guard count < limits.total else { return .isFull }
    if waiting[client] == nil { turns.append(client) }
    waiting[client, default: []].append(ticket)
    count += 1
    return .waits
  }

  /// Takes a question back that waits.
  ///
  /// - Returns: Whether it waited.
  mutating func leave(_ ticket: Ticket, of client: String) -> Bool {
    guard let place = waiting[client]?.firstIndex(of: ticket) else { return false }
    waiting[client]?.remove(at: place)
    count -= 1
    if waiting[client]?.isEmpty == true {
      waiting[client] = nil
      turns.removeAll { $0 == client }
    }
    return true
  }

  /// Ends the question that was worked on.
  ///
  /// - Returns: The one that begins now.
  mutating func next() -> Ticket? {
    guard let client = turns.first, let ticket = waiting[client]?.removeFirst() else {
      isBusy = false
      return nil
    }
    count -= 1
    turns.removeFirst()
    if waiting[client]?.isEmpty == true {
      waiting[client] = nil
    } else {
      turns.append(client)
    }
    return ticket
  }
}
