import Dispatch
import Glibc
import Synchronization

/// Writes lines to a file on a thread of its own, so that no caller waits for a reader that does not read.
///
/// A write to a full pipe waits for its reader, see pipe(7). Meanwhile lines wait in memory, up to a limit in bytes;
/// those beyond it are counted, left out, and a line says how many there were. Nobody holds the thread while there is
/// nothing to write.
public final class LineQueue: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    /// Bytes that are being written.
    var underWay = 0
    /// Lines left out since a line last said so.
    var leftOut = 0
    var hasWriter = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "lines")
  private let limit: Int
  private let notice: @Sendable (Int) -> String
  private let write: @Sendable ([UInt8]) -> Void

  /// Writes to standard error.
  ///
  /// - Parameters:
  ///   - limit: Bytes that may wait.
  ///   - notice: The line that says how many lines were left out.
  public convenience init(limit: Int, notice: @escaping @Sendable (Int) -> String) {
    self.init(limit: limit, notice: notice) { Console.write($0, to: STDERR_FILENO) }
  }

  /// - Parameter write: Writes bytes, however long it takes.
  init(
    limit: Int, notice: @escaping @Sendable (Int) -> String,
    write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.limit = limit
    self.notice = notice
    self.write = write
  }

  /// Queues a line; never waits.
  public func add(_ line: String) {
    let needsWriter = state.withLock { state in
      guard state.waiting.count + state.underWay + line.utf8.count < limit else {
        state.leftOut += 1
        return false
      }
      tellLeftOut(&state)
      state.waiting += Array(line.utf8) + [0x0A]
      defer { state.hasWriter = true }
      return !state.hasWriter
    }
    if needsWriter { queue.async { self.writeAll() } }
  }

  /// Waits until all that was added before is written, but not longer than a time.
  ///
  /// - Returns: Whether it is.
  @discardableResult
  public func flush(within limit: Duration) -> Bool {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    let patience = DispatchTime.now() + .nanoseconds(Int(limit.nanoseconds))
    return done.wait(timeout: patience) == .success
  }

  private func writeAll() {
    while let lines = next() { write(lines) }
  }

  /// What is to be written next; `nil` ends the writer.
  private func next() -> [UInt8]? {
    state.withLock { state in
      tellLeftOut(&state)
      guard !state.waiting.isEmpty else {
        (state.underWay, state.hasWriter) = (0, false)
        return nil
      }
      let lines = state.waiting
      (state.waiting, state.underWay) = ([], lines.count)
      return lines
    }
  }

  /// The notice stands where the lines would have stood.
  private func tellLeftOut(_ state: inout State) {
    guard state.leftOut > 0 else { return }
    state.waiting += Array(notice(state.leftOut).utf8) + [0x0A]
    state.leftOut = 0
  }
}
