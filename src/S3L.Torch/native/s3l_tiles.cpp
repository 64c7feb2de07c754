#include "s3l_tiles.h"

#include <signal.h>
#include <sys/mman.h>

#ifdef S3L_TILES
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace s3l {
namespace tiles {
namespace {

constexpr size_t kSignalStack = 64 * 1024;

// A larger alternative stack in the place of a smaller one, for the life of a thread.
class SignalStack {
  public:
    SignalStack() {
        if (sigaltstack(nullptr, &before_) != 0 || (before_.ss_flags & (SS_DISABLE | SS_ONSTACK)) != 0 || before_.ss_size >= kSignalStack) return;
        void* memory = mmap(nullptr, kSignalStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return;
        stack_t larger = {};
        larger.ss_sp = memory;
        larger.ss_size = kSignalStack;
        if (sigaltstack(&larger, nullptr) == 0) {
            memory_ = memory;
        } else {
            munmap(memory, kSignalStack);
        }
    }

    ~SignalStack() {
        if (memory_ == nullptr) return;
        stack_t now = {};
        if (sigaltstack(nullptr, &now) == 0 && now.ss_sp == memory_) sigaltstack(&before_, nullptr);
        munmap(memory_, kSignalStack);
    }

    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;

  private:
    stack_t before_ = {};
    void* memory_ = nullptr;
};

}  // namespace

bool are_there() {
#if defined(S3L_EMULATED_TILES)
    return true;
#elif !defined(S3L_TILES)
    return false;
#else
    constexpr unsigned kSystemSaves = 1u << 27, kTiles = 1u << 24, kOfBfloats = 1u << 22, kStates = 1u << 17 | 1u << 18;
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kSystemSaves) == 0) return false;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kTiles) == 0 || (d & kOfBfloats) == 0) return false;
    unsigned saved = 0, upper = 0;
    asm volatile("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
    if ((saved & kStates) != kStates) return false;
    // Registers of eight KiB: Linux wants to be asked before it saves these for a process.
    constexpr long kAskForState = 0x1023, kRegisters = 18;
    return syscall(SYS_arch_prctl, kAskForState, kRegisters) == 0;
#endif
}

void prepare_thread() {
    static thread_local const SignalStack stack;
    (void)stack;
}

}  // namespace tiles
}  // namespace s3l
