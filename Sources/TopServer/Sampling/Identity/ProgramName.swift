/// What a person calls the program that a process runs, without its arguments.
///
/// It is the name of the executable, or of the script or module that an interpreter runs. A process can write anything
/// into its arguments, so these count only where the executable allows it; docs/processes.md has the rules.
struct ProgramName {
  /// The largest result in bytes of UTF-8.
  ///
  /// It is valid UTF-8 without control characters, and never empty.
  static let mostBytes = 64
  /// Shown when nothing has a name.
  static let unknown = "?"

  /// Derives the name.
  ///
  /// - Parameters:
  ///   - comm: The name that the kernel has.
  ///   - executable: `nil` if the link cannot be read, which other users' processes do not permit.
  static func of(
    comm: String, arguments: ArgumentList, executable: ExecutablePath?, isKernelThread: Bool
  ) -> String {
    let found =
      isKernelThread
      ? comm
      : ProgramName(comm: comm, arguments: arguments, executable: executable?.name).name()
    let visible = IdentityText.visible(found.utf8, atMost: mostBytes)
    return visible.isEmpty ? unknown : visible
  }

  private let comm: String
  private let arguments: ArgumentList
  /// The file name of the executable.
  private let executable: String?
  /// The first argument as text, without what cannot be part of a name.
  private let first: String

  private init(comm: String, arguments: ArgumentList, executable: String?) {
    self.comm = comm
    self.arguments = arguments
    self.executable = executable
    first = arguments.count > 0 ? arguments.text(0) : ""
  }

  private func name() -> String {
    if let title = titleBeforeColon() ?? workerInParentheses() { return title }
    let program = executable ?? calledName()
    if Interpreter.multiCall.contains(program) { return applet(of: program) }
    guard Interpreter.named(program) != nil else { return spelled(program) }
    return interpreted(by: program, from: 1, depth: 0) ?? titleOfScript(by: program)
      ?? spelled(program)
  }

  // MARK: - Titles

  /// `nginx: master process` is called `nginx`.
  ///
  /// The executable must have a related name or be an interpreter, so that a process cannot pass for another.
  private func titleBeforeColon() -> String? {
    guard let colon = first.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let after = first.utf8.index(after: colon)
    guard after == first.utf8.endIndex || first.utf8[after] == UInt8(ascii: " ") else { return nil }
    let title = String(first[..<colon])
    guard Self.isName(title) else { return nil }
    guard let executable, Interpreter.named(executable) == nil else { return title }
    return executable.hasPrefix(title) || title.hasPrefix(executable) ? title : nil
  }

  /// `(sd-pam)` and `(udev-worker)` are helpers of systemd, which call themselves so.
  private func workerInParentheses() -> String? {
    guard first.hasPrefix("("), first.hasSuffix(")"), agrees(first) else { return nil }
    guard let executable else { return first }
    return executable.hasPrefix("systemd") || executable == "udevadm" ? first : nil
  }

  /// A script that replaced its arguments by a title, such as `puma 5.6.5 (tcp://0.0.0.0:3000)`.
  private func titleOfScript(by program: String) -> String? {
    guard arguments.count == 1, !Interpreter.shells.contains(program) else { return nil }
    let word = IdentityText.lastComponent(first.prefix { $0 != " " })
    guard Self.isName(word), Interpreter.named(Self.withoutDash(word)) == nil else { return nil }
    return word
  }

  // MARK: - The name of the executable

  /// The name from the arguments and the kernel's, where the executable is unknown.
  private func calledName() -> String {
    let whole = Self.withoutDash(IdentityText.lastComponent(first))
    if Self.isName(whole), agrees(whole) || Interpreter.named(whole) != nil { return whole }
    // Some programs write all their arguments into the first one.
    let word = first.prefix { $0 != " " }
    let name = Self.withoutDash(IdentityText.lastComponent(word))
    let isPath = word.hasPrefix("/") || word.hasPrefix("./")
    if Self.isName(name),
      isPath && name != "exe" || agrees(name) || comm.hasPrefix(name + " ")
        || isUnnamed
    {
      return name
    }
    return comm.isEmpty ? name : comm
  }

  /// The name of the executable as it was started: `vim` for `vim.basic`, and `sh` for `dash`.
  private func spelled(_ program: String) -> String {
    let called = Self.withoutDash(IdentityText.lastComponent(first))
    guard called != program, Self.isName(called) else { return program }
    if called == "sh", Interpreter.shells.contains(program) { return called }
    // Only a version or a variant may follow.
    guard program.hasPrefix(called), let next = program.utf8.dropFirst(called.utf8.count).first,
      next == UInt8(ascii: ".") || next == UInt8(ascii: "-") || next &- 0x30 <= 9
    else { return program }
    return called
  }

  /// `busybox` is called by its applet, which is the name that it was started under or its first argument.
  private func applet(of program: String) -> String {
    var name = Self.withoutDash(IdentityText.lastComponent(first))
    var next = 1
    if name == program || Interpreter.multiCall.contains(name), arguments.count > 1 {
      name = arguments.text(1)
      next = 2
      for option in ["--coreutils-prog=", "--coreutils-prog-shebang="] where name.hasPrefix(option)
      {
        name = String(name.dropFirst(option.count))
      }
    }
    guard Self.isName(name), !name.hasPrefix("-") else { return program }
    return interpreted(by: name, from: next, depth: 0) ?? name
  }

  // MARK: - Interpreters

  /// What the interpreter runs; `nil` if it is no interpreter, or runs code without a name.
  private func interpreted(by program: String, from start: Int, depth: Int) -> String? {
    guard let interpreter = Interpreter.named(program) else { return nil }
    var place = start
    switch interpreter.script(in: arguments, from: start, place: &place) {
    case .none: return nil
    case .module(let module):
      let name = module.hasSuffix(".__main__") ? String(module.dropLast(9)) : module
      return Self.isName(name) ? Self.shortened(name) : nil
    case .file(let path):
      // A descriptor, such as that of `<(…)`, has no name.
      guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return nil }
      var name = IdentityText.lastComponent(path)
      if name == "__main__.py" {
        let folder = IdentityText.lastComponent(path.dropLast(name.count))
        if !folder.isEmpty { name = folder }
      }
      guard Self.isName(name, mayHaveSpaces: true) else { return nil }
      if interpreter.runsPrograms, depth < 2,
        let inner = interpreted(by: name, from: place + 1, depth: depth + 1)
      {
        return inner
      }
      return name
    }
  }

  // MARK: - Names

  /// Whether the kernel's name, which has 15 bytes at most, is that of a file with this name.
  private func agrees(_ name: String) -> Bool {
    !comm.isEmpty && (name == comm || comm.utf8.count >= 15 && name.hasPrefix(comm))
  }

  /// Whether the kernel's name is that of a descriptor: a program that was started from memory or by fexecve(3).
  private var isUnnamed: Bool {
    comm.hasPrefix("memfd:") || comm.utf8.allSatisfy { $0 &- 0x30 <= 9 }
  }

  /// A login shell has a dash before its name.
  private static func withoutDash(_ name: String) -> String {
    name.hasPrefix("-") ? String(name.dropFirst()) : name
  }

  /// A main class that is too long loses its packages.
  private static func shortened(_ module: String) -> String {
    guard module.utf8.count > mostBytes, let dot = module.utf8.lastIndex(of: UInt8(ascii: "."))
    else { return module }
    return String(module[module.utf8.index(after: dot)...])
  }

  /// Whether a text can be the name of a program: it has a letter or a digit, and neither control characters nor
  /// anything that is not valid UTF-8.
  private static func isName(_ text: String, mayHaveSpaces: Bool = false) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 255 else { return false }
    var hasLetter = false
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x20 where mayHaveSpaces: break
      case ..<0x21, 0x2F, 0x7F, 0xFFFD: return false
      case 0x80...:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
        default: hasLetter = true
        }
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: hasLetter = true
      default: break
      }
    }
    return hasLetter
  }
}
