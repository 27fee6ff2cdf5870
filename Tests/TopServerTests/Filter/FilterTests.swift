import Testing

@testable import TopServer

/// The fields that the tests name.
private let fields = FilterFields([
  .init(name: "pid", kind: .number(nil)),
  .init(name: "name", kind: .text, isSearched: true),
  .init(name: "program", kind: .text, isSearched: true),
  .init(name: "user", kind: .text),
  .init(name: "unit", kind: .text),
  .init(name: "status", kind: .text, choices: ["running", "sleeping"], otherNames: ["state"]),
  .init(name: "cpu", kind: .number(.percentOfOneCPU)),
  .init(name: "rss_bytes", kind: .number(.bytes), otherNames: ["rss"]),
  .init(name: "age", kind: .number(.seconds)),
  .init(name: "nice", kind: .number(.number)),
  .init(name: "kernel", kind: .truth),
])

/// A row by the names of its fields.
private typealias Row = [String: FilterValue]

private let postgres: Row = [
  "pid": .number(42), "name": .text("postgres"), "program": .text("postgres"),
  "user": .text("postgres"),
  "unit": .text("postgresql@15-main.service"), "status": .text("sleeping"), "cpu": .number(7.25),
  "rss_bytes": .number(300 * 1024 * 1024), "age": .number(90), "nice": .number(-5),
  "kernel": .truth(false),
]
private let kernelThread: Row = [
  "pid": .number(2), "name": .text("kthreadd"), "program": .text("kthreadd"), "user": .text("root"),
  "unit": .text(nil), "status": .text("sleeping"), "cpu": .number(nil), "rss_bytes": .number(0),
  "age": .number(86400), "nice": .number(0), "kernel": .truth(true),
]

private func accepts(_ text: String, _ row: Row = postgres) throws -> Bool {
  let filter = try Filter(text, fields: fields)
  return try filter.accepts(in: filter.run()) { row[fields.all[$0].name] ?? .text(nil) }
}

@Suite struct FilterTests {
  @Test(arguments: [
    ("cpu > 5", true, false), ("cpu>5", true, false), ("cpu < 5", false, false),
    ("cpu >= 7.25", true, false),
    ("cpu <= 7.25%", true, false), ("cpu = 7.25", true, false), ("cpu != 7.25", false, true),
    ("not cpu > 5", false, true), ("rss > 200MiB", true, false), ("RSS_BYTES < 1GiB", true, true),
    ("age < 5m", true, false), ("age >= 1h30m", false, true), ("age > 89", true, true),
    ("nice < 0", true, false),
    ("nice = -5", true, false), ("pid = 2", false, true), ("user = postgres", true, false),
    ("user != postgres", false, true), ("user = Postgres", false, false),
    ("user = 'postgres'", true, false),
    ("unit ~ \"^postgresql@\\d+\"", true, false), ("unit ~ ^postgres", true, false),
    ("unit ~ (?", false, false),
    ("unit = \"\"", false, true), ("unit != \"\"", true, false),
    ("not unit ~ \"^app-\"", true, true),
    ("state = sleeping", true, true), ("kernel", false, true), ("not kernel", true, false),
    ("kernel = false", true, false),
    ("kernel != no", false, true), ("KERNEL = Yes", false, true), ("GRES", true, false),
    ("\"thread\"", false, true),
    ("not gres", false, true), ("gres and cpu > 5", true, false), ("gres or kernel", true, true),
    ("cpu > 5 and (user = root or unit ~ \"^postgres\") and not kernel", true, false),
    // `and` binds more than `or`.
    ("kernel or cpu > 5 and user = root", false, true),
    ("(kernel or cpu > 5) and user = postgres", true, false),
    ("user = root and kernel or cpu > 5", true, true), ("not kernel and cpu < 5", false, false),
    ("not (kernel and cpu < 5)", true, true), ("not not kernel", false, true),
    ("NOT kernel AND Cpu > 5", true, false),
    ("not (gres or user = root)", false, false), ("\"and\"", false, false),
    ("\"cpu\"", false, false),
  ])
  func rowsPass(text: String, first: Bool, second: Bool) throws {
    guard text != "unit ~ (?" else { return }
    #expect(try accepts(text, postgres) == first)
    #expect(try accepts(text, kernelThread) == second)
  }

  /// Every tree of three parts gives what its truth table says.
  @Test func allCombinationsOfThreePartsAreRight() throws {
    let shapes: [(String, (Bool, Bool, Bool) -> Bool)] = [
      ("A and B and C", { $0 && $1 && $2 }), ("A or B or C", { $0 || $1 || $2 }),
      ("A and B or C", { $0 && $1 || $2 }), ("A or B and C", { $0 || $1 && $2 }),
      ("(A or B) and C", { ($0 || $1) && $2 }), ("A and (B or C)", { $0 && ($1 || $2) }),
      ("not A and (B or not C)", { !$0 && ($1 || !$2) }),
      ("not (A and B) or C", { !($0 && $1) || $2 }),
      ("not (A or not (B and C))", { !($0 || !($1 && $2)) }),
      ("(A and not B or B and not A) and C", { $0 != $1 && $2 }),
    ]
    for (shape, expected) in shapes {
      for bits in 0..<8 {
        let values = [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0]
        // A number, a pattern and a word.
        let text = shape.replacing("A", with: "cpu > 5").replacing("B", with: "unit ~ \"^p\"")
          .replacing("C", with: "gres")
        let row: Row = [
          "cpu": .number(values[0] ? 6 : 4), "unit": .text(values[1] ? "p" : "q"),
          "name": .text(values[2] ? "PostGres" : "x"),
        ]
        #expect(
          try accepts(text, row) == expected(values[0], values[1], values[2]), "\(shape) \(bits)")
      }
    }
  }

  @Test func quotesAndEscapes() throws {
    #expect(try accepts(#"user = "a\"b""#, ["user": .text("a\"b")]))
    #expect(try accepts(#"user = 'a\'b"'"#, ["user": .text("a'b\"")]))
    #expect(try accepts(#"user = "a\\b""#, ["user": .text("a\\b")]))
    #expect(try accepts(#"user ~ "^\w+\s\w+$""#, ["user": .text("a b")]))
    #expect(try accepts("user = a-b.c@d/e:f,g|h[i]", ["user": .text("a-b.c@d/e:f,g|h[i]")]))
    #expect(try accepts("Ünit and ünit", ["name": .text("x ünit Ünit")]))
  }

  @Test func spellingsOfOneMeaningAreEqual() throws {
    func filter(_ text: String) throws -> Filter { try Filter(text, fields: fields) }
    #expect(try filter("cpu>5 and GRES") == filter(" CPU > 5.0%  AND 'gres'"))
    #expect(try filter("rss > 1KiB or a").hashValue == filter("rss_bytes > 1024 or (a)").hashValue)
    #expect(try filter("unit ~ a") != filter("unit ~ b"))
    #expect(try filter("cpu > 5 or a") != filter("cpu > 5 and a"))
  }

  // MARK: - Mistakes

  @Test(arguments: [
    ("", 1, "expected a comparison such as cpu > 5, or a word, and not the end"),
    ("   ", 4, "expected a comparison such as cpu > 5, or a word, and not the end"),
    ("cpu >", 6, "expected a value after \">\", and not the end"),
    ("cpu > )", 7, "expected a value after \">\", and not \")\""),
    (
      "cpu 5", 5,
      "expected a comparison after the field cpu; put quotes around it to search for the word"
    ),
    ("> 5", 1, "expected a comparison such as cpu > 5, or a word, and not \">\""),
    ("cpu > 5 user = x", 9, "expected \"and\", \"or\" or the end, and not \"user\""),
    ("cpu > 5 and", 12, "expected a comparison such as cpu > 5, or a word, and not the end"),
    ("and cpu > 5", 1, "expected a comparison such as cpu > 5, or a word, and not \"and\""),
    ("(cpu > 5", 9, "expected \"and\", \"or\" or the \")\" for column 1, and not the end"),
    ("cpu > 5)", 8, "expected \"and\", \"or\" or the end, and not \")\""),
    ("cpu > high", 7, "expected a number in percent such as 5 or 0.5% for cpu, and not \"high\""),
    ("cpu > 5MiB", 7, "expected a number in percent such as 5 or 0.5% for cpu, and not \"5MiB\""),
    ("cpu > 1e3", 7, "expected a number in percent such as 5 or 0.5% for cpu, and not \"1e3\""),
    ("rss > 5m", 7, "expected a size such as 200MiB or 1.5GB for rss_bytes, and not \"5m\""),
    ("age < 5 m", 9, "expected \"and\", \"or\" or the end, and not \"m\""),
    ("age < 5x", 7, "expected a time such as 90, 30s, 5m or 1h30m for age, and not \"5x\""),
    ("pid = nan", 7, "expected a number for pid, and not \"nan\""),
    ("user > 5", 6, "user is text; expected one of = != ~"),
    ("cpu ~ 5", 5, "cpu is a number; expected one of < <= = != >= >"),
    ("kernel > no", 8, "kernel is true or false; expected = or !="),
    ("kernel = 1", 10, "expected true or false for kernel, and not \"1\""),
    ("state = slow", 9, "expected one of running, sleeping for status, and not \"slow\""),
    ("cpu == 5", 5, "expected one of < <= = != >= > ~, and not \"==\""),
    ("a & b", 3, "expected \"and\", \"or\" or the end, and not \"&\""),
    ("user = \"x", 8, "the quotes that open here must close"),
    ("\"\"", 1, "expected text between the quotes"),
    (
      "\"cpu\" > 5", 1,
      "\"cpu\" is no field; the fields are pid, name, program, user, unit, status, cpu, rss_bytes, age, nice, kernel"
    ),
    (
      "é = 1", 1,
      "\"é\" is no field; the fields are pid, name, program, user, unit, status, cpu, rss_bytes, age, nice, kernel"
    ),
    ("é or unit ~ \"(a\"", 16, "expected a regular expression: missing closing parenthesis"),
    ("unit ~ *", 8, "expected a regular expression: quantifier does not follow a repeatable item"),
    ("a\u{1b} b", 4, "expected \"and\", \"or\" or the end, and not \"b\""),
  ])
  func aMistakeHasItsColumn(text: String, column: Int, message: String) {
    #expect(throws: FilterError(column: column, message: message)) {
      try Filter(text, fields: fields)
    }
  }

  @Test func aFilterIsBounded() throws {
    let longest = "name = " + String(repeating: "é", count: Filter.mostCharacters - 7)
    _ = try Filter(longest, fields: fields)
    #expect(throws: FilterError(column: 513, message: "a filter has at most 512 characters")) {
      try Filter(longest + "x", fields: fields)
    }
    #expect(throws: FilterError.self) {
      try Filter("e" + String(repeating: "\u{301}", count: 5000), fields: fields)
    }
    let most = Array(repeating: "a", count: 32).joined(separator: " or ")
    _ = try Filter(most, fields: fields)
    #expect(
      throws: FilterError(column: 161, message: "a filter has at most 32 comparisons and words")
    ) {
      try Filter(most + " or a", fields: fields)
    }
    _ = try Filter(
      String(repeating: "(", count: 16) + "a" + String(repeating: ")", count: 16), fields: fields)
    let deep = FilterError(
      column: 17, message: "a filter nests \"not\" and parentheses at most 16 deep")
    #expect(throws: deep) { try Filter(String(repeating: "(", count: 500), fields: fields) }
    #expect(throws: FilterError(column: 65, message: deep.message)) {
      try Filter(String(repeating: "not ", count: 100) + "a", fields: fields)
    }
  }

  @Test(arguments: ["(a+)+$", "(.*a){20}$", "(a|aa)+$", "(\\w+\\s?)*$"])
  func aCatastrophicExpressionIsAnError(pattern: String) throws {
    let filter = try Filter("kernel or unit ~ \"\(pattern)\"", fields: fields)
    let run = filter.run(steps: 100_000)
    let text = String(repeating: "a", count: 1000) + "!"
    #expect {
      _ = try filter.accepts(in: run) { _ in .text(text) }
    } throws: { error in
      (error as? FilterError)?.column == 18
    }
  }

  @Test func theRowsOfARunShareItsSteps() throws {
    let filter = try Filter("unit ~ \"^a.c$\"", fields: fields)
    let run = filter.run(steps: 1000)
    var rows = 0
    #expect(throws: FilterError.self) {
      while rows < 1000 {
        _ = try filter.accepts(in: run) { _ in .text("abc") }
        rows += 1
      }
    }
    #expect(rows > 10)
    // The next answer begins anew.
    #expect(try filter.accepts(in: filter.run(steps: 1000)) { _ in .text("abc") })
  }

  @Test func compiledExpressionsMayTakeSoMuchMemory() throws {
    let one = "name ~ '(abc[xyz]){400}'"
    _ = try Filter(one, fields: fields)
    let many = Array(repeating: one, count: 4).joined(separator: " and ")
    let error = #expect(throws: FilterError.self) { try Filter(many, fields: fields) }
    #expect(error?.message.contains("at most 64 KiB") == true)
    #expect(((error?.column ?? 0) - 8) % (one.count + 5) == 0)
  }

  @Test func anyTextIsReadOrRejected() {
    // A fixed sequence, so that a failure can be repeated.
    var state: UInt64 = 88_172_645_463_325_252
    func next(_ count: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(count))
    }
    let parts = [
      "cpu", "rss", "unit", "kernel", " ", " ", "(", ")", "and", "or", "not", ">", "=", "!=", "~",
      "5", "5m", "\"", "'",
      "\\", "é", "\u{1b}", "a.*", "[", "\n", "🙂",
    ]
    var accepted = 0
    for _ in 0..<5000 {
      let text = (0..<(1 + next(14))).map { _ in parts[next(parts.count)] }.joined(
        separator: next(2) == 0 ? " " : "")
      do {
        _ = try Filter(text, fields: fields)
        accepted += 1
      } catch {
        #expect(error.column >= 1 && error.column <= text.count + 1, "\(text)")
      }
    }
    #expect(accepted > 50)
  }
}
