import Glibc

/// Lines for the person or script that started us, unbuffered.
public enum Console {
  /// Writes a line to standard output.
  public static func say(_ line: String) { write(line, to: STDOUT_FILENO) }

  /// Writes a line to standard error.
  public static func complain(_ line: String) { write(line, to: STDERR_FILENO) }

  /// Whether a person sees standard error on a terminal.
  ///
  /// See isatty(3).
  public static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Puts a text in the place of the terminal's last line, and leaves the cursor there.
  ///
  /// See console_codes(4): carriage return, then erase to the end of the line.
  public static func redraw(_ text: String) {
    write(Array("\r\(text)\u{1B}[K".utf8), to: STDERR_FILENO)
  }

  /// Writes text to standard output as it is.
  public static func write(_ text: [UInt8]) { write(text, to: STDOUT_FILENO) }

  private static func write(_ line: String, to descriptor: Int32) {
    write(Array((line + "\n").utf8), to: descriptor)
  }

  /// Writes bytes, however long the reader takes.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0 && errno == EINTR { continue }
      if written < 0 && errno == EAGAIN {
        // A program that shares the file has made it non-blocking. See poll(2).
        var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&file, 1, -1)
        continue
      }
      // Nobody reads us any more: there is no one left to tell.
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
