/// The client that waits for a later reply, for use by the work on that reply.
public enum WaitingClient {
  @TaskLocal static var current: Deferral?

  /// Whether the client has left, so that the work can stop with any result.
  ///
  /// When a client leaves, the task is also cancelled shortly afterwards, but this checks at once. Check when queued
  /// work starts and between its steps. Each check costs one system call per waiting reply.
  public static var isGone: Bool {
    if let current { current.lookAfterClients() }
    return Task.isCancelled
  }
}
