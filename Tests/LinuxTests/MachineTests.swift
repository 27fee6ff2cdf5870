import Glibc
import Testing

@testable import Linux

@Suite("Machine")
struct MachineTests {
  @Test("The name of the machine is what the kernel says")
  func name() throws {
    let kernel = String(decoding: try Files.read("/proc/sys/kernel/hostname").bytes, as: UTF8.self)
    #expect(Machine.name + "\n" == kernel)
  }

  @Test(
    "Sizes are what every Linux has: at least one tick a second, pages of a power of two, a CPU")
  func facts() {
    #expect(Machine.ticksPerSecond > 0)
    #expect(Machine.pageSize >= 4096 && Machine.pageSize.nonzeroBitCount == 1)
    #expect(Machine.onlineCPUs >= 1)
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
      Machine.raiseDescriptorLimit()
      var raised = rlimit()
      try #require(unsafe getrlimit(files, &raised) == 0)
      #expect(raised.rlim_cur == low.rlim_max)
    }
  }
}
