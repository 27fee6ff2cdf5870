/// What names of options, variables and members look like whose values are secret, and what secrets look like.
///
/// It is better to hide too much than too little: `--keyboard-key=F1` is hidden too.
enum SecretNames {
  /// Parts that make any name secret.
  private static let parts = byFirst(
    [
      "passw", "passphrase", "passwd", "pwd", "secret", "token", "credential", "apikey",
      "accesskey",
      "privatekey", "authoriz", "oauth", "bearer", "cookie", "requirepass", "masterauth",
    ].map { Array($0.utf8) }
  ) { $0 }

  /// Makes a table by the first byte, since every word of a command line is looked up.
  private static func byFirst<Entry>(
    _ entries: [Entry], _ text: (Entry) -> [UInt8]
  ) -> [[Entry]] {
    var table = [[Entry]](repeating: [], count: 256)
    for entry in entries { table[Int(text(entry)[0])].append(entry) }
    return table
  }

  /// Whole words of a name that make it secret.
  private static let words: Set<[UInt8]> = Set(
    [
      "pass", "key", "keys", "auth", "authentication", "pw", "psk", "pat", "jwt", "otp", "pin",
      "passin", "passout", "signature", "sig", "creds", "cred",
    ].map { Array($0.utf8) })

  /// Ends of a word that make it secret: `userpass`, `rootpw`, `sshkey`.
  private static let ends = ["pass", "pw", "key"].map { Array($0.utf8) }

  /// Whether a value that follows this name is secret.
  static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
    if isStrong(name) { return true }
    var word: [UInt8] = []
    var isLower = false
    for byte in name {
      let isLetter = byte | 0x20 &- 0x61 < 26
      let isUpper = byte &- 0x41 < 26
      // A capital letter after a small one begins a word: `dbPass`.
      if !word.isEmpty, !isLetter && !(byte &- 0x30 <= 9) || isUpper && isLower {
        if isSecretWord(word) { return true }
        word = []
      }
      if isLetter || byte &- 0x30 <= 9 { word.append(isUpper ? byte | 0x20 : byte) }
      isLower = isLetter && !isUpper
    }
    return isSecretWord(word)
  }

  /// Whether the name is secret wherever it stands, also as a word in a text: `password`, but not `key`.
  static func isStrong(_ name: ArraySlice<UInt8>) -> Bool {
    for start in name.indices {
      for part in parts[Int(lower(name[start]))] where name.endIndex - start >= part.count {
        var length = 1
        while length < part.count, lower(name[start + length]) == part[length] { length += 1 }
        if length == part.count { return true }
      }
    }
    return false
  }

  private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  private static func isSecretWord(_ word: [UInt8]) -> Bool {
    guard word.count > 1 else { return false }
    return words.contains(word) || ends.contains { word.suffix($0.count).elementsEqual($0) }
  }

  // MARK: - Programs

  /// Letters of options whose value is a password.
  struct Letters: Sendable {
    /// The value is attached, or is the next argument.
    var values: [UInt8] = []
    /// The value can only be attached: `mysql -pSECRET`.
    var attached: [UInt8] = []

    /// Adds those that are not there yet.
    mutating func add(_ others: Letters) {
      for letter in others.values where !values.contains(letter) { values.append(letter) }
      for letter in others.attached where !attached.contains(letter) { attached.append(letter) }
    }

    init(_ values: String = "", attached: String = "") {
      (self.values, self.attached) = (Array(values.utf8), Array(attached.utf8))
    }
  }

  /// Programs whose short options have passwords, by name; also the command `login` of any program.
  private static let programs: [[UInt8]: Letters] = {
    var programs: [[UInt8]: Letters] = [:]
    func add(_ names: String, _ letters: Letters) {
      for name in names.split(separator: " ") { programs[Array(name.utf8)] = letters }
    }
    add(
      "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlslap mysqlbinlog mysqlsh mycli"
        + " mariadb mariadb-dump mariadb-admin mariadb-import mariadb-check mariadb-binlog",
      Letters(attached: "p"))
    add("7z 7za 7zr 7zz rar unrar", Letters(attached: "p"))
    add(
      "sshpass mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop cqlsh"
        + " twine xfreerdp wlfreerdp rdesktop xmrig psexec useradd usermod login", Letters("p"))
    add("redis-cli valkey-cli keydb-cli", Letters("a"))
    add(
      "ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami", Letters("w"))
    add("ldappasswd", Letters("was"))
    add("zip unzip sqlcmd bcp tsql osql mosquitto_pub mosquitto_sub ipmitool", Letters("P"))
    add("openssl", Letters("kK"))
    add(
      "snmpwalk snmpget snmpgetnext snmpset snmpbulkwalk snmpbulkget snmptrap snmpinform snmptable",
      Letters("cAX"))
    return programs
  }()

  /// The options of the program with this name; `nil` if it has none.
  static func letters(of program: ArraySlice<UInt8>) -> Letters? {
    // The longest name has 16 bytes.
    program.count <= 16 ? programs[Array(program)] : nil
  }

  // MARK: - Secrets that their form gives away

  private static let forms: [[(start: [UInt8], least: Int)]] = byFirst(
    [
      ("AKIA", 12), ("ASIA", 12), ("AROA", 12), ("AIDA", 12), ("ABIA", 12), ("ACCA", 12),
      ("ghp_", 8), ("gho_", 8), ("ghu_", 8), ("ghs_", 8), ("ghr_", 8), ("github_pat_", 14),
      ("glpat-", 8), ("glptt-", 8), ("gldt-", 8), ("xoxb-", 8), ("xoxp-", 8), ("xoxa-", 8),
      ("xoxr-", 8), ("xoxs-", 8), ("xapp-", 8), ("sk_live_", 10), ("sk_test_", 10),
      ("rk_live_", 10),
      ("whsec_", 10), ("sk-", 20), ("AIza", 20), ("ya29.", 10), ("eyJ", 16), ("npm_", 20),
      ("pypi-", 20), ("dop_v1_", 10), ("hf_", 20), ("SG.", 20), ("shpat_", 10), ("hvs.", 10),
      ("hvb.", 10), ("AGE-SECRET-KEY-", 16), ("dckr_pat_", 10), ("lin_api_", 10),
    ].map { (start: Array($0.0.utf8), least: $0.1) }
  ) { $0.start }

  /// Whether a word has the form of an access key, such as `ghp_…`.
  ///
  /// - Parameter isCut: Whether the word may continue.
  static func hasSecretForm(_ word: ArraySlice<UInt8>, isCut: Bool) -> Bool {
    guard let first = word.first else { return false }
    return forms[Int(first)].contains { form in
      word.starts(with: form.start) && (isCut || word.count >= form.least)
    }
  }
}
