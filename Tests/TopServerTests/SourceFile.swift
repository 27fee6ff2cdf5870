/// The types that a file of a layer declares and uses.
struct SourceFile {
  /// The folder below the root of the layers; empty for a file in the root itself.
  var folder: String
  var name: String
  /// The types that other files can name without qualification.
  var declared: Set<String> = []
  /// The names of types that belong to this file: declared at any depth, or generic parameters.
  var own: Set<String> = []
  /// The names of types that the file uses without qualification, or with that of the module.
  var named: Set<String> = []
  /// Functions and variables outside of types, which other files could use unseen.
  var loose: Set<String> = []

  var path: String { folder.isEmpty ? name : "\(folder)/\(name)" }

  /// - Parameter path: Relative to the root of the layers.
  init(path: String, text: String) {
    let parts = path.split(separator: "/")
    folder = parts.dropLast().joined(separator: "/")
    name = String(parts.last ?? "")
    let tokens = SwiftCode.tokens(of: text)
    var depth = 0
    for (place, token) in tokens.enumerated() {
      switch token {
      case .sign(UInt8(ascii: "{")): depth += 1
      case .sign(UInt8(ascii: "}")): depth -= 1
      case .sign: break
      case .word(let word):
        if Self.isType(word), !Self.isMember(tokens, place) { named.insert(word) }
        if depth == 0, Self.loose.contains(word), !Self.isPrivate(tokens, place) {
          loose.insert(Self.word(tokens, place + 1) ?? "operator")
        }
        if Self.declaring.contains(word), let name = Self.word(tokens, place + 1) {
          if Self.isType(name) {
            own.insert(name)
            if depth == 0, Self.visible.contains(word), !Self.isPrivate(tokens, place) {
              declared.insert(name)
            }
          }
          own.formUnion(Self.parameters(tokens, place + 2))
        }
        if word == "init" || word == "subscript" {
          own.formUnion(Self.parameters(tokens, place + 1))
        }
      }
    }
  }

  private static let visible: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]
  private static let declaring = visible.union(["associatedtype", "func"])
  private static let loose: Set = ["func", "var", "let", "operator"]
  private static let modifiers: Set = [
    "public", "internal", "private", "fileprivate", "final", "indirect", "nonisolated",
  ]

  private static func isType(_ word: String) -> Bool {
    word.unicodeScalars.first?.properties.isUppercase ?? false
  }

  private static func word(_ tokens: [SwiftCode.Token], _ place: Int) -> String? {
    tokens.indices.contains(place) ? tokens[place].word : nil
  }

  /// Whether a dot precedes the name, other than that of a range such as `0...Limits.most` or of `TopServer.Limits`.
  private static func isMember(_ tokens: [SwiftCode.Token], _ place: Int) -> Bool {
    let dot = SwiftCode.Token.sign(UInt8(ascii: "."))
    guard place > 0, tokens[place - 1] == dot else { return false }
    return place < 2 || (tokens[place - 2] != dot && tokens[place - 2] != .word("TopServer"))
  }

  private static func isPrivate(_ tokens: [SwiftCode.Token], _ place: Int) -> Bool {
    let before = tokens[..<place].reversed().prefix { $0.word.map(modifiers.contains) ?? false }
    return before.contains { $0 == .word("private") || $0 == .word("fileprivate") }
  }

  /// The names between the angle brackets that begin at an index.
  private static func parameters(_ tokens: [SwiftCode.Token], _ start: Int) -> Set<String> {
    guard tokens.indices.contains(start), tokens[start] == .sign(UInt8(ascii: "<")) else {
      return []
    }
    var names: Set<String> = []
    var depth = 0
    var isName = false
    for token in tokens[start...] {
      switch token {
      case .sign(UInt8(ascii: "<")): (depth, isName) = (depth + 1, depth == 0)
      case .sign(UInt8(ascii: ">")): depth -= 1
      case .sign(let sign): isName = sign == UInt8(ascii: ",") && depth == 1
      case .word(let word):
        if isName { names.insert(word) }
        isName = false
      }
      if depth == 0 { break }
    }
    return names
  }
}
