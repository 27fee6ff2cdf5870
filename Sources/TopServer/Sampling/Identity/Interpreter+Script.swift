extension Interpreter {
  /// What an interpreter runs.
  enum Script: Equatable {
    case file(String)
    /// A module or a main class, whose dots are part of the name.
    case module(String)
    /// Code from an option or from standard input, or no code.
    case none
  }

  /// The maximum number of arguments that are looked at before the script.
  private static let mostOptions = 256

  /// Finds the script behind the options.
  ///
  /// - Parameters:
  ///   - start: The first argument after the name of the interpreter.
  ///   - place: The place of the script, if it is a file.
  func script(in arguments: ArgumentList, from start: Int, place: inout Int) -> Script {
    var index = start
    let end = min(arguments.count, start + Self.mostOptions)
    var command: String?
    while index < end {
      let argument = arguments.text(index)
      index += 1
      if argument == "-" { return .none }
      if case .files(let endings) = style {
        guard endings.contains(where: { argument.hasSuffix($0) }) else { continue }
        place = index - 1
        return .file(argument)
      }
      guard argument.hasPrefix("-") && argument != "--" || argument.hasPrefix("+") else {
        if argument == "--" {
          guard index < end else { return .none }
          place = index
          return .file(arguments.text(index))
        }
        // An argument file of java(1) is not read.
        if case .java = style, argument.hasPrefix("@") { continue }
        if case .commands(let running) = style, command == nil {
          command = argument
          if running.contains(argument) { continue }
          guard Self.isFile(argument) else { return .none }
        } else if case .commands = style, command == "run", !Self.isFile(argument) {
          // A task of package.json, which is not a program.
          return .none
        }
        place = index - 1
        if case .java = style { return .module(argument) }
        return .file(argument)
      }
      switch option(argument, next: index < end ? arguments.text(index) : nil) {
      case .skip(let count): index += count
      case .found(let script):
        place = index - 1
        return script
      }
    }
    return .none
  }

  private enum Step {
    /// This many arguments belong to the option.
    case skip(Int)
    case found(Script)
  }

  private func option(_ argument: String, next: String?) -> Step {
    if longCode.contains(argument) { return .found(.none) }
    if longValues.contains(argument) { return .skip(1) }
    if case .java = style {
      switch argument {
      case "-jar": return .found(next.map { .file($0) } ?? .none)
      case "-m", "--module": return .found(next.map { .module(Self.javaModule($0)) } ?? .none)
      default: return .skip(0)
      }
    }
    guard !argument.hasPrefix("--") else { return .skip(0) }
    var letters = argument.dropFirst()
    while let letter = letters.first {
      letters = letters.dropFirst()
      let value = letters.isEmpty ? next : String(letters)
      if code.contains(letter) { return .found(.none) }
      if modules.contains(letter) { return .found(value.map { .module($0) } ?? .none) }
      if scripts.contains(letter) { return .found(value.map { .file($0) } ?? .none) }
      if values.contains(letter) { return .skip(letters.isEmpty ? 1 : 0) }
      if attached.contains(letter) { return .skip(0) }
    }
    return .skip(0)
  }

  /// `module/main.Class` is called by its main class.
  private static func javaModule(_ text: String) -> String {
    IdentityText.lastComponent(text)
  }

  /// Whether a word is the name of a file rather than that of a command or a task.
  private static func isFile(_ word: String) -> Bool {
    word.utf8.contains {
      $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":")
    }
  }
}
