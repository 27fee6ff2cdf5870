import Linux
import MicroHTTPD
import Synchronization

/// Serves the documents of a source that is replaced again and again: the newest snapshot, or the fleet.
///
/// Whoever has a new source publishes it and goes on. What was asked repeatedly is then prepared by the pool, within a
/// time budget; the rest is made when it is asked for, little of it at once, much of it by the pool.
final class AnswerDesk<Maker: AnswerMaker>: Sendable {
  /// What is being made: an answer in one of its forms.
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

  /// An answer of more work than this is not made on libmicrohttpd's threads: about a millisecond.
  private static var mostWorkAtOnce: Int { 4096 }
  /// Answers of more work than this have turns of their own, so that smaller ones need not wait for all of them.
  private static var muchWork: Int { 32768 }

  /// - Parameters:
  ///   - interval: How far apart sources are meant to be.
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

  /// The time in which answers are prepared: a tenth of the interval, and a quarter of a second at most.
  static func budget(interval: Duration) -> Duration { min(interval / 10, .milliseconds(250)) }

  /// The newest source.
  var source: Maker.Source { current.value.source }

  /// Shows a new source from now on; what it costs does not depend on what is asked.
  @discardableResult
  func publish(_ source: Maker.Source) -> PreparedAnswers<Maker> {
    let before = current.value
    let next = before.successor(source)
    current.publish(next)
    if !isPassQueued.exchange(true, ordering: .acquiringAndReleasing) {
      pool.submitUrgent {
        self.prepare()
        // It ends here, and not on the publisher's thread: to free many answers takes long.
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

  /// Answers a request for a document, on libmicrohttpd's thread: most often with what is there.
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
    if work <= Self.mostWorkAtOnce {
      return Reply(answers.make(question, spelled: spelling, gzip: gzip), unlessKnownTo: request)
    }
    let client = request.addressKey.description + (work > Self.muchWork ? " large" : "")
    let known = request.header("If-None-Match")
    return .later {
      await self.order(Order(question: question, gzip: gzip), spelling, client, known: known)
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
    // Nobody is left to read it.
    case .cancelled: return Reply(Problem(Refusal.stopping).response())
    }
  }

  /// Requests that wait for an answer, for tests.
  var waitingCount: Int { flights.waitingCount }

  private func make(_ order: Order, _ spelling: PreparedAnswers<Maker>.Spelling) {
    guard flights.isWanted(order) else { return }
    // The newest source, whichever it was when the request came.
    let answers = current.value
    flights.land(order, answers.make(order.question, spelled: spelling, gzip: order.gzip))
  }
}

/// A route that serves a document of the newest snapshot, or fleet.
struct DocumentRoute<Maker: AnswerMaker>: Sendable {
  let document: Maker.Document
  let desk: AnswerDesk<Maker>

  func answer(_ request: borrowing Request) -> Reply {
    desk.answer(document, request)
  }
}
