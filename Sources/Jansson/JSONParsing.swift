import CJansson

extension JSONValue {
  /// Parses a JSON text.
  ///
  /// It must be UTF-8, and no object may contain a name twice.
  ///
  /// The corresponding C function is `json_loadb`. See RFC 8259.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL
    var problem = json_error_t()
    let root = unsafe bytes.withUnsafeBytes {
      unsafe json_loadb($0.baseAddress, $0.count, Int(flags), &problem)
    }
    guard let root = unsafe root else { throw JSONError(problem) }
    defer { unsafe json_decref(root) }
    unsafe self.init(root)
  }

  private init(_ node: UnsafeMutablePointer<json_t>) {
    switch unsafe node.pointee.type {
    case JSON_OBJECT: self = unsafe .object(Self.members(of: node))
    case JSON_ARRAY:
      self = .array(
        (0..<(unsafe json_array_size(node))).compactMap { index in
          unsafe json_array_get(node, index).map { unsafe JSONValue($0) }
        })
    case JSON_STRING: self = unsafe .string(Self.string(in: node))
    case JSON_INTEGER: self = unsafe .integer(json_integer_value(node))
    case JSON_REAL: self = unsafe .real(json_real_value(node))
    case JSON_TRUE: self = .bool(true)
    case JSON_FALSE: self = .bool(false)
    default: self = .null
    }
  }

  private static func members(of node: UnsafeMutablePointer<json_t>) -> [Member] {
    var members: [Member] = []
    var place = unsafe json_object_iter(node)
    while let here = unsafe place {
      if let name = unsafe json_object_iter_key(here),
        let value = unsafe json_object_iter_value(here)
      {
        unsafe members.append(Member(String(cString: name), JSONValue(value)))
      }
      unsafe place = json_object_iter_next(node, here)
    }
    return members
  }

  /// The text of a string node.
  ///
  /// A string may contain NUL, so this uses the length.
  private static func string(in node: UnsafeMutablePointer<json_t>) -> String {
    let count = unsafe json_string_length(node)
    guard let text = unsafe json_string_value(node) else { return "" }
    return unsafe text.withMemoryRebound(to: UInt8.self, capacity: count) {
      unsafe String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
  }
}

extension JSONError {
  fileprivate init(_ problem: json_error_t) {
    let reason = unsafe withUnsafeBytes(of: problem.text) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    self.init(line: Int(problem.line), column: Int(problem.column), reason: reason)
  }
}
