import Testing

@testable import MicroHTTPD

@Suite("Event chunk")
struct EventChunkTests {
  @Test(
    "An event is encoded as clients parse it",
    arguments: [
      (EventChunk(data: Array("{}".utf8)), "data: {}\n\n"),
      (EventChunk(id: 7, data: Array("{}".utf8)), "id: 7\ndata: {}\n\n"),
      (
        EventChunk(id: .max, event: "system", data: Array("{\"a\":1}".utf8)),
        "event: system\nid: 18446744073709551615\ndata: {\"a\":1}\n\n"
      ),
      (EventChunk(data: []), "data: \n\n"),
      (EventChunk(data: Array("a\nb\r\nc\rd".utf8)), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
      (
        EventChunk(data: Array("a\n\r\n\nb\r".utf8)), "data: a\ndata: \ndata: \ndata: b\ndata: \n\n"
      ),
      (
        EventChunk(event: "a\ndata: x", data: Array("Zürich".utf8)),
        "event: a data: x\ndata: Zürich\n\n"
      ),
      (.retry(after: .milliseconds(1_500)), "retry: 1500\n\n"),
      (.comment, ":\n\n"),
    ])
  func bytes(chunk: EventChunk, text: String) {
    #expect(String(decoding: chunk.bytes, as: UTF8.self) == text)
  }
}
