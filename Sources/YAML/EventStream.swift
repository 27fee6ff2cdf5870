import CYAML

/// Iterates over the parsing events of libyaml.
///
/// It owns the text and the parser for its whole lifetime, so it is safe. See yaml.h, `yaml_parser_parse`.
@safe final class EventStream {
  struct Event {
    enum Kind: Equatable {
      case streamStart, streamEnd, documentStart, documentEnd
      case scalar(String, isPlain: Bool)
      case alias(String)
      case sequenceStart, mappingStart
      /// The end of the innermost sequence or mapping.
      case end
    }

    var kind: Kind
    var mark: YAMLMark
    /// The anchor that aliases can refer to.
    var anchor: String?
    var hasTag = false
  }

  private let text: UnsafeMutableBufferPointer<UInt8>
  /// libyaml keeps a pointer to the parser, so its address must not change.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ bytes: [UInt8]) {
    unsafe text = .allocate(capacity: max(1, bytes.count))
    _ = unsafe text.initialize(from: bytes)
    unsafe parser = .allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("libyaml had no memory for a parser")
    }
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  func next() throws(YAMLError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw error() }
    defer { unsafe yaml_event_delete(&event) }
    let data = unsafe event.data
    let kind: Event.Kind
    var anchor: UnsafeMutablePointer<yaml_char_t>?
    var tag: UnsafeMutablePointer<yaml_char_t>?
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT:
      kind = .alias(unsafe Self.string(data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = .scalar(
        unsafe String(decoding: bytes, as: UTF8.self),
        isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
      unsafe (anchor, tag) = (scalar.anchor, scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      kind = .sequenceStart
      unsafe (anchor, tag) = (data.sequence_start.anchor, data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      kind = .mappingStart
      unsafe (anchor, tag) = (data.mapping_start.anchor, data.mapping_start.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .end
    // After the end, libyaml returns empty events.
    default: kind = .streamEnd
    }
    return unsafe Event(
      kind: kind, mark: YAMLMark(event.start_mark), anchor: Self.string(anchor),
      hasTag: tag != nil)
  }

  private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let text = unsafe text else { return nil }
    return unsafe String(cString: text)
  }

  /// The error that libyaml reports after a failed call.
  private func error() -> YAMLError {
    let state = unsafe parser.pointee
    guard let problem = unsafe state.problem else {
      preconditionFailure("libyaml had no memory for a text")
    }
    let reason = unsafe String(cString: problem)
    // An invalid byte has only an offset, since libyaml has not split the text into lines yet.
    guard unsafe state.error == YAML_READER_ERROR else {
      return unsafe YAMLError(YAMLMark(state.problem_mark), reason)
    }
    return YAMLError(YAMLMark(after: unsafe Array(text.prefix(state.problem_offset))), reason)
  }
}

extension YAMLMark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }

  /// The position after these bytes.
  fileprivate init(after bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    self.init(
      line: lines.count, column: String(decoding: lines.last ?? [], as: UTF8.self).count + 1)
  }
}
