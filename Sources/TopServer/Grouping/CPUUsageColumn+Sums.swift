extension CPUUsageColumn {
  /// The columns whose values of several processes can be added up, in the order of ``all``.
  static let summed = all.filter(\.isSummed)

  /// Whether the sum over processes has a meaning: amounts, but no numbers that identify, and no times.
  private var isSummed: Bool {
    switch unit {
    case .percentOfOneCPU, .bytes, .bytesPerSecond, .count, .countPerSecond: true
    case .percent, .percentOfAllCPUs, .seconds, .number, nil: false
    }
  }

  /// Whether values are averages over ``ProcessRow/window``; their names say so.
  var isAverage: Bool { name.hasSuffix("_avg") }

  /// The value of a row as a part of a sum; see ``WindowWeight``.
  func part(_ row: ProcessRow, _ weight: WindowWeight, _ context: Context) -> Cell {
    let cell = read(row, context)
    guard isAverage, case .share(let share?) = cell else { return cell }
    return .share(share * weight(row))
  }
}

extension CPUUsageColumn.Cell {
  /// The sum of two values of a column, not rounded; an unknown value adds nothing, and two unknown ones are unknown.
  static func + (left: Self, right: Self) -> Self {
    switch (left, right) {
    case (.whole(let left), .whole(let right)): .whole(sum(left, right, saturating))
    case (.share(let left), .share(let right)): .share(sum(left, right, +))
    case (.seconds(let left), .seconds(let right)): .seconds(sum(left, right, +))
    default: left
    }
  }

  private static func sum<Value>(
    _ left: Value?, _ right: Value?, _ add: (Value, Value) -> Value
  ) -> Value? {
    guard let left, let right else { return left ?? right }
    return add(left, right)
  }

  private static func saturating(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, isOver) = left.addingReportingOverflow(right)
    return isOver ? (right > 0 ? .max : .min) : sum
  }
}
