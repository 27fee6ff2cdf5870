/// The fields that a filter can name, without their values.
struct FilterFields: Sendable {
  struct Field: Sendable {
    let name: String
    let kind: Kind
    /// The possible texts; empty if there is no list.
    var choices: [String] = []
    /// Other names for the same: `rss` for `rss_bytes`.
    var otherNames: [String] = []
    /// Whether a word alone is searched here.
    var isSearched = false
  }

  enum Kind: Sendable, Equatable {
    case number(MeasureUnit?)
    case text
    case truth
  }

  /// A field goes by its place here.
  let all: [Field]
  /// The fields in which a word alone is searched.
  let searched: [Int]
  private let places: [String: Int]

  init(_ all: [Field]) {
    self.all = all
    searched = all.indices.filter { all[$0].isSearched }
    places = Dictionary(
      all.enumerated().flatMap { place, field in
        ([field.name] + field.otherNames).map { ($0, place) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of the field with this name, in any case.
  func place(of name: String) -> Int? { places[name.lowercased()] }
}

/// The value of a field of a row.
enum FilterValue: Sendable {
  /// In the unit of the field, percent for shares; `nil` if it is unknown.
  case number(Double?)
  /// `nil` counts as empty text.
  case text(String?)
  case truth(Bool)
}
