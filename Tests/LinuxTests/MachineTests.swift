import Glibc
import Testing

@testable import Linux

@Suite("Machine")
struct MachineTests {
  @Test("The name of the machine is the kernel's host name")
  func name() throws {
    let kernel = String(decoding: try Files.read("/proc/sys/kernel/hostname").bytes, as: UTF8.self)
    #expect(Machine.name + "\n" == kernel)
  }

  @Test(
    "The facts are plausible: positive tick rate, page size a power of two, at least one CPU")
  func facts() {
    #expect(Machine.ticksPerSecond > 0)
    #expect(Machine.pageSize >= 4096 && Machine.pageSize.nonzeroBitCount == 1)
    #expect(Machine.onlineCPUs >= 1)
  }

  @Test("The descriptor limit is raised to the hard limit")
  func descriptorLimit() async {
    // This needs its own process, since all tests share the limit.
    await #expect(processExitsWith: .success) {
      var low = rlimit()
      let files = __rlimit_resource_t(7)
      try #require(unsafe getrlimit(files, &low) == 0)
      low.rlim_cur = min(64, low.rlim_max)
      try #require(unsafe setrlimit(files, &low) == 0)
      Machine.raiseDescriptorLimit()
      var raised = rlimit()
      try #require(unsafe getrlimit(files, &raised) == 0)
      #expect(raised.rlim_cur == low.rlim_max)
    }
  }
}
