import CLinux

/// Limits the free memory that malloc(3) retains.
public enum Heap {
  /// Limits malloc to two arenas, since each arena retains free memory, and maps blocks above 1 MiB directly, so that
  /// freeing them returns them to the kernel.
  ///
  /// Call this before any thread starts. See mallopt(3), `M_ARENA_MAX`, `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`.
  public static func keepSmall() { clinux_keep_heap_small() }

  /// Returns free memory to the kernel.
  ///
  /// See malloc_trim(3).
  public static func giveBack() { _ = clinux_malloc_trim() }
}
