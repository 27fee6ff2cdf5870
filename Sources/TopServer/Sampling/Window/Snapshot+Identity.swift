extension Snapshot {
  /// Adds who is behind each process, as far as it is known.
  mutating func add(_ book: IdentityBook) {
    var place = 0
    for index in processes.indices {
      processes[index].details = book.details(of: processes[index].identity, from: &place)
    }
    notPermitted = book.notPermitted
  }
}
