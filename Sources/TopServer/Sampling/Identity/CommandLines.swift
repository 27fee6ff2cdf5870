/// Whether answers show the command lines of processes.
enum CommandLines: String, Sendable, CaseIterable {
  /// The text is not kept; it is read only to find the name of the program.
  case off
  /// Without passwords, tokens and the like; see ``CommandScrubber``.
  case scrubbed
  case full
}
