import CPCRE2

/// A compiled regular expression.
///
/// Threads can share it: the library only reads it. It is UTF-8, and lacks `\C`, which could split a character. See
/// pcre2_compile(3) and pcre2pattern(3).
@safe public final class Pattern: @unchecked Sendable {
  /// The longest accepted pattern in bytes of UTF-8.
  public static let mostBytes = 2048
  /// The deepest accepted nesting of parentheses.
  public static let deepestNesting: UInt32 = 50

  public let text: String
  let code: OpaquePointer
  /// The text in C's form, which the counting of steps reads.
  let source: UnsafeMutableBufferPointer<CChar>

  /// Compiles the pattern.
  public init(_ text: String) throws(PatternError) {
    guard text.utf8.count <= Self.mostBytes else {
      throw PatternError(
        message: "the expression has more than \(Self.mostBytes) bytes", place: 0)
    }
    guard let context = unsafe pcre2_compile_context_create_8(nil) else { throw .noMemory }
    defer { unsafe pcre2_compile_context_free_8(context) }
    unsafe pcre2_set_parens_nest_limit_8(context, Self.deepestNesting)
    var status: Int32 = 0
    var place = 0
    let options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT
    let bytes = Array(text.utf8)
    let code = unsafe bytes.withUnsafeBufferPointer {
      unsafe pcre2_compile_8($0.baseAddress, $0.count, options, &status, &place, context)
    }
    guard let code = unsafe code else {
      throw PatternError(
        message: Self.message(status),
        // The library reads no further than the end.
        place: String(decoding: bytes.prefix(place), as: UTF8.self).count)
    }
    self.text = text
    unsafe self.code = code
    unsafe source = .allocate(capacity: bytes.count + 1)
    unsafe source.initialize(repeating: 0)
    for (index, byte) in bytes.enumerated() { unsafe source[index] = CChar(bitPattern: byte) }
  }

  deinit {
    unsafe pcre2_code_free_8(code)
    unsafe source.deallocate()
  }

  /// The memory of the compiled expression in bytes, up to 64 KiB: repetitions of groups are copies of them.
  ///
  /// See pcre2_pattern_info(3).
  public var size: Int {
    var size = 0
    let status = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_SIZE), &size)
    precondition(status == 0, "PCRE2 knows the size of its own patterns")
    return size
  }

  private static func message(_ status: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let count = unsafe pcre2_get_error_message_8(status, &text, text.count)
    return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
  }
}

/// What is wrong with a regular expression.
public struct PatternError: Error, Equatable {
  public let message: String
  /// The number of characters before the mistake.
  public let place: Int

  static let noMemory = PatternError(message: "no memory is left", place: 0)
}
