/// The recorded numbers of a snapshot, in the order of ``Measures`` and without missing ones.
enum SeriesValues {
  static func of(_ snapshot: Snapshot) -> [(Series, Double)] {
    var values: [(Series, Double)] = []
    values.reserveCapacity(256)
    for family in Measures.families {
      family.eachRecorded(in: snapshot) { name, parts, value in
        values.append((Series(name: name, scale: parts), value))
      }
    }
    if snapshot.recentUse == nil && snapshot.interval != nil {
      // Time has passed for which the kernel's counters are invalid.
      values.append((PointWeights.countedCPUs, 0))
      values.append((PointWeights.measured, 0))
    }
    return values
  }
}
