/// The client that waits for a later reply, for the work on it.
public enum WaitingClient {
  @TaskLocal static var current: Deferral?

  /// Whether nobody waits for the reply any more: the work can end, whatever it returns.
  ///
  /// The task is cancelled a moment after a client has left, too, but this looks at once: ask it when the turn of a
  /// question comes, and between its parts. Costs a system call for each reply that is waited for.
  public static var isGone: Bool {
    if let current { current.lookAfterClients() }
    return Task.isCancelled
  }
}
