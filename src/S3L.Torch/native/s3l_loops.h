// Loops over memory that libtorch makes one operator at a time, as operators of their own in the namespace s3l. Each has a plain form for
// whatever it was not made for: another device, another type, another layout. This header is what such loops share.
#pragma once

#include <stdint.h>

// One form of a loop per instruction set, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define S3L_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define S3L_FOR_EACH_PROCESSOR
#endif
// What a loop writes is nothing that it reads later: it may run in vectors.
#if defined(__GNUC__) && !defined(__clang__)
#define S3L_INDEPENDENT _Pragma("GCC ivdep")
#else
#define S3L_INDEPENDENT
#endif
#define S3L_INLINE static inline __attribute__((always_inline))

namespace s3l {

// Enough for a thread to be worth its start.
inline constexpr int64_t kGrain = 32768;

}  // namespace s3l
