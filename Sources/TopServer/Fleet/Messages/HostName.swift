/// The rules for the name of a host: it comes from a client, and is shown to people, logged and kept.
enum HostName {
  /// As many bytes as a name of the DNS has at most.
  ///
  /// See RFC 1035 section 2.3.4.
  static let longest = 253

  /// - Throws: a ``FleetRefusal`` that says what is accepted.
  static func check(_ name: String) throws(FleetRefusal) {
    guard (1...longest).contains(name.utf8.count), isPlain(name) else {
      throw FleetRefusal(
        cause: .badHostName,
        reason: "a host name has 1 to \(longest) bytes, and no spaces or control characters")
    }
  }

  /// What names have in common that are the same: as in the DNS, upper and lower case do not tell hosts apart.
  ///
  /// See RFC 4343. Swift compares texts by what they show, so a letter with an accent is the same however it is encoded.
  static func key(of name: String) -> String {
    // Nearly all names are in lower case already.
    name.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) } ? name : name.lowercased()
  }

  /// Whether nothing in a text breaks a line, moves a cursor or turns the direction of writing.
  private static func isPlain(_ name: String) -> Bool {
    name.unicodeScalars.allSatisfy { scalar in
      // Nearly all names are plain ASCII, and the categories of Unicode are slow to look up.
      if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned,
        .privateUse, .surrogate:
        return false
      // Letters that show nothing, such as the fillers of Hangul.
      default: return !scalar.properties.isDefaultIgnorableCodePoint
      }
    }
  }
}
