#include "s3l_tiles.h"

#if defined(S3L_BFLOAT_PRODUCTS) && !defined(S3L_EMULATED_TILES)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace s3l {
namespace tiles {

bool are_there() {
#if !defined(S3L_BFLOAT_PRODUCTS)
    return false;
#elif defined(S3L_EMULATED_TILES)
    return true;
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

}  // namespace tiles
}  // namespace s3l
