// Loops over memory that libtorch makes one operator at a time, as operators of their own in the namespace s3l. Each has a plain form for
// whatever it was not made for: another device, another type, another layout. This header is what such loops share.
#pragma once

#include <stdint.h>
#include <string.h>

// One form of a loop per instruction set, chosen when the library is loaded by what the processor can do. Not by names such as
// arch=skylake-avx512: these mean that very processor, and every other one, however able, would run the plainest form.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#if __GNUC__ >= 12
#define S3L_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define S3L_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
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

// How many parts all make, of so many each but for the last.
inline int64_t parts_of(int64_t all, int64_t at_once) { return (all + at_once - 1) / at_once; }

using bfloat = uint16_t;  // the bits of a bfloat16

S3L_INLINE float widen(float value) { return value; }

S3L_INLINE float widen(bfloat value) {
    const uint32_t bits = static_cast<uint32_t>(value) << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

S3L_INLINE void narrow(float value, float& result) { result = value; }

// To the nearest, to the even one of two; not a number stays one.
S3L_INLINE void narrow(float value, bfloat& result) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    result = static_cast<bfloat>(value != value ? 0x7fc0u : rounded);
}

}  // namespace s3l
