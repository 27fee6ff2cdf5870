import CJansson

extension JSONValue {
  /// The value as compact JSON in UTF-8, encoded by jansson.
  ///
  /// `/`, U+2028 and U+2029 are not escaped: the text is served as JSON and never embedded in HTML or scripts.
  public func encoded() -> [UInt8] {
    let root = unsafe makeNode()
    defer { unsafe json_decref(root) }
    var text: [UInt8] = []
    // 15 digits preserve a number with two decimals. 17 digits would show binary rounding errors.
    let flags = Int(JSON_COMPACT) | Int(JSON_ENCODE_ANY) | Int(cjansson_real_precision(15))
    let status = unsafe withUnsafeMutablePointer(to: &text) { target in
      unsafe json_dump_callback(root, append, target, flags)
    }
    precondition(status == 0, "jansson refused a tree of its own nodes")
    return text
  }

  /// The value as a jansson node.
  ///
  /// The caller owns the reference.
  private func makeNode() -> UnsafeMutablePointer<json_t> {
    let node: UnsafeMutablePointer<json_t>?
    switch self {
    case .null: unsafe node = json_null()
    case .bool(let value): unsafe node = value ? json_true() : json_false()
    case .integer(let value): unsafe node = json_integer(value)
    case .real(let value): unsafe node = value.isFinite ? json_real(value) : json_null()
    case .string(let value): unsafe node = Self.makeString(value)
    case .array(let values):
      unsafe node = json_array()
      for value in values { unsafe json_array_append_new(node, value.makeNode()) }
    case .object(let members):
      unsafe node = json_object()
      for member in members {
        unsafe json_object_set_new_nocheck(node, member.name, member.value.makeNode())
      }
    }
    guard let node = unsafe node else { preconditionFailure("jansson had no memory for a node") }
    return unsafe node
  }

  /// Creates a string node without validation, since a Swift string is always valid UTF-8.
  ///
  /// It may contain NUL.
  private static func makeString(_ value: String) -> UnsafeMutablePointer<json_t>? {
    unsafe value.withCString { unsafe json_stringn_nocheck($0, value.utf8.count) }
  }
}

/// The `json_dump_callback_t`, which appends jansson's output to the array that `target` points to.
private func append(
  _ bytes: UnsafePointer<CChar>?, _ count: Int, _ target: UnsafeMutableRawPointer?
) -> CInt {
  guard let target = unsafe target, let bytes = unsafe bytes else { return -1 }
  unsafe bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
    unsafe target.assumingMemoryBound(to: [UInt8].self).pointee
      .append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
  }
  return 0
}
