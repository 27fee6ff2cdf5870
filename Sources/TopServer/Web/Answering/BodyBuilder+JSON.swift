import Jansson
import MicroHTTPD

extension BodyBuilder {
  /// A JSON object with one more member, an array whose elements are encoded one after the other.
  ///
  /// - Parameters:
  ///   - object: Must have at least one member.
  ///   - bytes: The estimated length of all elements.
  /// - Throws: `CancellationError` when the task is cancelled.
  static func listing(
    _ object: JSONValue, _ name: String, _ elements: some Sequence<JSONValue>, bytes: Int
  ) throws -> Body {
    let head = object.encoded()
    var text = BodyBuilder(capacity: head.count + name.utf8.count + bytes + 64)
    text.append(Array(head.dropLast()))
    text.append(",")
    text.append(JSONValue.string(name).encoded())
    text.append(":[")
    var isFirst = true
    for element in elements {
      try Task.checkCancellation()
      if !isFirst { text.append(",") }
      isFirst = false
      text.append(element.encoded())
    }
    text.append("]}\n")
    return text.finish()
  }
}
