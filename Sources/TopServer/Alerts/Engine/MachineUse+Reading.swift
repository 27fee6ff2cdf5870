extension MachineUse {
  /// The used share of one file system, or of the fullest one that answers and can fill up.
  func reading(ofFileSystemAt mount: String?) -> AlertReading {
    let meant = fileSystems.filter { mount.map($0.isMounted) ?? true }
    let writable = meant.filter { !$0.isReadOnly }
    let answering = writable.filter { !$0.isStalled }
    if let fullest = answering.max(by: { $0.usedShare < $1.usedShare }) {
      return AlertReading(value: fullest.usedShare, note: mount == nil ? fullest.mountPoint : nil)
    }
    let place = mount ?? "any mount point"
    if meant.isEmpty { return AlertReading(note: "there is no file system at \(place)") }
    return AlertReading(
      note: writable.isEmpty
        ? "the file system at \(place) is read-only, so it cannot fill up"
        : "the file system at \(place) does not answer")
  }
}

extension FileSystemUse {
  fileprivate func isMounted(at place: String) -> Bool {
    mountPoint == place || mountPoints.contains(place)
  }
}
