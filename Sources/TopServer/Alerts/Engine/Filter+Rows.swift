import Linux

extension Filter {
  /// What the regular expressions of a rule may take for one snapshot: about a hundredth of a second.
  static let mostStepsOfRule = 1_000_000

  /// The rows that pass.
  ///
  /// - Throws: When the regular expressions need too much work.
  func matching(
    _ rows: some Sequence<ProcessRow>, at time: Instant
  ) throws(FilterError) -> [ProcessRow] {
    let context = ProcessFields.Context(
      columns: CPUUsageColumn.Context(users: KnownUsers(), fullCPU: 100),
      now: Double(time.wall) / 1e9)
    let run = run(steps: Self.mostStepsOfRule)
    var matching: [ProcessRow] = []
    for row in rows {
      let passes = try accepts(in: run) { ProcessFields.value(of: $0, row, context) }
      if passes { matching.append(row) }
    }
    return matching
  }
}
