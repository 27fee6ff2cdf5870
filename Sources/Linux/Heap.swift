import CLinux

/// The memory that malloc(3) keeps for later use.
public enum Heap {
  /// Lets all threads share two arenas: each arena keeps its own free memory, and a monitor allocates little.
  ///
  /// Before any thread is started. See mallopt(3), `M_ARENA_MAX`.
  public static func shareArenas() { _ = clinux_share_arenas() }

  /// Gives the kernel back what is free, wherever it lies.
  ///
  /// See malloc_trim(3).
  public static func giveBack() { _ = clinux_malloc_trim() }
}
