import Linux

/// Makes a plan of the options as typed and the defaults.
extension LoadPlan {
  /// - Throws: A ``Failure`` that names the option and what it accepts.
  init(_ options: ReportOptions, environment: [String: String]) throws {
    func setting(_ option: String?, _ name: String) -> Setting? {
      Setting(option: option, name: name, environment: [:])
    }
    let port = environment["TOPSERVER_PORT"].flatMap { UInt16($0) } ?? 8845
    let url = options.url ?? "http://127.0.0.1:\(port)/cpu_usage"
    let paths = try options.path.map(Self.path)
    targets = try [Self.target(url, "the URL", paths)]
    if let second = options.compare { targets.append(try Self.target(second, "--compare", paths)) }
    clients = try setting(options.clients, "clients")?.wholeNumber(1...1000) ?? 5
    duration =
      try setting(options.duration, "duration")?.span(.seconds(1) ... .seconds(86_400))
      ?? .seconds(300)
    rate = try setting(options.rate, "rate")?.number(0.01...1_000_000)
    timeout =
      try setting(options.timeout, "timeout")?.span(.milliseconds(100) ... .seconds(600))
      ?? .seconds(10)
    output = try setting(options.output, "output")?.path() ?? "report.html"
    json = try setting(options.json, "json")?.path()
    guard json != output else { throw Failure.usage("--json and --output name the same file") }
    if let remote = targets.first(where: { !$0.isLoopback }), !options.allowRemote {
      throw Failure.usage(
        "\(remote.origin) is not this machine's loopback address; allow it with --allow-remote"
      )
    }
  }

  private static func target(_ url: String, _ source: String, _ paths: [String]) throws
    -> LoadTarget
  {
    guard let target = LoadTarget(url: url, paths: paths) else {
      throw Failure.usage("\(source) is \"\(url)\": it accepts http://HOST[:PORT][/PATH]")
    }
    return target
  }

  private static func path(_ text: String) throws -> String {
    guard text.hasPrefix("/"), LoadTarget.isPlain(text), !text.contains("#") else {
      throw Failure.usage("--path is \"\(text)\": it accepts a path that begins with /")
    }
    return text
  }
}

extension Setting {
  fileprivate func wholeNumber(_ range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw bad("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  fileprivate func number(_ range: ClosedRange<Double>) throws -> Double {
    guard let value = Double(text), range.contains(value) else {
      throw bad("a number from \(range.lowerBound) to \(Wording.count(Int(range.upperBound)))")
    }
    return value
  }

  fileprivate func span(_ range: ClosedRange<Duration>) throws -> Duration {
    guard let value = TimeSpan.parse(text), range.contains(value) else {
      throw bad(
        "a time from \(Wording.span(range.lowerBound)) to \(Wording.span(range.upperBound)), for example 90s or 5m"
      )
    }
    return value
  }

  fileprivate func path() throws -> String {
    guard !text.isEmpty else { throw bad("the name of a file") }
    return text
  }
}
