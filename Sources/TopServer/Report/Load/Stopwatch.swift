import Linux

/// Time since a start.
struct Stopwatch: Sendable {
  /// A moment on the monotonic clock, in nanoseconds.
  let start: Int64

  /// Nanoseconds since then.
  var elapsed: Int64 { Instant.monotonicNow() - start }
}
