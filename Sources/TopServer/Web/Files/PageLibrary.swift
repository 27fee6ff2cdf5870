import Linux

/// A file that makes the page richer and belongs to somebody else, so it is found where it was installed.
///
/// The page does without it and says so.
struct PageLibrary: Sendable {
  /// What the page asks for.
  let name: String
  /// Where it may lie.
  let places: [String]

  /// What draws the charts: the Debian package libjs-dygraphs.
  static let charts = [
    PageLibrary(name: "dygraphs.js", file: "dygraphs/dygraph.min.js"),
    PageLibrary(name: "dygraphs.css", file: "dygraphs/dygraph.min.css"),
  ]

  /// The first of the files that can be read.
  func contents() -> Files.Contents? {
    for place in places {
      if let contents = try? Files.read(place) { return contents }
    }
    return nil
  }
}

extension PageLibrary {
  /// - Parameter file: As the web policy of Debian names it below its folder for scripts.
  private init(name: String, file: String) {
    self.init(name: name, places: ["/usr/share/javascript/\(file)"])
  }
}
