import Curl
import Linux
import Synchronization

/// One of the clients: a kept connection and a thread that uses it.
struct LoadClient: Sendable {
  let plan: LoadPlan
  let target: LoadTarget
  /// The index of the client, starting at 0.
  let index: Int
  let line: StartingLine
  let stop: StopSign
  let progress: ClientProgress

  /// Sends requests until the time is over or the run must stop.
  ///
  /// Blocks its thread.
  ///
  /// - Returns: The counts, or the reason why no client could be created.
  func run() -> Result<Tally, CurlError> {
    Result { () throws(CurlError) in
      let curl = try CurlHandle(timeout: plan.timeout, userAgent: Version.userAgent)
      return ask(curl, watch: line.arrive(unless: stop))
    }
  }

  private func ask(_ curl: CurlHandle, watch: Stopwatch) -> Tally {
    let (length, slice) = (plan.turn.nanoseconds, plan.slice)
    let requests = target.urls.map { CurlRequest($0) }
    let schedule = plan.rate.map { OpenLoopSchedule(rate: $0, client: index, of: plan.clients) }
    var tally = Tally(slices: plan.slicesPerTurn)
    var number = 0
    while let begun = begin(due: schedule?.due(number), before: length, watch) {
      do throws(CurlError) {
        // Clients start at different paths, so that the mix is the same at any time.
        let answer = try curl.perform(requests[(index + number) % requests.count])
        tally.add(answer, from: begun, to: watch.elapsed, slice: slice)
        progress.addAnswer()
      } catch {
        tally.failures[error.description, default: 0] += 1
        progress.addFailure()
        // A server that is down must not be queried in a busy loop.
        stop.sleep(until: watch.start + min(watch.elapsed + 100_000_000, length))
      }
      number += 1
    }
    tally.elapsed = stop.isUp ? watch.elapsed : max(watch.elapsed, length)
    if let schedule { tally.unsent = schedule.count(before: min(tally.elapsed, length)) - number }
    return tally
  }

  /// Waits until a request is due.
  ///
  /// - Parameters:
  ///   - due: The time at which a fixed rate requires the request, in nanoseconds since the start.
  ///   - length: The end of the run, likewise.
  /// - Returns: The time at which the response time starts, or `nil` at the end. At a fixed rate, a client that is late
  ///   was delayed by the previous answer, so the time starts when the request was due.
  private func begin(due: Int64?, before length: Int64, _ watch: Stopwatch) -> Int64? {
    let arrived = watch.elapsed
    guard let due else { return stop.isUp || arrived >= length ? nil : arrived }
    guard due < length else { return nil }
    stop.sleep(until: watch.start + due)
    let woken = watch.elapsed
    return stop.isUp || woken >= length ? nil : arrived > due ? due : woken
  }
}

/// The progress of a client, which other threads can read during the run.
final class ClientProgress: Sendable {
  private let answered = Atomic(0)
  private let failed = Atomic(0)

  var answers: Int { answered.load(ordering: .relaxed) }
  var failures: Int { failed.load(ordering: .relaxed) }

  func addAnswer() { answered.add(1, ordering: .relaxed) }
  func addFailure() { failed.add(1, ordering: .relaxed) }
}
