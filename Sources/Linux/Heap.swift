import CLinux

/// The memory that malloc(3) keeps for later use.
public enum Heap {
  /// Lets all threads share two arenas, since each keeps free memory of its own, and takes what is longer than a MiB
  /// straight from the kernel, so that it goes back when it is freed.
  ///
  /// Before any thread is started. See mallopt(3), `M_ARENA_MAX`, `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`.
  public static func keepSmall() { clinux_keep_heap_small() }

  /// Gives the kernel back what is free, wherever it lies.
  ///
  /// See malloc_trim(3).
  public static func giveBack() { _ = clinux_malloc_trim() }
}
