import Linux
import MicroHTTPD
import Synchronization

/// Serves the documents of a source that is replaced regularly: the newest snapshot, or the fleet.
///
/// A publisher of a new source does not wait. The pool then prepares the answers to repeated queries, within a time
/// budget. Other answers are made on demand, small ones at once and large ones by the pool.
final class AnswerDesk<Maker: AnswerMaker>: Sendable {
  /// An answer to make, in one of its encodings.
  private struct Order: Hashable, Sendable {
    var question: Maker.Question
    var gzip: Bool
  }

  private let current: Latest<PreparedAnswers<Maker>>
  private let maker: Maker
  private let pool: AnswerPool
  private let budget: Int64
  private let now: @Sendable () -> Int64
  private let flights = AnswerFlights<Order, Response>()
  private let isPassQueued = Atomic(false)

  /// The maximum work that libmicrohttpd's threads may do for an answer: about a millisecond.
  private static var mostWorkAtOnce: Int { 4096 }
  /// The work above which a client's answers are queued separately, so that its smaller ones do not wait for them.
  private static var muchWork: Int { 32768 }

  /// - Parameters:
  ///   - interval: The intended time between two sources.
  ///   - now: Nanoseconds on the monotonic clock.
  init(
    _ first: Maker.Source, _ maker: Maker, pool: AnswerPool, interval: Duration,
    now: @escaping @Sendable () -> Int64 = Instant.monotonicNow
  ) {
    current = Latest(PreparedAnswers(first, maker))
    self.maker = maker
    self.pool = pool
    self.now = now
    budget = Self.budget(interval: interval).nanoseconds
  }

  /// The time for preparing answers: a tenth of the interval, at most a quarter of a second.
  static func budget(interval: Duration) -> Duration { min(interval / 10, .milliseconds(250)) }

  /// The newest source.
  var source: Maker.Source { current.value.source }

  /// Publishes a new source; the cost does not depend on the queries.
  @discardableResult
  func publish(_ source: Maker.Source) -> PreparedAnswers<Maker> {
    let before = current.value
    let next = before.successor(source)
    current.publish(next)
    if !isPassQueued.exchange(true, ordering: .acquiringAndReleasing) {
      pool.submitUrgent {
        self.prepare()
        // Release the old answers here and not on the publisher's thread, since freeing many takes long.
        _ = before
      }
    }
    return next
  }

  private func prepare() {
    isPassQueued.store(false, ordering: .releasing)
    let answers = current.value
    let end = now() + budget
    answers.prepare { self.now() >= end || self.current.value !== answers }
  }

  /// Answers a request for a document on libmicrohttpd's thread, mostly with a prepared answer.
  func answer(_ document: Maker.Document, _ request: borrowing Request) -> Reply {
    let gzip = Negotiation.acceptsGzip(request.header("Accept-Encoding"))
    let answers = current.value
    let spelling = PreparedAnswers<Maker>.Spelling(
      document: document, rawQuery: request.target.rawQuery)
    if let response = answers.find(spelling, gzip: gzip) {
      return Reply(response, unlessKnownTo: request)
    }
    let question: Maker.Question
    do throws(Problem) {
      question = try maker.question(document, request.target.query)
    } catch {
      return Reply(error.response())
    }
    if let response = answers.find(question, spelled: spelling, gzip: gzip) {
      return Reply(response, unlessKnownTo: request)
    }
    let work = answers.work(for: question)
    let preparation = maker.preparation(for: question, answers.source)
    if preparation == nil, work <= Self.mostWorkAtOnce {
      return Reply(answers.make(question, spelled: spelling, gzip: gzip), unlessKnownTo: request)
    }
    let client = request.addressKey.description + (work > Self.muchWork ? " large" : "")
    let known = request.header("If-None-Match")
    return .later {
      await preparation?()
      return await self.order(Order(question: question, gzip: gzip), spelling, client, known: known)
    }
  }

  private func order(
    _ order: Order, _ spelling: PreparedAnswers<Maker>.Spelling, _ client: String, known: String?
  ) async -> Reply {
    let outcome = await flights.value(order, client: client) {
      pool.submit({ self.make(order, spelling) }, for: client)
    }
    switch outcome {
    case .made(let response): return Reply(response, unlessKnown: known)
    case .full: return AnswerPool.refusal
    // The client has left.
    case .cancelled: return Reply(Problem(Refusal.stopping).response())
    }
  }

  /// The number of requests that wait for an answer, for tests.
  var waitingCount: Int { flights.waitingCount }

  private func make(_ order: Order, _ spelling: PreparedAnswers<Maker>.Spelling) {
    guard flights.isWanted(order) else { return }
    // Use the newest source, even if it is newer than the request.
    let answers = current.value
    flights.land(order, answers.make(order.question, spelled: spelling, gzip: order.gzip))
  }
}

/// A route that serves a document of the newest snapshot or fleet.
struct DocumentRoute<Maker: AnswerMaker>: Sendable {
  let document: Maker.Document
  let desk: AnswerDesk<Maker>

  func answer(_ request: borrowing Request) -> Reply {
    desk.answer(document, request)
  }
}
