// What the transforms of Winograd's convolutions are made of: a few numbers along one axis at a time, in vectors of sixteen channels. For sources
// that are compiled for AVX512-BF16 alone.
#pragma once

#include "s3l_winograd.h"

#include <immintrin.h>

namespace s3l {
namespace {

using Vector = __m512;

inline Vector times(float factor, Vector numbers) { return _mm512_set1_ps(factor) * numbers; }

inline __m512i rounded(Vector first, Vector second) { return (__m512i)_mm512_cvtne2ps_pbh(second, first); }

// a0 b0 a1 b1 …
inline __m512i rounded_in_turn(Vector a, Vector b) {
    const __m512i pairs = _mm512_setr_epi32(0x100000, 0x110001, 0x120002, 0x130003, 0x140004, 0x150005, 0x160006, 0x170007, 0x180008, 0x190009,
                                            0x1a000a, 0x1b000b, 0x1c000c, 0x1d000d, 0x1e000e, 0x1f000f);
    return _mm512_permutexvar_epi16(pairs, rounded(a, b));
}

// As whole numbers of 16 bits: a0 a1 … b0 b1 …, and a0 b0 a1 b1 …
inline __m512i whole_numbers(Vector a, Vector b) {
    const __m512i halves = _mm512_setr_epi32(0x20000, 0x60004, 0xa0008, 0xe000c, 0x120010, 0x160014, 0x1a0018, 0x1e001c, 0x220020, 0x260024,
                                             0x2a0028, 0x2e002c, 0x320030, 0x360034, 0x3a0038, 0x3e003c);
    return _mm512_permutex2var_epi16(_mm512_cvtps_epi32(a), halves, _mm512_cvtps_epi32(b));
}

inline __m512i whole_numbers_in_turn(Vector a, Vector b) {
    return _mm512_mask_blend_epi16(0xaaaaaaaau, _mm512_cvtps_epi32(a), _mm512_slli_epi32(_mm512_cvtps_epi32(b), 16));
}

// Shorter vectors count as this long: of these the units have no reciprocal.
constexpr double kShortest = 1e-30;

inline Vector load_numbers(const float* from, int64_t i) { return _mm512_loadu_ps(from + i); }
inline Vector load_numbers(const bfloat* from, int64_t i) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)(from + i))), 16));
}

inline float number(float from) { return from; }
inline float number(bfloat from) { return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(from << 16))); }

// The length of a vector of so many numbers, a multiple of kLanes, in float where its square can be a float.
template <class T>
inline float length_of(const T* from, int64_t count) {
    Vector sums = _mm512_setzero_ps();
    for (int64_t i = 0; i < count; i += kLanes) {
        const Vector numbers = load_numbers(from, i);
        sums = _mm512_fmadd_ps(numbers, numbers, sums);
    }
    const float sum = _mm512_reduce_add_ps(sums);
    if (sum > 1e-30f && sum < 1e30f) return __builtin_sqrtf(sum);
    double exact = 0;
    for (int64_t i = 0; i < count; ++i) exact += static_cast<double>(number(from[i])) * number(from[i]);
    const double length = __builtin_sqrt(exact);
    return static_cast<float>(length < kShortest ? kShortest : length);
}

// A transform of a few numbers along one axis.
template <int From, int To>
struct Line {
    static constexpr int kFrom = From, kTo = To;
};

// A transform along both axes of some vectors side by side: `load(i, vectors)` sets those at a place, row by row, and `store(i, vectors)` takes them.
template <class Down, class Across, int Vectors, class Load, class Store>
inline __attribute__((always_inline)) void transform(const Load& load, const Store& store) {
    Vector half[Vectors][Down::kTo][Across::kFrom];
#pragma GCC unroll 6
    for (int column = 0; column < Across::kFrom; ++column) {
        Vector from[Down::kFrom][Vectors];
#pragma GCC unroll 6
        for (int i = 0; i < Down::kFrom; ++i) load(i * Across::kFrom + column, from[i]);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
            Vector line[Down::kFrom], result[Down::kTo];
#pragma GCC unroll 6
            for (int i = 0; i < Down::kFrom; ++i) line[i] = from[i][v];
            Down::apply(line, result);
#pragma GCC unroll 6
            for (int i = 0; i < Down::kTo; ++i) half[v][i][column] = result[i];
        }
    }
#pragma GCC unroll 6
    for (int row = 0; row < Down::kTo; ++row) {
        Vector to[Vectors][Across::kTo];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) Across::apply(half[v][row], to[v]);
#pragma GCC unroll 6
        for (int i = 0; i < Across::kTo; ++i) {
            Vector at_place[Vectors];
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v) at_place[v] = to[v][i];
            store(row * Across::kTo + i, at_place);
        }
    }
}

}  // namespace
}  // namespace s3l
