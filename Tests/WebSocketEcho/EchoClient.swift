import Linux
import WebSocket

/// A client that runs the test cases of Autobahn's fuzzing server.
///
/// See https://github.com/crossbario/autobahn-testsuite.
struct EchoClient {
  let server: String

  func runCases() throws {
    var count = 0
    try visit("/getCaseCount") { text, _ in count = Int(String(decoding: text, as: UTF8.self)) ?? 0
    }
    for number in 1...max(1, count) {
      try visit("/runCase?case=\(number)&agent=topserver") { text, client in
        _ = client.send(text)
      }
    }
    try visit("/updateReports?agent=topserver") { _, _ in }
    Console.say("\(count) cases")
  }

  private func visit(_ target: String, _ onText: ([UInt8], WebSocketClient) -> Void) throws {
    let url = try WebSocketURL(server + target)
    let client = try WebSocketClient.connect(url, timeout: .seconds(30))
    _ = client.run { onText($0, client) }
  }
}
