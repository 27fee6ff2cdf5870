import Deflate
import Linux
import MicroHTTPD

/// The pages and their parts, read once at start and served from memory.
struct StaticFiles: Sendable {
  /// A file in both encodings.
  struct File: Sendable {
    let plain: Response
    let gzipped: Response?

    func answer(_ request: borrowing Request) -> Reply {
      let response = Negotiation.acceptsGzip(request.header("Accept-Encoding")) ? gzipped : nil
      return Reply(response ?? plain, unlessKnownTo: request)
    }
  }

  /// The limits of the page's files and bytes, so that a wrong folder is refused and not read into memory.
  static let mostFiles = 1000
  static let mostBytes: Int64 = 32 * 1024 * 1024
  /// The files that the server requires.
  static let required = ["stats.html", "client.css", "client.js"]
  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
    "ico": "image/x-icon", "json": "application/json",
  ]

  private let files: [String: File]
  /// The names of libraries that were not found.
  let missing: [String]

  /// Reads every file of a known type in a folder and its subfolders, and the libraries.
  ///
  /// A request only looks its path up in these, so no path leads to another file.
  ///
  /// - Throws: ``Failure`` when the folder cannot be read, holds too much, or lacks a required file.
  init(folder: String, libraries: [PageLibrary] = PageLibrary.charts) throws {
    var files: [String: File] = [:]
    do {
      let names = try Self.names(in: folder)
      try Self.checkSize(of: names, in: folder)
      for name in names {
        guard let type = Self.type(of: name) else { continue }
        files["/" + name] = Self.makeFile(try Files.read("\(folder)/\(name)"), name, type)
      }
    } catch let error as SystemCallError {
      throw Failure("cannot read the static files: \(error); choose their folder with --static")
    }
    if let absent = Self.required.first(where: { files["/" + $0] == nil }) {
      throw Failure(
        "no \(absent) in \(folder); choose the folder of the static files with --static")
    }
    files["/stats"] = files["/stats.html"]
    // /hosts itself is the JSON route.
    files["/fleet"] = files["/hosts.html"]
    var missing: [String] = []
    for library in libraries where files["/" + library.name] == nil {
      if let contents = library.contents(), let type = Self.type(of: library.name) {
        files["/" + library.name] = Self.makeFile(contents, library.name, type)
      } else {
        missing.append(library.name)
      }
    }
    self.missing = missing
    self.files = files
  }

  subscript(path: String) -> File? { files[path] }

  /// The files of known types in the folder and its subfolders, as relative paths.
  private static func names(in folder: String) throws -> [String] {
    try Files.names(in: folder).flatMap { name in
      if type(of: name) != nil { return [name] }
      do {
        return try Files.names(in: "\(folder)/\(name)").filter { type(of: $0) != nil }
          .map { "\(name)/\($0)" }
      } catch let error as SystemCallError where error.isNotFolder {
        return []
      }
    }
  }

  private static func checkSize(of names: [String], in folder: String) throws {
    guard names.count <= mostFiles else {
      throw Failure(
        "\(folder) and its folders hold \(names.count) files, and a page has at most \(mostFiles); "
          + "choose the folder of the static files with --static")
    }
    let bytes = try names.reduce(0) { $0 + (try Files.size(of: "\(folder)/\($1)")) }
    guard bytes <= mostBytes else {
      throw Failure(
        "the files of \(folder) and its folders hold \(bytes) bytes, and a page has at most \(mostBytes); "
          + "choose the folder of the static files with --static")
    }
  }

  private static func type(of name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return types[String(name[name.index(after: dot)...])]
  }

  /// A worker has the policy of its own script, not that of the page.
  private static func makesRequests(_ name: String) -> Bool {
    name.hasSuffix(".html") || name.hasSuffix("-worker.js")
  }

  private static func makeFile(_ contents: Files.Contents, _ name: String, _ type: String) -> File {
    let tag = "\(String(contents.modified, radix: 36))-\(String(contents.bytes.count, radix: 36))"
    func response(_ body: [UInt8], _ tag: String, _ encoding: String) -> Response {
      .make(
        type: type, content: makesRequests(name) ? .page : .data,
        headers: [
          .init("ETag", "\"\(tag)\""), .init("Cache-Control", "no-cache"),
          .init("Vary", "Accept-Encoding"), .init("Content-Encoding", encoding),
        ], body: body)
    }
    let gzipped = Gzip.compress(contents.bytes, level: 9)
    return File(
      plain: response(contents.bytes, tag, ""),
      gzipped: gzipped.map { response($0, tag + "-gzip", "gzip") })
  }
}
