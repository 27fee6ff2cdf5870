import Dispatch
import Glibc
import Synchronization

/// Writes lines to a file on a background thread, so that a slow reader never blocks a caller.
///
/// A write to a full pipe blocks until the reader reads; see pipe(7). Meanwhile lines wait in memory, up to a limit in
/// bytes. Lines beyond the limit are dropped and counted, and a notice states their number. No thread is in use while
/// the queue is empty.
public final class LineQueue: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    /// Bytes of the write in progress.
    var underWay = 0
    /// Lines dropped since the last notice.
    var dropped = 0
    var hasWriter = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "lines")
  private let limit: Int
  private let notice: @Sendable (Int) -> String
  private let write: @Sendable ([UInt8]) -> Void

  /// Creates a queue that writes to standard error.
  ///
  /// - Parameters:
  ///   - limit: The maximum number of bytes that may wait.
  ///   - notice: Makes the line that states how many lines were dropped.
  public convenience init(limit: Int, notice: @escaping @Sendable (Int) -> String) {
    self.init(limit: limit, notice: notice) { Console.write($0, to: STDERR_FILENO) }
  }

  /// - Parameter write: Writes bytes and may block.
  init(
    limit: Int, notice: @escaping @Sendable (Int) -> String,
    write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    self.limit = limit
    self.notice = notice
    self.write = write
  }

  /// Queues a line.
  ///
  /// Never blocks.
  public func add(_ line: String) {
    let needsWriter = state.withLock { state in
      guard state.waiting.count + state.underWay + line.utf8.count < limit else {
        state.dropped += 1
        return false
      }
      appendNotice(&state)
      state.waiting += Array(line.utf8) + [0x0A]
      defer { state.hasWriter = true }
      return !state.hasWriter
    }
    if needsWriter { queue.async { self.writeAll() } }
  }

  /// Waits until all lines added so far are written, or until the time is over.
  ///
  /// - Returns: Whether all of them were written.
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

  /// Returns the next bytes to write; `nil` ends the writer.
  private func next() -> [UInt8]? {
    state.withLock { state in
      appendNotice(&state)
      guard !state.waiting.isEmpty else {
        (state.underWay, state.hasWriter) = (0, false)
        return nil
      }
      let lines = state.waiting
      (state.waiting, state.underWay) = ([], lines.count)
      return lines
    }
  }

  /// Appends the notice at the position of the dropped lines.
  private func appendNotice(_ state: inout State) {
    guard state.dropped > 0 else { return }
    state.waiting += Array(notice(state.dropped).utf8) + [0x0A]
    state.dropped = 0
  }
}
