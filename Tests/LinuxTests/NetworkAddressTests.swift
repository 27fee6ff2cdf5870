import Testing

@testable import Linux

@Suite("Network address")
struct NetworkAddressTests {
  @Test(
    "Addresses are distinguished from names",
    arguments: [
      ("127.0.0.1", true), ("0.0.0.0", true), ("255.255.255.255", true),
      ("::", true), ("::1", true), ("fe80::1", true), ("::ffff:10.0.0.1", true),
      ("2001:db8:0:0:0:0:0:1", true),
      ("", false), ("localhost", false), ("127.0.0.1.", false), ("127.0.0.1.example.org", false),
      ("127.1", false), ("256.0.0.1", false), ("1.2.3.4:80", false), ("[::1]", false),
      ("0x7f.0.0.1", false), (":::", false), (" 127.0.0.1", false),
    ])
  func isAddress(text: String, expected: Bool) {
    #expect(NetworkAddress.isAddress(text) == expected)
  }

  @Test(
    "Loopback addresses are distinguished from others",
    arguments: [
      ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("0:0:0:0:0:0:0:1", true),
      ("128.0.0.1", false), ("0.0.0.0", false), ("::", false), ("::2", false), ("fe80::1", false),
      ("::ffff:127.0.0.1", false), ("127.1", false), ("localhost", false), ("", false),
      ("127.0.0.1\u{0}", false),
    ])
  func isLoopbackAddress(text: String, expected: Bool) {
    #expect(NetworkAddress.isLoopbackAddress(text) == expected)
  }

  @Test("The bytes of an address are in network byte order")
  func bytesOfAddress() {
    #expect(NetworkAddress.bytes(of: "10.0.0.1") == [10, 0, 0, 1])
    #expect(NetworkAddress.bytes(of: "::1") == [UInt8](repeating: 0, count: 15) + [1])
    #expect(NetworkAddress.bytes(of: "2001:db8::ff")?.prefix(4) == [0x20, 0x01, 0x0D, 0xB8])
    #expect(NetworkAddress.bytes(of: "localhost") == nil)
  }

  @Test("A name that contains a NUL is not an address")
  func nulInAddress() {
    #expect(!NetworkAddress.isAddress("127.0.0.1\u{0}.example.org"))
  }

  @Test(
    "The text of an address is in canonical form, and IPv4-mapped addresses become IPv4",
    arguments: [
      ([10, 0, 0, 7], "10.0.0.7"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "::1"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], "127.0.0.1"),
      ([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], "2001:db8::9"),
      ([1, 2, 3], nil), ([], nil),
    ] as [([UInt8], String?)])
  func addressText(bytes: [UInt8], text: String?) {
    #expect(NetworkAddress.text(of: bytes) == text)
  }
}
