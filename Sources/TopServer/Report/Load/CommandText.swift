/// A command as it can be typed again.
enum CommandText {
  /// The program by its name alone, wherever it lies, and its arguments as a shell takes them.
  static func words(_ arguments: [String]) -> [String] {
    let program = arguments.first?.split(separator: "/").last.map(String.init) ?? "topserver"
    return ([program] + arguments.dropFirst()).map(quoted)
  }

  /// See sh(1), "Quoting".
  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "-_./:=,@%+".utf8.contains($0)
      }
    }
    if isPlain, !argument.isEmpty { return argument }
    return "'\(argument.replacing("'", with: "'\\''"))'"
  }
}
