import Jansson
import MicroHTTPD

extension BodyBuilder {
  /// A JSON object with one more member, whose elements are made one after the other.
  ///
  /// - Parameters:
  ///   - object: Has one member at least.
  ///   - bytes: How long the elements will be together, as far as one knows.
  static func listing(
    _ object: JSONValue, _ name: String, _ elements: some Sequence<JSONValue>, bytes: Int
  ) -> Body {
    let head = object.encoded()
    var text = BodyBuilder(capacity: head.count + name.utf8.count + bytes + 64)
    text.append(Array(head.dropLast()))
    text.append(",")
    text.append(JSONValue.string(name).encoded())
    text.append(":[")
    var isFirst = true
    for element in elements {
      if !isFirst { text.append(",") }
      isFirst = false
      text.append(element.encoded())
    }
    text.append("]}\n")
    return text.finish()
  }
}
