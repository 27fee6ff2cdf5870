import Testing

@testable import TopServer

@Suite struct PlotTests {
  private let plot = Plot(
    lines: [
      .init(
        points: [.init(x: 0, y: 0), .init(x: 0.5, y: 1)], dots: [.init(x: 0.5, y: 1)], isArea: true,
        style: "a")
    ],
    rows: [.init(position: 0, label: "0"), .init(position: 1, label: "<10>")],
    columns: [
      .init(position: 0, label: "0"), .init(position: 0.5, label: "1 s"),
      .init(position: 1, label: "2 s"),
    ],
    height: 100, description: "A & B")

  @Test func drawsValuesAtTheirPositions() {
    let svg = plot.svg.text
    #expect(svg.contains(#"points="0,1000 500,0""#))
    #expect(svg.contains(#"points="0,1000 0,1000 500,0 500,1000""#))
    #expect(svg.contains(#"cx="50.00%" cy="8""#))
    #expect(svg.contains(#"<line class="base" x1="0" x2="100%" y1="108" y2="108"/>"#))
  }

  @Test func escapesLabelsAndKeepsTheOuterOnesInside() {
    let svg = plot.svg.text
    #expect(svg.contains(#"aria-label="A &amp; B""#))
    #expect(svg.contains("&lt;10&gt;"))
    #expect(svg.contains(#"text-anchor="start">0<"#))
    #expect(svg.contains(#"text-anchor="middle">1 s<"#))
    #expect(svg.contains(#"text-anchor="end">2 s<"#))
  }

  @Test func drawsNoLineWithoutPoints() {
    var plot = plot
    plot.lines = [.init(points: [], style: "a")]
    #expect(!plot.svg.text.contains("polyline"))
  }
}
