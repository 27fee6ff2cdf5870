import Curl
import Linux

/// One of the clients: a connection that is kept, and a thread that waits on it.
struct LoadClient: Sendable {
  let plan: LoadPlan
  let requests: [CurlRequest]
  /// Which of the clients this is, counted from 0.
  let index: Int
  /// The moment to begin, in nanoseconds on the monotonic clock.
  let start: Int64
  let stop: StopSign
  let progress: ClientProgress

  private let length: Int64
  private let schedule: OpenLoopSchedule?

  init(
    plan: LoadPlan, target: LoadTarget, index: Int, start: Int64, stop: StopSign,
    progress: ClientProgress
  ) {
    (self.plan, self.index, self.start, self.stop) = (plan, index, start, stop)
    self.progress = progress
    requests = target.urls.map { CurlRequest($0) }
    length = plan.turn.nanoseconds
    schedule = plan.rate.map { OpenLoopSchedule(rate: $0, client: index, of: plan.clients) }
  }

  /// Asks until the time is over or it must stop; blocks its thread.
  ///
  /// - Returns: what was counted, or why there can be no client at all.
  func run() -> Result<Tally, CurlError> {
    Result { () throws(CurlError) in
      let curl = try CurlHandle(timeout: plan.timeout, userAgent: Version.userAgent)
      var tally = Tally(slices: plan.slicesPerTurn)
      stop.sleep(until: start)
      var number = 0
      while let begun = begin(number) {
        // The clients begin at different paths, so that the mix is the same at every moment.
        ask(curl, requests[(index + number) % requests.count], since: begun, &tally)
        number += 1
      }
      tally.elapsed = stop.isUp ? now : max(now, length)
      if let schedule { tally.unsent = schedule.count(before: min(tally.elapsed, length)) - number }
      return tally
    }
  }

  /// Waits for the time of a request.
  ///
  /// - Returns: The moment from which its response time counts, or `nil` at the end. Whoever is late for a fixed rate
  ///   was held up by the answer before, and counts from when the request was due.
  private func begin(_ number: Int) -> Int64? {
    let arrived = now
    guard let due = schedule?.due(number) else {
      return stop.isUp || arrived >= length ? nil : arrived
    }
    guard due < length else { return nil }
    stop.sleep(until: start + due)
    let woken = now
    return stop.isUp || woken >= length ? nil : arrived > due ? due : woken
  }

  private func ask(
    _ curl: CurlHandle, _ request: CurlRequest, since begun: Int64, _ tally: inout Tally
  ) {
    do throws(CurlError) {
      tally.add(try curl.perform(request), from: begun, to: now, slice: plan.slice)
      progress.addAnswer()
    } catch {
      tally.failures[error.description, default: 0] += 1
      progress.addFailure()
      // A server that is gone must not be asked in a busy loop.
      stop.sleep(until: start + min(now + 100_000_000, length))
    }
  }

  /// Nanoseconds since the start.
  private var now: Int64 { Instant.monotonicNow() - start }
}
