import Linux
import Testing

@Suite("Address key")
struct AddressKeyTests {
  @Test(
    "Addresses of the same client have the same key",
    arguments: [
      ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"), ("::ffff:192.0.2.7", "192.0.2.7"),
      ("not an address", nil), ("", nil), ("fe80::1%eth0", "fe80::2"), ("::1", "::"),
    ] as [(String?, String?)])
  func same(one: String?, other: String?) {
    #expect(AddressKey(one) == AddressKey(other))
  }

  @Test(
    "Addresses of different clients have different keys",
    arguments: [
      ("2001:db8:0:1::1", "2001:db8:0:2::1"), ("192.0.2.7", "192.0.2.8"), ("0.0.0.0", nil),
      ("::", nil), ("::1", "127.0.0.1"), ("::ffff:0:192.0.2.7", "192.0.2.7"),
    ] as [(String?, String?)])
  func different(one: String?, other: String?) {
    #expect(AddressKey(one) != AddressKey(other))
  }

  @Test(
    "The text of a key is an address or a network prefix",
    arguments: [
      ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
      ("2001:db8:0:1::9", "2001:db8:0:1::/64"), ("2001:0DB8::5", "2001:db8::/64"),
      ("::1", "::/64"), (nil, "local"),
    ] as [(String?, String)])
  func text(address: String?, text: String) {
    #expect("\(AddressKey(address))" == text)
  }
}
