/// An SVG plot that fills the available width, with text of constant size.
///
/// Lines are drawn in a stretched box with its own units. Text is positioned at percentages of the width, or in the
/// left margin that the style sheet reserves.
struct Plot: Sendable {
  /// One line, or several for a comparison.
  var lines: [Line]
  /// The labels of values and their vertical positions: 0 is the bottom, 1 the top.
  var rows: [Mark]
  /// The labels along the horizontal axis: 0 is the left end, 1 the right.
  var columns: [Mark]
  /// The distance from the lowest to the highest row in pixels.
  var height: Int
  /// A description for screen readers.
  var description: String

  struct Mark: Sendable, Equatable {
    var position: Double
    var label: String
  }

  struct Line: Sendable, Equatable {
    /// Points with coordinates from 0 to 1.
    var points: [Point]
    /// Points to mark with dots.
    var dots: [Point] = []
    /// Whether to fill the area below the line.
    var isArea = false
    /// The CSS class that sets the color.
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
    // The outermost labels must not cross the edge.
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
