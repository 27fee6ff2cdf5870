import Testing

@testable import TopServer

@Suite struct ClientKeyTests {
  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("192.0.2.7", "192.0.2.7"), ("::1", "0:0:0:0::/64"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ("2001:db8::1", "2001:db8:0:0::/64"), ("2001:db8::1:2:3:4", "2001:db8:0:0::/64"),
    ("2001:db8::9:1:2:3:4", "2001:db8:0:9::/64"), ("fe80::1%eth0", "fe80:0:0:0::/64"),
    ("2001:0db8:0001:0002::", "2001:db8:1:2::/64"), ("::", "0:0:0:0::/64"),
  ])
  func addressesOfOneHostAreOneClient(_ address: String, _ key: String) {
    #expect(ClientKey.of(address) == key)
  }

  @Test func withoutAnAddressItIsThisHost() { #expect(ClientKey.of(nil) == ClientKey.local) }
}
