/// Folders in order: a file may name types of its own folder and of the folders before it.
struct Layers {
  /// The lowest first.
  ///
  /// A folder counts if it directly contains a Swift file.
  let order: [String]

  /// The violations in files, one sentence each; empty if every name refers to a lower folder.
  ///
  /// A type that is nested in another type, or in an extension of one, is found by the name of the outer type. Not
  /// found: a member that a higher folder adds to a lower type, and a higher type whose name the file also gives to a
  /// nested type of its own.
  func violations(in files: [SourceFile]) -> [String] {
    var found: [String] = []
    let folders = Set(files.map(\.folder))
    let ranks = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    found += folders.subtracting(order).sorted().map { "\($0) has no place in the order" }
    found += order.filter { !folders.contains($0) }.map { "\($0) has a place, but no files" }
    for file in files.sorted(by: { $0.path < $1.path }) {
      found += file.loose.sorted().map { "\(file.path) declares \($0) outside of a type" }
    }
    var owners: [String: SourceFile] = [:]
    for file in files.sorted(by: { $0.path < $1.path }) {
      for type in file.declared.sorted() {
        if let other = owners[type] {
          found.append("\(type) is declared in \(other.path) and in \(file.path)")
        }
        owners[type] = file
      }
    }
    for file in files.sorted(by: { $0.path < $1.path }) {
      guard let rank = ranks[file.folder] else { continue }
      for type in file.named.subtracting(file.own).sorted() {
        guard let owner = owners[type]?.folder, let ownerRank = ranks[owner], ownerRank > rank
        else { continue }
        found.append(
          "\(file.path) names \(type), which \(owner) declares: \(file.folder) is below \(owner)")
      }
    }
    return found
  }
}
