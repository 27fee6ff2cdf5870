/// The default folder of the history, for when no option names one.
enum DataFolder {
  /// - Returns: `nil` when no variable of the environment names a home.
  static func usual(_ environment: [String: String]) -> String? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    // systemd separates several folders with colons; see systemd.exec(5), StateDirectory.
    if let folders = value("STATE_DIRECTORY") {
      return folders.split(separator: ":").first.map(String.init)
    }
    // See the XDG Base Directory Specification.
    if let state = value("XDG_STATE_HOME") { return "\(state)/topserver" }
    return value("HOME").map { "\($0)/.local/state/topserver" }
  }
}
