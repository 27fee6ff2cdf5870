import MicroHTTPD
import Synchronization
import Testing

@testable import TopServer

@Suite struct HTTPServiceTests {
  private let lines = RecordingLog.Lines()

  private func configuration(_ settings: Settings, descriptors: Int) -> DaemonConfiguration {
    DaemonConfiguration(
      settings, hostName: "box", descriptors: descriptors, logger: lines.logger)
  }

  @Test func enoughDescriptorsAllowTheConfiguredConnections() throws {
    let settings = try Settings.test(
      "--connections", "1000", "--connections-per-address", "20", "--header-timeout", "3")
    let configuration = configuration(settings, descriptors: 1512)
    #expect(configuration.connectionLimit == 1000)
    #expect(configuration.connectionLimitPerAddress == 20)
    #expect(configuration.headerTimeout == .seconds(3))
    #expect(2...4 ~= configuration.threads)
    #expect(lines.all.withLock { $0 } == [])
  }

  @Test(arguments: [(1511, 999), (576, 64), (10, 64)])
  func fewDescriptorsAllowFewerConnections(_ descriptors: Int, _ possible: Int) throws {
    let settings = try Settings.test("--connections", "1000")
    #expect(configuration(settings, descriptors: descriptors).connectionLimit == possible)
    #expect(
      lines.all.withLock { $0 } == [
        "notice: only \(possible) of 1000 connections are possible: this process may open "
          + "\(descriptors) files (ulimit -Hn, or LimitNOFILE= of its unit)"
      ])
  }

  @Test func itAnswersForThisHostAndThoseThatAreAllowed() throws {
    let settings = try Settings.test("--allowed-host", "other.example")
    let configuration = configuration(settings, descriptors: 20_000)
    #expect(configuration.allowsHost("box"))
    #expect(configuration.allowsHost("other.example:8845"))
    #expect(!configuration.allowsHost("evil.example"))
  }

  @Test func healthChecksAreAnsweredBeyondTheLimits() throws {
    let configuration = configuration(try .test(), descriptors: 20_000)
    let paths = ["/livez", "/readyz", "/system", "/stats"]
    #expect(paths.filter(configuration.isVital) == ["/livez", "/readyz"])
  }
}
