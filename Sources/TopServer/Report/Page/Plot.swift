/// A plot as SVG that is as wide as its place, with text of the same size at any width.
///
/// Lines are drawn in a box of its own units that is stretched; text stands at percentages of the width, and beside the
/// rows in a margin that the style sheet leaves at the left.
struct Plot: Sendable {
  /// One line, or several that are compared.
  var lines: [Line]
  /// Names of values, and where they stand: 0 is below, 1 is above.
  var rows: [Mark]
  /// The same across: 0 is left, 1 is right.
  var columns: [Mark]
  /// Pixels from the lowest to the highest row.
  var height: Int
  /// What the plot shows, for those who do not see it.
  var description: String

  struct Mark: Sendable, Equatable {
    var position: Double
    var label: String
  }

  struct Line: Sendable, Equatable {
    /// From 0 to 1 in both directions.
    var points: [Point]
    /// Points of it that are marked.
    var dots: [Point] = []
    /// Whether the space below is filled.
    var isArea = false
    /// The class that gives the colour.
    var style: String
  }

  struct Point: Sendable, Equatable {
    var x: Double
    var y: Double
  }

  private static let top = 8
  private static let bottom = 24

  var svg: HTML {
    """
    <svg class="plot" role="img" aria-label="\(description)" width="100%" height="\(Self.top + height + Self.bottom)">
    \(rows.map(gridLine))
    <svg x="0" y="\(Self.top)" width="100%" height="\(height)" viewBox="0 0 1000 1000" preserveAspectRatio="none" overflow="visible">
    \(lines.flatMap(paths))
    </svg>
    \(lines.flatMap { line in line.dots.map { dot(at: $0, line.style) } })
    \(rows.map(rowLabel))
    \(columns.map(columnLabel))
    </svg>
    """
  }

  private func paths(_ line: Line) -> [HTML] {
    guard let first = line.points.first, let last = line.points.last else { return [] }
    let points = line.points.map { "\(Self.unit($0.x)),\(Self.unit(1 - $0.y))" }
      .joined(separator: " ")
    let area: HTML =
      """
      <polygon class="area \(line.style)" points="\(Self.unit(first.x)),1000 \(points) \(Self.unit(last.x)),1000"/>
      """
    let stroke: HTML =
      """
      <polyline class="line \(line.style)" points="\(points)" vector-effect="non-scaling-stroke"/>
      """
    return line.isArea ? [area, stroke] : [stroke]
  }

  private func dot(at point: Point, _ style: String) -> HTML {
    #"<circle class="dot \#(style)" cx="\#(Self.percent(point.x))" cy="\#(y(point.y))" r="3.5"/>"#
  }

  private func gridLine(_ row: Mark) -> HTML {
    let style = row.position == 0 ? "base" : "grid"
    return
      #"<line class="\#(style)" x1="0" x2="100%" y1="\#(y(row.position))" y2="\#(y(row.position))"/>"#
  }

  private func rowLabel(_ row: Mark) -> HTML {
    #"<text class="row" x="-8" y="\#(y(row.position) + 4)" text-anchor="end">\#(row.label)</text>"#
  }

  private func columnLabel(_ column: Mark) -> HTML {
    // The outermost labels must not hang over the edge.
    let anchor = column.position < 0.02 ? "start" : column.position > 0.98 ? "end" : "middle"
    return
      #"<text class="column" x="\#(Self.percent(column.position))" y="\#(Self.top + height + 17)" text-anchor="\#(anchor)">\#(column.label)</text>"#
  }

  private func y(_ position: Double) -> Int {
    Self.top + Int((Double(height) * (1 - position)).rounded())
  }

  private static func unit(_ position: Double) -> Int { Int((position * 1000).rounded()) }

  private static func percent(_ position: Double) -> String {
    Wording.fixed(position * 100, places: 2) + "%"
  }
}
