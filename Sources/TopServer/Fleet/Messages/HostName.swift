/// The rules for host names, which come from clients and are shown, logged and stored.
enum HostName {
  /// The limit of a DNS name in bytes.
  ///
  /// See RFC 1035 section 2.3.4.
  static let longest = 253

  /// - Throws: A ``FleetRefusal`` that says what is accepted.
  static func check(_ name: String) throws(FleetRefusal) {
    guard (1...longest).contains(name.utf8.count), isPlain(name) else {
      throw FleetRefusal(
        cause: .badHostName,
        reason: "a host name has 1 to \(longest) bytes, and no spaces or control characters")
    }
  }

  /// A key that is the same for equal names: as in the DNS, names are case-insensitive.
  ///
  /// See RFC 4343. Swift compares strings by canonical equivalence, so the encoding of an accented letter does not
  /// matter.
  static func key(of name: String) -> String {
    // Nearly all names are lower case already.
    name.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) } ? name : name.lowercased()
  }

  /// Whether a text has no character that breaks a line, moves a cursor or changes the writing direction.
  private static func isPlain(_ name: String) -> Bool {
    name.unicodeScalars.allSatisfy { scalar in
      // Nearly all names are plain ASCII, and the categories of Unicode are slow to look up.
      if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned,
        .privateUse, .surrogate:
        return false
      // Invisible letters, such as the Hangul fillers.
      default: return !scalar.properties.isDefaultIgnorableCodePoint
      }
    }
  }
}
