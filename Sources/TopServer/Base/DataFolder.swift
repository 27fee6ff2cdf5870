/// Where the history lives when nobody says where.
enum DataFolder {
  /// - Returns: `nil` when the environment names no home.
  static func usual(_ environment: [String: String]) -> String? {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    // systemd may list several, separated by colons; see systemd.exec(5), StateDirectory.
    if let folders = value("STATE_DIRECTORY") {
      return folders.split(separator: ":").first.map(String.init)
    }
    // See the XDG Base Directory Specification.
    if let state = value("XDG_STATE_HOME") { return "\(state)/topserver" }
    return value("HOME").map { "\($0)/.local/state/topserver" }
  }
}
