// Vectors of sixteen numbers, for sources that are compiled for AVX512-VNNI alone.
#pragma once

#include "s3l_products.h"

#include <immintrin.h>

namespace s3l {
namespace {

using Vector = __m512;

// The first so many of sixteen, all where there are more.
inline __mmask16 first(int64_t count) { return count < kLanes ? static_cast<__mmask16>((1u << count) - 1) : static_cast<__mmask16>(~0u); }

inline Vector times(float factor, Vector numbers) { return _mm512_set1_ps(factor) * numbers; }

inline Vector load_numbers(const float* from) { return _mm512_loadu_ps(from); }
inline Vector load_numbers(const bfloat* from) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)from)), 16));
}

// Which of thirty-two numbers from `i` there are, and these stored: all, or sixteen.
inline __mmask32 channels_from(int64_t i, int64_t depth) { return i + 2 * kLanes <= depth ? ~0u : 0xffffu; }

inline void store(__m512i value, __mmask32 there, void* to) {
    if (there == ~0u) _mm512_storeu_si512(to, value);
    else _mm256_storeu_si256((__m256i*)to, _mm512_castsi512_si256(value));
}

// Of thirty-two bfloat16 those at even and those at odd places: as halves of 32 bits they are floats but for a shift.
inline void split(__m512i numbers, Vector& even, Vector& odd) {
    even = _mm512_castsi512_ps(_mm512_slli_epi32(numbers, 16));
    odd = _mm512_castsi512_ps(_mm512_and_si512(numbers, _mm512_set1_epi32(-65536)));
}

// The same of thirty-two floats, or of sixteen.
inline void load_split(const float* from, __mmask32 there, Vector& even, Vector& odd) {
    const Vector a = _mm512_loadu_ps(from), b = there == ~0u ? _mm512_loadu_ps(from + kLanes) : a;
    const __m512i places = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    even = _mm512_permutex2var_ps(a, places, b);
    odd = _mm512_permutex2var_ps(a, _mm512_add_epi32(places, _mm512_set1_epi32(1)), b);
}

// As bfloat16 in the upper halves of 32 bits: to the nearest, to the even one of two; not a number stays one. AVX512-BF16 has an instruction for it,
// but not every processor that multiplies pairs has AVX512-BF16.
inline __m512i in_upper_halves(Vector numbers) {
    const __m512i bits = _mm512_castps_si512(numbers), odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i sums = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    return _mm512_mask_mov_epi32(sums, _mm512_cmp_ps_mask(numbers, numbers, _CMP_UNORD_Q), _mm512_set1_epi32(0x7fc00000));
}

// As bfloat16, and those of two: a0 a1 … b0 b1 …
inline __m256i rounded(Vector numbers) { return _mm512_cvtepi32_epi16(_mm512_srli_epi32(in_upper_halves(numbers), 16)); }
inline __m512i rounded(Vector a, Vector b) {
    const __m512i halves = _mm512_setr_epi32(0x30001, 0x70005, 0xb0009, 0xf000d, 0x130011, 0x170015, 0x1b0019, 0x1f001d, 0x230021, 0x270025,
                                             0x2b0029, 0x2f002d, 0x330031, 0x370035, 0x3b0039, 0x3f003d);
    return _mm512_permutex2var_epi16(in_upper_halves(a), halves, in_upper_halves(b));
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

// Pairs at even and at odd places stored in their order: all thirty-two, or sixteen.
inline void store_in_order(__m512i even, __m512i odd, __mmask32 there, Number* to) {
    const __m512i first_half = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi32(even, first_half, odd));
    if (there != ~0u) return;
    const __m512i second_half = _mm512_add_epi32(first_half, _mm512_set1_epi32(8));
    _mm512_storeu_si512(to + 2 * kLanes, _mm512_permutex2var_epi32(even, second_half, odd));
}

}  // namespace
}  // namespace s3l
