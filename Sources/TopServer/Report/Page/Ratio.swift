/// How the second of two values compares with the first.
enum Ratio {
  /// - Returns: `nil` when there are not two values, or the first is 0.
  static func text(_ values: [Double?]) -> String? {
    guard values.count == 2, let first = values[0], let second = values[1], first > 0 else {
      return nil
    }
    return Wording.fixed(second / first, places: 2)
  }
}
