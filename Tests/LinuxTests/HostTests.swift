import Glibc
import Testing

@testable import Linux

@Suite("Host")
struct HostTests {
  @Test(
    "An address is told from a name",
    arguments: [
      ("127.0.0.1", true), ("0.0.0.0", true), ("255.255.255.255", true),
      ("::", true), ("::1", true), ("fe80::1", true), ("::ffff:10.0.0.1", true),
      ("2001:db8:0:0:0:0:0:1", true),
      ("", false), ("localhost", false), ("127.0.0.1.", false), ("127.0.0.1.example.org", false),
      ("127.1", false), ("256.0.0.1", false), ("1.2.3.4:80", false), ("[::1]", false),
      ("0x7f.0.0.1", false), (":::", false), (" 127.0.0.1", false),
    ])
  func isAddress(text: String, expected: Bool) {
    #expect(Host.isAddress(text) == expected)
  }

  @Test(
    "Loopback addresses are told from all others",
    arguments: [
      ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("0:0:0:0:0:0:0:1", true),
      ("128.0.0.1", false), ("0.0.0.0", false), ("::", false), ("::2", false), ("fe80::1", false),
      ("::ffff:127.0.0.1", false), ("127.1", false), ("localhost", false), ("", false),
      ("127.0.0.1\u{0}", false),
    ])
  func isLoopbackAddress(text: String, expected: Bool) {
    #expect(Host.isLoopbackAddress(text) == expected)
  }

  @Test("The bytes of an address are those that travel")
  func bytesOfAddress() {
    #expect(Host.bytes(ofAddress: "10.0.0.1") == [10, 0, 0, 1])
    #expect(Host.bytes(ofAddress: "::1") == [UInt8](repeating: 0, count: 15) + [1])
    #expect(Host.bytes(ofAddress: "2001:db8::ff")?.prefix(4) == [0x20, 0x01, 0x0D, 0xB8])
    #expect(Host.bytes(ofAddress: "localhost") == nil)
  }

  @Test("A name with NUL in it is no address, whatever stands before the NUL")
  func nulInAddress() {
    #expect(!Host.isAddress("127.0.0.1\u{0}.example.org"))
  }

  @Test("The name of the machine is what the kernel says")
  func name() throws {
    let kernel = String(decoding: try Files.read("/proc/sys/kernel/hostname").bytes, as: UTF8.self)
    #expect(Host.name + "\n" == kernel)
  }

  @Test(
    "Sizes are what every Linux has: at least one tick a second, pages of a power of two, a CPU")
  func facts() {
    #expect(Host.ticksPerSecond > 0)
    #expect(Host.pageSize >= 4096 && Host.pageSize.nonzeroBitCount == 1)
    #expect(Host.onlineCPUs >= 1)
  }

  @Test("The descriptor limit is afterwards the highest that is allowed")
  func descriptorLimit() async {
    // In a process of its own, since the limit is shared with all other tests.
    await #expect(processExitsWith: .success) {
      var low = rlimit()
      let files = __rlimit_resource_t(7)
      try #require(unsafe getrlimit(files, &low) == 0)
      low.rlim_cur = min(64, low.rlim_max)
      try #require(unsafe setrlimit(files, &low) == 0)
      Host.raiseDescriptorLimit()
      var raised = rlimit()
      try #require(unsafe getrlimit(files, &raised) == 0)
      #expect(raised.rlim_cur == low.rlim_max)
    }
  }

  @Test(
    "An address is written as people write it, and IPv4 in IPv6 as IPv4",
    arguments: [
      ([10, 0, 0, 7], "10.0.0.7"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "::1"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], "127.0.0.1"),
      ([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], "2001:db8::9"),
      ([1, 2, 3], nil), ([], nil),
    ] as [([UInt8], String?)])
  func addressText(bytes: [UInt8], text: String?) {
    #expect(Host.text(ofAddress: bytes) == text)
  }
}
