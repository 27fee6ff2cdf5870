import CMicroHTTPD

// Functions that read the headers of a request, and the callbacks that libmicrohttpd calls for each header.
//
// They are nonisolated functions in a separate file for the reason given in Callbacks.swift.

/// Inspects every header of a request with a ``RequestGuard``.
func inspectHeaders(of handle: OpaquePointer) -> RequestGuard {
  var inspection = RequestGuard()
  unsafe withUnsafeMutablePointer(to: &inspection) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, inspectHeader, $0)
  }
  return inspection
}

/// The `MHD_KeyValueIteratorN` of ``inspectHeaders(of:)``.
private func inspectHeader(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let cls = unsafe cls else { return .NO }
  let name = unsafe UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameSize)
  let value = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
  unsafe cls.assumingMemoryBound(to: RequestGuard.self).pointee
    .inspect(name.bindMemory(to: UInt8.self).span, value.bindMemory(to: UInt8.self).span)
  return .YES
}

/// The first value of a header, without surrounding blanks, or `nil`.
func headerValue(of handle: OpaquePointer, named name: StaticString) -> String? {
  var value: UnsafePointer<CChar>?
  var size = 0
  let bytes = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  guard
    unsafe MHD_lookup_connection_value_n(
      handle, .HEADER_KIND, bytes, name.utf8CodeUnitCount, &value, &size) == .YES
  else { return nil }
  // The first Cookie header is the empty one that we added.
  if size == 0, "\(name)".lowercased() == "cookie" {
    return unsafe headerValues(of: handle, named: "cookie").first
  }
  return unsafe text(value, size)
}

/// The values of all headers with a name, without surrounding blanks.
///
/// - Parameter name: The name in lower case.
func headerValues(of handle: OpaquePointer, named name: String) -> [String] {
  var search = (name: name, values: [String]())
  unsafe withUnsafeMutablePointer(to: &search) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, collectHeader, $0)
  }
  // The first is the one that `cmhd_hide_cookies` added.
  return name == "cookie" ? Array(search.values.dropFirst()) : search.values
}

/// The `MHD_KeyValueIteratorN` of ``headerValues(of:named:)``.
private func collectHeader(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  guard let cls = unsafe cls, let name = unsafe name, unsafe value != nil else { return .YES }
  let search = unsafe cls.assumingMemoryBound(to: (name: String, values: [String]).self)
  if unsafe String(cString: name).lowercased() == search.pointee.name {
    unsafe search.pointee.values.append(text(value, valueSize))
  }
  return .YES
}

/// A header value without surrounding blanks.
private func text(_ value: UnsafePointer<CChar>?, _ size: Int) -> String {
  let bytes = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
  let span = unsafe bytes.bindMemory(to: UInt8.self).span
  return span.extracting(span.valueRange).text
}

/// The method of a request whose headers have arrived; `nil` if it is not one of the usual methods.
func usualMethod(of handle: OpaquePointer, _ connection: Connection) -> String? {
  var end: UnsafePointer<CChar>?
  unsafe withUnsafeMutablePointer(to: &end) {
    _ = unsafe MHD_get_connection_values_n(handle, .HEADER_KIND, findLastValue, $0)
  }
  guard let target = unsafe UnsafePointer<CChar>(bitPattern: connection.targetAddress) else {
    return nil
  }
  let size = unsafe cmhd_head_size(handle)
  let usual = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]
  return usual.first { unsafe cmhd_method_is($0, target, end, size) != 0 }
}

/// The `MHD_KeyValueIteratorN` that finds the end of the last value.
private func findLastValue(
  _ cls: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
) -> MHD_Result {
  unsafe cls?.assumingMemoryBound(to: UnsafePointer<CChar>?.self).pointee =
    value.map { unsafe $0 + valueSize }
  return .YES
}
