enum GetStatsText {
  static func make(_ snapshot: Snapshot, _ past: PastUse) -> [UInt8] { [] }
}
