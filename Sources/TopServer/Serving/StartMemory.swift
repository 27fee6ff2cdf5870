import Linux

/// Memory that only the start needed.
enum StartMemory {
  /// Gives back what is free of the heap, and forgets machine code until it runs again.
  static func giveBack() {
    Heap.giveBack()
    ProgramText.forget()
  }

  /// Does so once more when everything has happened for the first time: the first writing to the disk, the first message.
  static func giveBackOnceMore(clock: some Clock<Duration>) async throws {
    try await clock.sleep(for: .seconds(15))
    giveBack()
  }
}
