import Linux

/// Releases memory that only the start of the program needed.
enum StartMemory {
  /// Returns free heap memory and the pages of unused machine code to the kernel.
  static func giveBack() {
    Heap.giveBack()
    ProgramText.forget()
  }

  /// Calls ``giveBack()`` again after 15 seconds, when all parts have worked once, for example written to the disk.
  static func giveBackOnceMore(clock: some Clock<Duration>) async throws {
    try await clock.sleep(for: .seconds(15))
    giveBack()
  }
}
