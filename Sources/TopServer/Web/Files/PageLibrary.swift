import Linux

/// A file of another project that enhances the page, found where it is installed.
///
/// Without it the page works and says what is missing.
struct PageLibrary: Sendable {
  /// The name that the page requests.
  let name: String
  /// The paths where it may be installed.
  let places: [String]

  /// The chart library: the Debian package libjs-dygraphs.
  static let charts = [
    PageLibrary(name: "dygraphs.js", file: "dygraphs/dygraph.min.js"),
    PageLibrary(name: "dygraphs.css", file: "dygraphs/dygraph.min.css"),
  ]

  /// The content of the first readable file.
  func contents() -> Files.Contents? {
    for place in places {
      if let contents = try? Files.read(place) { return contents }
    }
    return nil
  }
}

extension PageLibrary {
  /// - Parameter file: The path below the scripts folder that Debian's web policy defines.
  private init(name: String, file: String) {
    self.init(name: name, places: ["/usr/share/javascript/\(file)"])
  }
}
