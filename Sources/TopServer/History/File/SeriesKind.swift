/// The kinds of series of which there is one set for each thing of a machine, and things come and go.
enum SeriesKind: String, Sendable, CaseIterable {
  case disks
  case fileSystems = "file_systems"
  case network

  /// Things of one kind whose names the history remembers at most, beside those that are recorded now.
  ///
  /// What a forgotten thing did is still part of the totals, such as `network_total`.
  static let mostRemembered = 512

  /// Which thing a series is about: `disks.vda.busy_percent` is about the disk `vda`.
  ///
  /// - Returns: `nil` when it is not about one of many things.
  static func thing(of series: String) -> (kind: SeriesKind, name: Substring)? {
    // The name of the thing may hold dots; the kind and the number do not.
    guard let first = series.firstIndex(of: "."), let last = series.lastIndex(of: "."),
      first < last, let kind = SeriesKind(rawValue: String(series[..<first]))
    else { return nil }
    return (kind, series[series.index(after: first)..<last])
  }
}
