#include "s3l_packing.h"

#ifdef __AVX512VNNI__
#include "s3l_vectors.h"

namespace s3l {
namespace {

// a0 b0 a1 b1 … of two rows; their vectors hold 32 elements.
inline void store_interleaved(__m512i upper, __m512i lower, Number* to) {
    const __m512i low = _mm512_unpacklo_epi16(upper, lower), high = _mm512_unpackhi_epi16(upper, lower);
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(to + 2 * kLanes, _mm512_permutex2var_epi64(low, second, high));
}

// Sixteen rows of sixteen pairs, turned.
inline void turn(__m512i (&row)[16]) {
    __m512i half[16];
    for (int i = 0; i < 16; i += 2) {
        half[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        half[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    // Within each quarter of a vector: pairs i of rows 4 j to 4 j + 3.
    for (int i = 0; i < 16; i += 4) {
        row[i] = _mm512_unpacklo_epi64(half[i], half[i + 2]);
        row[i + 1] = _mm512_unpackhi_epi64(half[i], half[i + 2]);
        row[i + 2] = _mm512_unpacklo_epi64(half[i + 1], half[i + 3]);
        row[i + 3] = _mm512_unpackhi_epi64(half[i + 1], half[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        const __m512i a = _mm512_shuffle_i32x4(row[i], row[i + 4], 0x88), b = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0x88);
        const __m512i c = _mm512_shuffle_i32x4(row[i], row[i + 4], 0xdd), d = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0xdd);
        row[i] = _mm512_shuffle_i32x4(a, b, 0x88);
        row[i + 4] = _mm512_shuffle_i32x4(c, d, 0x88);
        row[i + 8] = _mm512_shuffle_i32x4(a, b, 0xdd);
        row[i + 12] = _mm512_shuffle_i32x4(c, d, 0xdd);
    }
}

// Of two rows of sixteen elements: those of the upper in the low halves of 32 bits, those of the lower in the high halves.
inline __m512i paired(__m256i upper, __m256i lower) {
    return _mm512_or_si512(_mm512_cvtepu16_epi32(upper), _mm512_slli_epi32(_mm512_cvtepu16_epi32(lower), 16));
}

// What weights become: a0 a1 … b0 b1 …, and a0 b0 a1 b1 …
struct AsBfloats {
    static inline Vector scaled(Vector weights, Vector) { return weights; }
    static inline Vector scales(const float*, int64_t) { return Vector{}; }
    static inline Vector scale(const float*, int64_t) { return Vector{}; }
    static inline __m512i in_order(Vector a, Vector b) { return rounded(a, b); }
    static inline __m512i in_turn(Vector a, Vector b) { return paired(rounded(a), rounded(b)); }
};

struct AsFixed {
    static inline Vector scaled(Vector weights, Vector per_unit) { return weights * per_unit; }
    static inline Vector scales(const float* per_unit, int64_t i) { return _mm512_loadu_ps(per_unit + i); }
    static inline Vector scale(const float* per_unit, int64_t i) { return _mm512_set1_ps(per_unit[i]); }
    static inline __m512i in_order(Vector a, Vector b) { return whole_numbers(a, b); }
    static inline __m512i in_turn(Vector a, Vector b) { return whole_numbers_in_turn(a, b); }
};

template <class Format>
inline void pack_as(const float* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to) {
    for (int64_t row = 0; row < depth; row += 2) {
        const float *upper = from + row * stride, *lower = upper + stride;
        for (int64_t i = 0; i < width; i += kLanes, to += 2 * kLanes) {
            const Vector scales = Format::scales(per_unit, i);
            const Vector a = Format::scaled(_mm512_loadu_ps(upper + i), scales), b = Format::scaled(_mm512_loadu_ps(lower + i), scales);
            _mm512_storeu_si512(to, Format::in_turn(a, b));
        }
    }
}

template <class Format>
inline void pack_turned_as(const float* from, int64_t width, int64_t depth, int64_t stride, const float* per_unit, Number* to) {
    for (int64_t row = 0; row < width; row += kLanes) {
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            // Thirty-two columns make sixteen pairs; the last may be half as many.
            const bool whole = i + 2 * kLanes <= depth;
            __m512i block[16];
            for (int64_t r = 0; r < kLanes; ++r) {
                const float* at = from + (row + r) * stride + i;
                const Vector scale = Format::scale(per_unit, row + r);
                block[r] = Format::in_order(Format::scaled(_mm512_loadu_ps(at), scale),
                                            whole ? Format::scaled(_mm512_loadu_ps(at + kLanes), scale) : _mm512_setzero_ps());
            }
            turn(block);
            for (int64_t p = 0; p < (whole ? kLanes : kLanes / 2); ++p) _mm512_storeu_si512(to + ((i / 2 + p) * width + row) * 2, block[p]);
        }
    }
}

}  // namespace

void turn_bfloats(const bfloat* from, int64_t depth, int64_t rows, int64_t stride, const float*, Number* to) {
    const int64_t pairs = (depth + 1) / 2;
    for (int64_t pair = 0; pair < pairs; pair += kLanes) {
        const int64_t count = pairs - pair < kLanes ? pairs - pair : kLanes;
        const __mmask16 there = first(count);
        for (int64_t i = 0; i < rows; i += kLanes) {
            __m512i block[16] = {};
            for (int64_t p = 0; p < count; ++p) {
                const bfloat* upper = from + 2 * (pair + p) * stride + i;
                const bool both = 2 * (pair + p) + 1 < depth;
                block[p] = paired(_mm256_loadu_si256((const __m256i*)upper),
                                  both ? _mm256_loadu_si256((const __m256i*)(upper + stride)) : _mm256_setzero_si256());
            }
            turn(block);
            for (int64_t r = 0; r < kLanes; ++r) _mm512_mask_storeu_epi32(to + 2 * ((i + r) * pairs + pair), there, block[r]);
        }
    }
}

void interleave_bfloats(const bfloat* from, int64_t depth, int64_t width, int64_t stride, const float*, Number* to) {
    for (int64_t row = 0; row < depth; row += 2, to += 2 * width) {
        const bfloat *upper = from + row * stride, *lower = upper + stride;
        for (int64_t i = 0; i < width; i += 2 * kLanes) {
            // The last vector may be half a one.
            const __mmask32 there = channels_from(i, width);
            const __m512i a = _mm512_maskz_loadu_epi16(there, upper + i);
            const __m512i b = row + 1 < depth ? _mm512_maskz_loadu_epi16(there, lower + i) : _mm512_setzero_si512();
            if (there == ~0u) {
                store_interleaved(a, b, to + 2 * i);
                continue;
            }
            Number both[4 * kLanes];
            store_interleaved(a, b, both);
            __builtin_memcpy(to + 2 * i, both, sizeof both / 2);
        }
    }
}

void pack_bfloats(const float* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to) {
    pack_as<AsBfloats>(from, depth, width, stride, per_unit, to);
}

void pack_turned_bfloats(const float* from, int64_t width, int64_t depth, int64_t stride, const float* per_unit, Number* to) {
    pack_turned_as<AsBfloats>(from, width, depth, stride, per_unit, to);
}

void interleave_fixed(const bfloat* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to) {
    for (int64_t i = 0; i < width; i += 2 * kLanes) {
        // The last vector may be half a one.
        const __mmask32 there = channels_from(i, width);
        Vector even_scale, odd_scale;
        load_split(per_unit + i, there, even_scale, odd_scale);
        for (int64_t row = 0; row < depth; row += 2) {
            const bfloat *upper = from + row * stride + i, *lower = upper + stride;
            Vector even[2], odd[2];
            split(_mm512_maskz_loadu_epi16(there, upper), even[0], odd[0]);
            split(row + 1 < depth ? _mm512_maskz_loadu_epi16(there, lower) : _mm512_setzero_si512(), even[1], odd[1]);
            const __m512i of_even = whole_numbers_in_turn(even_scale * even[0], even_scale * even[1]);
            const __m512i of_odd = whole_numbers_in_turn(odd_scale * odd[0], odd_scale * odd[1]);
            store_in_order(of_even, of_odd, there, to + row * width + 2 * i);
        }
    }
}

void pack_fixed(const float* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to) {
    pack_as<AsFixed>(from, depth, width, stride, per_unit, to);
}

void pack_turned_fixed(const float* from, int64_t width, int64_t depth, int64_t stride, const float* per_unit, Number* to) {
    pack_turned_as<AsFixed>(from, width, depth, stride, per_unit, to);
}

void round_rows(const bfloat* from, int64_t rows, int64_t depth, const float* units, Number* to) {
    for (int64_t row = 0; row < rows; ++row, from += depth, to += depth) {
        const Vector scale = _mm512_set1_ps(1 / units[row]);
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, depth);
            Vector even, odd;
            split(_mm512_maskz_loadu_epi16(there, from + i), even, odd);
            store(whole_numbers_in_turn(scale * even, scale * odd), there, to + i);
        }
    }
}

void round_numbers(const float* from, int64_t count, float per_unit, Number* to) {
    const Vector scale = _mm512_set1_ps(per_unit);
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        _mm256_storeu_si256((__m256i*)(to + i), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(scale * _mm512_loadu_ps(from + i))));
    }
    if (i == count) return;
    const __mmask16 rest = first(count - i);
    _mm256_mask_storeu_epi16(to + i, rest, _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(scale * _mm512_maskz_loadu_ps(rest, from + i))));
}

void interleave_patches(const Number* from, int64_t rows, int64_t step, int64_t count, int64_t length, int64_t run_stride, int64_t width,
                        Number* to) {
    for (int64_t row = 0; row < rows; row += 2, from += 2 * step, to += 2 * width) {
        for (int64_t run = 0; run < count; ++run) {
            // What is written beyond a run is written over by the next one.
            for (int64_t i = 0; i < length; i += 2 * kLanes) {
                const Number* upper = from + run * run_stride + i;
                const __m512i a = _mm512_loadu_si512(upper);
                const __m512i b = row + 1 < rows ? _mm512_loadu_si512(upper + step) : _mm512_setzero_si512();
                store_interleaved(a, b, to + 2 * (run * length + i));
            }
        }
    }
}

void turn_pairs(const Number* from, int64_t pairs, Number* to, int64_t row_stride) {
    __m512i block[16];
    for (int64_t r = 0; r < kLanes; ++r) block[r] = _mm512_loadu_si512(from + 2 * kLanes * r);
    turn(block);
    for (int64_t p = 0; p < pairs; ++p) _mm512_storeu_si512(to + p * row_stride, block[p]);
}

}  // namespace s3l
#endif
