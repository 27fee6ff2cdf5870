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

  /// Whether nothing in a text breaks a line, moves a cursor or turns the direction of writing.
  private static func isPlain(_ name: String) -> Bool {
    name.unicodeScalars.allSatisfy { scalar in
      // Nearly all names are plain ASCII, and the categories of Unicode are slow to look up.
      if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned,
        .privateUse, .surrogate:
        return false
      default: return true
      }
    }
  }
}
