import Testing

@testable import MicroHTTPD

@Suite struct BodyTests {
  @Test func keepsItsBytes() {
    #expect(Body([1, 2, 3]).bytes == [1, 2, 3])
    #expect(Body([]).bytes == [])
    #expect(Body([]).count == 0)
  }

  @Test func showsItsBytesInPlace() {
    #expect(Body([1, 2, 3]).withSpan { span in span.indices.map { span[$0] } } == [1, 2, 3])
    #expect(Body([]).withSpan { $0.isEmpty })
  }

  @Test func aBuilderGrowsBeyondItsCapacity() {
    var builder = BodyBuilder(capacity: 1)
    for index in 0..<1000 { builder.append([UInt8(index % 256), 7]) }
    builder.append("end")
    let body = builder.finish()
    #expect(body.count == 2003)
    #expect(body.bytes[510..<516] == [255, 7, 0, 7, 1, 7])
    #expect(body.bytes.suffix(3) == Array("end".utf8)[...])
  }

  @Test func copiesAPartOfAnotherBody() {
    let before = Body(Array("one two three".utf8))
    var builder = BodyBuilder(capacity: 0)
    builder.append(4..<7, of: before)
    builder.append(0..<0, of: before)
    builder.append(7..<13, of: before)
    #expect(builder.finish().bytes == Array("two three".utf8))
  }

  @Test func anUnfinishedBuilderFreesItsMemory() {
    var builder = BodyBuilder(capacity: 10)
    builder.append("never sent")
  }
}
