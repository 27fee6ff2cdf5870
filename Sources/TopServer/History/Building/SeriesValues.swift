/// The numbers of a snapshot that are recorded: those of ``Measures``, in a fixed order and without those that are missing.
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
      // Time passed of which the kernel's counters say nothing.
      values.append((PointWeights.countedCPUs, 0))
      values.append((PointWeights.measured, 0))
    }
    return values
  }
}
