import CPCRE2

/// Searches texts for patterns, with a limit on the work of all searches together.
///
/// It keeps the library's memory between searches, so a search allocates nothing. One thread uses it at a time. See
/// pcre2_match(3).
@safe public final class PatternSearch {
  /// The largest memory of a search in KiB; deeper backtracking is an error.
  static let mostMemory: UInt32 = 1024

  /// A search that ended before it knew the answer.
  public enum Failure: Error {
    /// The steps are used up.
    case tooManySteps
    /// The expression nests or backtracks too deeply for this text.
    case tooDeep
  }

  private let data: OpaquePointer
  private let context: OpaquePointer
  private let budget: UnsafeMutablePointer<cpcre2_budget>

  /// - Parameter steps: What all searches may take together. A step is one item of a pattern at one place of a text,
  ///   some 10 ns, and a repetition over a long text is several steps.
  public init(steps: Int) {
    guard let data = unsafe pcre2_match_data_create_8(1, nil),
      let context = unsafe pcre2_match_context_create_8(nil)
    else { preconditionFailure("PCRE2 had no memory for a search") }
    unsafe self.data = data
    unsafe self.context = context
    unsafe budget = .allocate(capacity: 1)
    unsafe budget.initialize(to: cpcre2_budget(left: UInt64(max(0, steps)), pattern: nil))
    unsafe pcre2_set_heap_limit_8(context, Self.mostMemory)
    unsafe cpcre2_count(context, budget)
  }

  deinit {
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_match_data_free_8(data)
    unsafe budget.deallocate()
  }

  /// Steps that are left.
  public var steps: Int { unsafe Int(budget.pointee.left) }

  /// Whether the pattern matches some part of the text.
  public func finds(_ pattern: Pattern, in text: String) throws(Failure) -> Bool {
    unsafe budget.pointee.pattern = UnsafePointer(pattern.source.baseAddress)
    var text = text
    // A Swift string is valid UTF-8, so the library need not check it.
    let status = text.withUTF8 {
      // An empty string can lack an address.
      guard let start = $0.baseAddress else {
        return unsafe search(pattern, "", 0)
      }
      return unsafe search(pattern, start, $0.count)
    }
    switch status {
    case PCRE2_ERROR_NOMATCH: return false
    case PCRE2_ERROR_MATCHLIMIT: throw .tooManySteps
    case 0...: return true
    default: throw .tooDeep
    }
  }

  private func search(_ pattern: Pattern, _ text: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    unsafe pcre2_match_8(pattern.code, text, count, 0, PCRE2_NO_UTF_CHECK, data, context)
  }
}
