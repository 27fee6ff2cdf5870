import Glibc

/// Unbuffered output for the person or script that started this program.
public enum Console {
  /// Writes a line to standard output.
  public static func say(_ line: String) { write(line, to: STDOUT_FILENO) }

  /// Writes a line to standard error.
  public static func complain(_ line: String) { write(line, to: STDERR_FILENO) }

  /// Whether standard error is a terminal.
  ///
  /// See isatty(3).
  public static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Replaces the terminal's last line with a text and leaves the cursor behind it.
  ///
  /// See console_codes(4): carriage return, then erase to the end of the line.
  public static func redraw(_ text: String) {
    write(Array("\r\(text)\u{1B}[K".utf8), to: STDERR_FILENO)
  }

  /// Writes bytes to standard output unchanged.
  ///
  /// - Throws: a ``SystemCallError`` when the reader has closed the pipe or the disk is full, so that the program can
  ///   stop.
  public static func write(_ text: [UInt8]) throws(SystemCallError) {
    try deliver(text, to: STDOUT_FILENO)
  }

  private static func write(_ line: String, to descriptor: Int32) {
    write(Array((line + "\n").utf8), to: descriptor)
  }

  /// Writes all bytes and blocks until the reader has accepted them; ignores errors, since there is no place to report
  /// them.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    try? deliver(bytes, to: descriptor)
  }

  private static func deliver(_ bytes: [UInt8], to descriptor: Int32) throws(SystemCallError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 && errno == EINTR { continue }
      if written < 0 && errno == EAGAIN {
        // Another program that shares the file has made it non-blocking. See poll(2).
        var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&file, 1, -1)
        continue
      }
      guard written > 0 else { throw .last("write", "standard output") }
      rest = rest.dropFirst(written)
    }
  }
}
