/// Replaces secrets in the arguments of a command, one argument after the other.
///
/// It removes values after options and variables whose names look secret (``SecretNames``), passwords in URLs, what
/// follows `Authorization:` and `Bearer`, PEM blocks, and access keys by their form; also inside of one argument, such
/// as that of `sh -c`. The time is linear in the length of the argument.
///
/// It cannot know every program: a password that is an argument of its own, without a name before it, stays.
struct CommandScrubber {
  static let mask = Array("***".utf8)

  /// Programs that run an argument as code.
  private static let runners = [
    "ssh", "su", "watch", "xargs", "parallel", "tmux", "screen", "runuser", "script",
  ]
  .map { Array($0.utf8) }

  /// What the next argument is.
  private enum Expected {
    case anything
    case secret
    /// `user:password`, of which the name may be shown.
    case login
  }

  private var expected = Expected.anything
  private var letters = SecretNames.Letters()
  /// Whether a shell was named, whose option `-c` has code.
  private var hasShell = false
  private var isAfterShellOption = false
  /// Whether a program was named that runs its arguments as code.
  private var runsText = false

  // The argument that is being read.
  private var bytes: ArraySlice<UInt8> = []
  private var output: [UInt8] = []
  private var place = 0
  private var isFirst = false
  private var isCut = false
  /// Whether the argument is the code of a shell.
  private var isCode = false
  private var quotes = QuoteState(isShell: false)
  private var wordBefore: ArraySlice<UInt8> = []
  /// The end of the text without spaces and quotes around ``place``, and its last `@`.
  private var token = (end: 0, at: Int?.none)

  /// The argument without its secrets.
  ///
  /// - Parameters:
  ///   - isFirst: Whether it is the name of the command.
  ///   - isCut: Whether its end is missing.
  mutating func scrub(_ argument: ArraySlice<UInt8>, isFirst: Bool, isCut: Bool) -> [UInt8] {
    (bytes, output, place) = (argument, [], argument.startIndex)
    (self.isFirst, self.isCut, wordBefore) = (isFirst, isCut, [])
    isCode = isAfterShellOption || runsText && argument.contains { $0.isSpace }
    quotes = QuoteState(isShell: isCode)
    token = (place, nil)
    let expected = self.expected
    self.expected = .anything
    switch expected {
    case .secret where !(argument.first == .dash && SecretNames.isSecret(firstName())):
      output = Self.mask
      // The value of an option can be missing, and this can be the next option, so what follows is hidden too.
      if argument.first == .dash { self.expected = .secret }
    case .login: scrubLogin(to: bytes.endIndex)
    default: break
    }
    if output.isEmpty { while place < bytes.endIndex { step() } }
    isAfterShellOption =
      hasShell && argument.first == .dash && argument.last == UInt8(ascii: "c")
    return output
  }

  private func firstName() -> ArraySlice<UInt8> { bytes.prefix { $0.isInName } }

  private mutating func step() {
    let byte = bytes[place]
    if byte.isInName {
      word()
    } else if byte == UInt8(ascii: ":") {
      colon()
    } else {
      // Only the name of the command is exempt from some rules.
      if byte.isSpace { isFirst = false }
      emit(to: place + 1)
    }
  }

  /// Shows the bytes.
  private mutating func emit(to end: Int) {
    for byte in bytes[place..<end] { quotes.pass(byte) }
    output += bytes[place..<end]
    place = end
  }

  private mutating func hide(to end: Int) {
    if end > place || isCut && end == bytes.endIndex { output += Self.mask }
    // Outside of code, a value is within the same quotes as its name.
    if isCode { for byte in bytes[place..<end] { quotes.pass(byte) } }
    place = end
  }

  // MARK: - Words

  /// Reads a word of letters, digits, dashes, dots and underscores, and the value that belongs to it.
  private mutating func word() {
    let start = place
    let end = bytes[start...].firstIndex { !$0.isInName } ?? bytes.endIndex
    let word = bytes[start..<end]
    let before = start > bytes.startIndex ? bytes[start - 1] : nil
    defer { wordBefore = word }
    if word.starts(with: "-----BEGIN".utf8) { return hideBlock() }
    if SecretNames.hasSecretForm(word, isCut: isCut && end == bytes.endIndex) {
      return hide(to: bytes[end...].firstIndex { !$0.isInKey } ?? bytes.endIndex)
    }
    let program = SecretNames.letters(of: word)
    if let letters = program {
      self.letters.add(letters)
    }
    if word.count <= 5, Interpreter.shells.contains(String(decoding: word, as: UTF8.self)) {
      hasShell = true
    }
    if Self.runners.contains(where: { word.elementsEqual($0) }) { runsText = true }
    if !isFirst, loginOption(word) || letterOption(word, before) { return }
    let isNamed = program == nil && SecretNames.isSecret(word)
    if isNamed, let value = valueAfter(end) { return hideNamed(word, value, before) }
    emit(to: end)
    guard !isFirst || word.first == .dash else { return }
    if end == bytes.endIndex {
      let isAlone = start == bytes.startIndex || before == UInt8(ascii: ":")
      if isNamed, word.first == .dash || isAlone { expected = .secret }
    } else if isNamed && word.first == .dash || SecretNames.isStrong(word) || isScheme(word)
      || word.lowered("by") && wordBefore.lowered("identified"), spaceLength(at: end) > 0
    {
      hideNextWord()
    }
  }

  private func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
    word.lowered("bearer") || word.lowered("basic") || word.lowered("digest")
      || word.lowered("negotiate")
  }

  /// The place behind `=` or `:`, which can follow quotes, brackets and spaces: `"password" : "x"`.
  private func valueAfter(_ end: Int) -> Int? {
    var end = end
    while end < bytes.endIndex,
      bytes[end].isQuote || bytes[end] == UInt8(ascii: "\\") || bytes[end] == UInt8(ascii: "]")
    {
      end += 1
    }
    while end < bytes.endIndex, bytes[end].isBlank { end += 1 }
    guard end < bytes.endIndex, bytes[end] == UInt8(ascii: "=") || bytes[end] == UInt8(ascii: ":")
    else { return nil }
    end += 1
    while end < bytes.endIndex, bytes[end] == UInt8(ascii: "=") || bytes[end] == UInt8(ascii: ">") {
      end += 1
    }
    return end
  }

  private mutating func hideNamed(_ word: ArraySlice<UInt8>, _ value: Int, _ before: UInt8?) {
    let isHeader = bytes[value - 1] == UInt8(ascii: ":")
    let isAtStart = place == bytes.startIndex
    let isQuery = before == UInt8(ascii: "?") || before == UInt8(ascii: "&")
    emit(to: value)
    if value == bytes.endIndex {
      if isHeader || word.first == .dash { expected = .secret }
      return
    }
    // The value of an option or a variable is the rest of its argument, unless the argument is code.
    if !isCode, !isQuery, isAtStart || bytes.first == .dash { return hide(to: bytes.endIndex) }
    while place < bytes.endIndex, bytes[place].isBlank { emit(to: place + 1) }
    guard place < bytes.endIndex else { return }
    if !isCode {
      if hideQuoted() { return }
      switch bytes[place] {
      case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "("): return hide(to: bytes.endIndex)
      default: break
      }
    }
    // A header, or a line of YAML. In code it can only stand in a here-document.
    if isHeader, place > value, quotes.isPlain || !isCode { return hide(to: end(of: .line)) }
    if !isCode, before?.isQuote == true, before == quotes.open { return hide(to: end(of: .quotes)) }
    hide(to: end(of: isQuery ? .query : .word))
  }

  private enum Extent {
    case word, line, query
    /// To the end of the quotes that are open.
    case quotes
  }

  /// The end of a value that begins here.
  ///
  /// Quotes that open inside of the value are skipped with what they contain, and so are escaped characters.
  private func end(of extent: Extent) -> Int {
    var state = isCode ? quotes : QuoteState(isShell: false)
    var index = place
    while index < bytes.endIndex {
      let byte = bytes[index]
      if extent == .query, byte == UInt8(ascii: "&") || byte == UInt8(ascii: "#") { return index }
      if state.isPlain {
        if !isCode, byte == quotes.open { return index }
        switch extent {
        case .word, .query: if byte.isSpace || isCode && byte.endsCommand { return index }
        case .line: if byte == UInt8(ascii: "\n") { return index }
        case .quotes: break
        }
      }
      // Quotes that close at the end of a word are shown.
      if isCode, byte == quotes.open, state.closes(byte),
        index + 1 == bytes.endIndex || bytes[index + 1].isSpace
      {
        return index
      }
      // Within quotes that are open already, others are only letters.
      if isCode || quotes.open == nil || byte == UInt8(ascii: "\\") || !state.isPlain {
        state.pass(byte)
      }
      index += 1
    }
    return bytes.endIndex
  }

  /// Hides a value in quotes, also in escaped ones, and shows the quotes.
  private mutating func hideQuoted() -> Bool {
    let start = place
    var opening = start
    while opening < bytes.endIndex, bytes[opening] == UInt8(ascii: "\\") { opening += 1 }
    guard opening < bytes.endIndex, bytes[opening].isQuote,
      opening > start || bytes[opening] != quotes.open
    else {
      return false
    }
    let (quote, escapes) = (bytes[opening], opening - start)
    emit(to: opening + 1)
    var index = place
    var backslashes = 0
    while index < bytes.endIndex {
      if bytes[index] == quote, escapes == 0 ? backslashes % 2 == 0 : backslashes == escapes {
        break
      }
      backslashes = bytes[index] == UInt8(ascii: "\\") ? backslashes + 1 : 0
      index += 1
    }
    guard index < bytes.endIndex else {
      hide(to: bytes.endIndex)
      return true
    }
    hide(to: index - escapes)
    emit(to: index + 1)
    // A shell joins what follows the quotes without a space.
    if place < bytes.endIndex,
      bytes[place].isInName || bytes[place].isQuote && bytes[place] != quotes.open
    {
      hide(to: end(of: .word))
    }
    return true
  }

  /// The length of a space, which has backslashes before it in code, more of them in code within code.
  ///
  /// 0 if there is none.
  private func spaceLength(at start: Int) -> Int {
    var index = start
    while isCode, index < bytes.endIndex, bytes[index] == UInt8(ascii: "\\") { index += 1 }
    return index < bytes.endIndex && bytes[index].isSpace ? index + 1 - start : 0
  }

  private mutating func hideNextWord() {
    while case let count = spaceLength(at: place), count > 0 { emit(to: place + count) }
    guard place < bytes.endIndex else { return }
    // Another option says its own value.
    if bytes[place] == .dash {
      let name = bytes[place...].prefix { $0.isInName }
      if SecretNames.isSecret(name) { return }
    }
    if isCode || !hideQuoted() { hide(to: end(of: .word)) }
  }

  /// Hides a PEM block, to its end or to that of the argument.
  private mutating func hideBlock() {
    let mark = Array("-----END".utf8)
    var index = place
    while index < bytes.endIndex, !bytes[index...].starts(with: mark) { index += 1 }
    if index < bytes.endIndex {
      index = bytes[index...].firstIndex { $0 == UInt8(ascii: "\n") } ?? bytes.endIndex
    }
    hide(to: index)
  }

  // MARK: - Options with a password

  /// Short options of programs that are known: `mysql -pSECRET`, `sshpass -p SECRET`.
  private mutating func letterOption(_ word: ArraySlice<UInt8>, _ before: UInt8?) -> Bool {
    if before == UInt8(ascii: "/"), word.count == 1, let letter = word.first,
      letters.values.contains(letter), word.endIndex < bytes.endIndex,
      bytes[word.endIndex] == UInt8(ascii: ":")
    {
      emit(to: word.endIndex + 1)
      hide(to: end(of: .word))
      return true
    }
    guard word.count >= 2, word.first == .dash, before.map({ $0.isSpace || $0.isQuote }) ?? true
    else { return false }
    let letter = word[word.startIndex + 1]
    let isValue = letters.values.contains(letter)
    let isAlone =
      word.count == 2 && (word.endIndex == bytes.endIndex || bytes[word.endIndex].isSpace)
    guard isValue || !isAlone && letters.attached.contains(letter) else { return false }
    emit(to: word.startIndex + 2)
    if isAlone {
      if place == bytes.endIndex { expected = .secret } else { hideNextWord() }
    } else {
      hide(to: word.startIndex == bytes.startIndex ? bytes.endIndex : end(of: .word))
    }
    return true
  }

  /// Options with `user:password`: `curl -u name:secret`.
  private mutating func loginOption(_ word: ArraySlice<UInt8>) -> Bool {
    let names = ["--user", "--proxy-user", "-u", "-U", "--userpwd", "--http-user"]
    let end = word.endIndex
    if names.contains(where: { word.elementsEqual($0.utf8) }) {
      emit(to: end)
      guard end < bytes.endIndex else {
        expected = .login
        return true
      }
      guard bytes[end] == UInt8(ascii: "=") || bytes[end].isSpace else { return true }
      emit(to: end + 1)
      while place < bytes.endIndex, bytes[place].isSpace || bytes[place].isQuote {
        emit(to: place + 1)
      }
      let isRest = !isCode && word.startIndex == bytes.startIndex
      scrubLogin(to: isRest ? bytes.endIndex : self.end(of: .word))
      return true
    }
    // `-uname:secret`
    guard word.starts(with: "-u".utf8) || word.starts(with: "-U".utf8), end < bytes.endIndex,
      bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: "%")
    else { return false }
    emit(to: end + 1)
    hide(to: word.startIndex == bytes.startIndex ? bytes.endIndex : self.end(of: .word))
    return true
  }

  /// Shows the name of `user:password`; some programs take a comma or `%` instead of the colon.
  ///
  /// If it does not look like this, it is read like any other text.
  private mutating func scrubLogin(to end: Int) {
    guard place < end, bytes[place] != .dash,
      let mark = bytes[place..<end].firstIndex(where: {
        $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "%")
      }), !bytes[place..<mark].contains(UInt8(ascii: "="))
    else { return }
    emit(to: mark + 1)
    hide(to: end)
  }

  // MARK: - URLs

  /// `://user:password@host` and `user:password@host`.
  private mutating func colon() {
    if token.end <= place { measureToken() }
    let slashes = bytes[place...].starts(with: "://".utf8)
    emit(to: place + 1)
    guard place < token.end else { return }
    if slashes {
      emit(to: place + 2)
      return authority()
    }
    if let at = token.at, at > place {
      hide(to: at)
    } else if isCut, token.end == bytes.endIndex {
      // The `@` can be in the part that is missing.
      hide(to: bytes.endIndex)
    }
  }

  private mutating func measureToken() {
    var at: Int?
    var index = place
    while index < bytes.endIndex, !bytes[index].isSpace, !bytes[index].isQuote {
      if bytes[index] == UInt8(ascii: "@") { at = index }
      index += 1
    }
    token = (index, at)
  }

  /// Reads what stands between `//` and the path.
  private mutating func authority() {
    let end =
      bytes[place..<token.end].firstIndex {
        $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
      } ?? token.end
    let inside = bytes[place..<end]
    let mayContinue = isCut && end == bytes.endIndex
    let colon = inside.firstIndex(of: UInt8(ascii: ":"))
    if let at = inside.lastIndex(of: UInt8(ascii: "@")) {
      if let colon, colon < at {
        emit(to: colon + 1)
      } else if showsUser() {
        return emit(to: at)
      }
      return hide(to: at)
    }
    if mayContinue { return hide(to: end) }
    guard let colon, inside.first != UInt8(ascii: "["),
      !inside[(colon + 1)...].allSatisfy({ $0 &- 0x30 <= 9 })
    else { return }
    // It is no port, so it is a password with a slash in it.
    emit(to: colon + 1)
    hide(to: token.at ?? end)
  }

  /// With these schemes the user alone is no secret: `ssh://git@host`.
  private func showsUser() -> Bool {
    ["ssh", "git", "sftp", "rsync", "svn"].contains { wordBefore.suffix($0.utf8.count).lowered($0) }
  }
}

extension ArraySlice<UInt8> {
  /// Whether it is this word in any case.
  fileprivate func lowered(_ word: String) -> Bool {
    count == word.utf8.count && zip(self, word.utf8).allSatisfy { $0 | 0x20 == $1 }
  }
}

extension UInt8 {
  fileprivate static let dash = UInt8(ascii: "-")

  /// A letter, a digit, or what joins them in names.
  fileprivate var isInName: Bool {
    self | 0x20 &- 0x61 < 26 || self &- 0x30 <= 9 || self == UInt8(ascii: "_") || self == .dash
      || self == UInt8(ascii: ".")
  }

  /// What is in base64 besides.
  fileprivate var isInKey: Bool {
    isInName || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") || self == UInt8(ascii: "=")
      || self == UInt8(ascii: "~")
  }

  /// Whether it ends a word of a shell.
  fileprivate var endsCommand: Bool {
    self == UInt8(ascii: ";") || self == UInt8(ascii: "&") || self == UInt8(ascii: "|")
      || self == UInt8(ascii: "<") || self == UInt8(ascii: ">") || self == UInt8(ascii: "(")
      || self == UInt8(ascii: ")")
  }

  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }
  fileprivate var isSpace: Bool {
    isBlank || self == 0x0A || self == 0x0D || self == 0x0B || self == 0x0C
  }
  fileprivate var isQuote: Bool {
    self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") || self == UInt8(ascii: "`")
  }
}
