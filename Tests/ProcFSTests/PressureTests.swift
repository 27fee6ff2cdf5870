import ProcFS
import Testing

@Suite struct PressureTests {
  private func parse(_ text: String) throws -> Pressure {
    try Pressure(parsing: Array(text.utf8).span, file: "pressure/io")
  }

  @Test func readsBothLines() throws {
    let pressure = try parse(
      "some avg10=3.78 avg60=2.31 avg300=0.75 total=115769908\n"
        + "full avg10=3.70 avg60=2.26 avg300=0.72 total=69309258\n")
    #expect(pressure.some.average10 == 3.78)
    #expect(pressure.some.average60 == 2.31)
    #expect(pressure.some.average300 == 0.75)
    #expect(pressure.some.total == 115_769_908)
    #expect(pressure.full?.average60 == 2.26)
    #expect(pressure.full?.total == 69_309_258)
  }

  @Test func olderKernelsHaveNoFullLineForTheCPU() throws {
    #expect(try parse("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n").full == nil)
  }

  @Test(arguments: [
    ("", "some"), ("full avg10=0 avg60=0 avg300=0 total=0\n", "some"), ("some\n", "some"),
    ("some avg60=0 avg10=0 avg300=0 total=0\n", "avg10"), ("some avg10=x avg60=0\n", "avg10"),
    ("some avg10= avg60=0 avg300=0 total=0\n", "avg10"), ("some avg10=1.0 avg60", "avg60"),
    ("some avg10=0 avg60=0 avg3000=0 total=0\n", "avg300"),
    ("some avg10=0 avg60=0 avg300=0 total=99999999999999999999\n", "total"),
    ("some avg10=0 avg60=0 avg300=0 total=0\nfull avg10=0 avg60=0\n", "avg300"),
  ])
  func errorNamesTheMissingField(_ text: String, _ field: String) {
    #expect(throws: ProcError.malformed(file: "pressure/io", field: field)) { try parse(text) }
  }
}
