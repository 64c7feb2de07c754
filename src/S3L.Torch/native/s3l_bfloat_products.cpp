#include "s3l_bfloat_products.h"

#ifdef __AVX512BF16__
#include <immintrin.h>

namespace s3l {
namespace {

inline __m512i pair_in_all_lanes(const void* at) {
    int bits;
    __builtin_memcpy(&bits, at, sizeof bits);
    return _mm512_set1_epi32(bits);
}

inline __m512i rounded(__m512 low, __m512 high) { return (__m512i)_mm512_cvtne2ps_pbh(high, low); }

inline __m512 with_products(__m512 sum, __m512i left, __m512i right) { return _mm512_dpbf16_ps(sum, (__m512bh)left, (__m512bh)right); }

inline __m512i with_products(__m512i sum, __m512i left, __m512i right) { return _mm512_dpwssd_epi32(sum, left, right); }

inline void store(__m512 sum, float* to) { _mm512_storeu_ps(to, sum); }

inline void store(__m512 sum, bfloat* to) { _mm256_storeu_si256((__m256i*)to, (__m256i)_mm512_cvtneps_pbh(sum)); }

inline void store(__m512i sum, int32_t* to) { _mm512_storeu_si512(to, sum); }

// Sums that are not rounded to `Out` yet.
template <class Out>
struct SumsOf {
    using Vector = __m512;
};

template <>
struct SumsOf<int32_t> {
    using Vector = __m512i;
};

// Loops over sums are unrolled by name: those that GCC unrolls of itself come too late for the array to leave the stack.
template <class Out, int Rows, int Vectors>
void sums(const Term* terms, int64_t count, int64_t pairs, int64_t row, int64_t row_stride, Out* out, int64_t out_stride) {
    typename SumsOf<Out>::Vector sum[Rows][Vectors];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) sum[r][v] = typename SumsOf<Out>::Vector{};
    }

    for (int64_t term = 0; term < count; ++term) {
        const bfloat* a = terms[term].rows + row * row_stride;
        const bfloat* b = terms[term].panel;
        for (int64_t pair = 0; pair < pairs; ++pair, a += 2, b += 2 * kLanes * Vectors) {
            __m512i right[Vectors];
#pragma GCC unroll 6
            for (int v = 0; v < Vectors; ++v) right[v] = _mm512_loadu_si512(b + 2 * kLanes * v);
#pragma GCC unroll 6
            for (int r = 0; r < Rows; ++r) {
                const __m512i left = pair_in_all_lanes(a + r * row_stride);
#pragma GCC unroll 6
                for (int v = 0; v < Vectors; ++v) sum[r][v] = with_products(sum[r][v], left, right[v]);
            }
        }
    }

#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) store(sum[r][v], out + (row + r) * out_stride + kLanes * v);
    }
}

template <int Rows, int Vectors>
void add_interleaved(const bfloat* a, int64_t a_stride, const bfloat* b, int64_t pairs, float* out, int64_t out_stride) {
    __m512 sum[Rows][Vectors];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm512_loadu_ps(out + r * out_stride + kLanes * v);
    }

    for (int64_t pair = 0; pair < pairs; ++pair, a += a_stride, b += 2 * kLanes * Vectors) {
        __m512i right[Vectors];
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) right[v] = _mm512_loadu_si512(b + 2 * kLanes * v);
#pragma GCC unroll 6
        for (int r = 0; r < Rows; ++r) {
            const __m512i left = pair_in_all_lanes(a + 2 * r);
#pragma GCC unroll 6
            for (int v = 0; v < Vectors; ++v) sum[r][v] = with_products(sum[r][v], left, right[v]);
        }
    }

#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) _mm512_storeu_ps(out + r * out_stride + kLanes * v, sum[r][v]);
    }
}

template <class Out>
using Sums = decltype(&sums<Out, 1, 1>);
using AddInterleaved = decltype(&add_interleaved<1, 1>);

template <class Out, int Rows>
constexpr Sums<Out> kSums[] = {sums<Out, Rows, 1>, sums<Out, Rows, 2>, sums<Out, Rows, 3>, sums<Out, Rows, 4>};
template <int Rows>
constexpr AddInterleaved kAddInterleaved[] = {add_interleaved<Rows, 1>, add_interleaved<Rows, 2>, add_interleaved<Rows, 3>, add_interleaved<Rows, 4>};

template <class Out>
constexpr const Sums<Out>* kSumsOf[] = {kSums<Out, 1>, kSums<Out, 2>, kSums<Out, 3>, kSums<Out, 4>, kSums<Out, 5>, kSums<Out, 6>};
constexpr const AddInterleaved* kAddInterleavedOf[] = {kAddInterleaved<1>, kAddInterleaved<2>, kAddInterleaved<3>,
                                                     kAddInterleaved<4>, kAddInterleaved<5>, kAddInterleaved<6>};

// Rows in blocks whose heights differ by one at most: a last block of one row would leave most of its registers empty.
template <class Block>
inline void in_blocks(int64_t rows, const Block& block) {
    const int64_t blocks = (rows + kRows - 1) / kRows;
    for (int64_t i = 0; i < blocks; ++i) {
        const int64_t from = rows * i / blocks, to = rows * (i + 1) / blocks;
        block(from, to - from);
    }
}

template <class Out>
inline void sum_in_blocks(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, Out* out, int64_t width,
                          int64_t out_stride) {
    in_blocks(rows, [&](int64_t row, int64_t height) {
        kSumsOf<Out>[height - 1][width / kLanes - 1](terms, count, depth / 2, row, row_stride, out, out_stride);
    });
}

// a0 b0 a1 b1 … of two rows; their vectors hold 32 elements.
inline void store_interleaved(__m512i upper, __m512i lower, bfloat* to) {
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

void sum_rounded(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, bfloat* out, int64_t width,
                 int64_t out_stride) {
    sum_in_blocks(terms, count, rows, depth, row_stride, out, width, out_stride);
}

void add_products(const Addend* addends, int64_t count, int64_t pairs, int64_t rows, int64_t width) {
    for (const Addend* it = addends; it < addends + count; ++it) {
        in_blocks(rows, [&](int64_t row, int64_t height) {
            kAddInterleavedOf[height - 1][width / kLanes - 1](it->left + 2 * row, 2 * rows, it->right, pairs, it->sums + row * width, width);
        });
    }
}

}  // namespace

const Products kVectorProducts = {sum_rounded, interleave_rows, add_products, 2 * kLanes, 1, 2 * kLanes};

void sum_products(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, float* out, int64_t width,
                  int64_t out_stride) {
    sum_in_blocks(terms, count, rows, depth, row_stride, out, width, out_stride);
}

void sum_products(const fixed* from, const fixed* panel, int64_t rows, int64_t depth, int64_t row_stride, int32_t* out, int64_t width,
                  int64_t out_stride) {
    const Term term = {reinterpret_cast<const bfloat*>(from), reinterpret_cast<const bfloat*>(panel)};
    sum_in_blocks(&term, 1, rows, depth, row_stride, out, width, out_stride);
}

void interleave_rows(const bfloat* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to) {
    for (int64_t row = 0; row < rows; row += 2, to += 2 * width) {
        const bfloat *upper = from + row * row_stride, *lower = upper + row_stride;
        for (int64_t i = 0; i < width; i += 2 * kLanes) {
            // The last vector may be half a one.
            const __mmask32 there = i + 2 * kLanes <= width ? ~0u : 0xffffu;
            const __m512i a = _mm512_maskz_loadu_epi16(there, upper + i);
            const __m512i b = row + 1 < rows ? _mm512_maskz_loadu_epi16(there, lower + i) : _mm512_setzero_si512();
            if (there == ~0u) {
                store_interleaved(a, b, to + 2 * i);
                continue;
            }
            bfloat both[4 * kLanes];
            store_interleaved(a, b, both);
            __builtin_memcpy(to + 2 * i, both, sizeof both / 2);
        }
    }
}

void interleave_patches(const bfloat* from, int64_t rows, int64_t step, int64_t count, int64_t length, int64_t run_stride, int64_t width,
                        bfloat* to) {
    for (int64_t row = 0; row < rows; row += 2, from += 2 * step, to += 2 * width) {
        for (int64_t run = 0; run < count; ++run) {
            // What is written beyond a run is written over by the next one.
            for (int64_t i = 0; i < length; i += 2 * kLanes) {
                const bfloat* upper = from + run * run_stride + i;
                const __m512i a = _mm512_loadu_si512(upper);
                const __m512i b = row + 1 < rows ? _mm512_loadu_si512(upper + step) : _mm512_setzero_si512();
                store_interleaved(a, b, to + 2 * (run * length + i));
            }
        }
    }
}

void interleave_rows(const float* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to) {
    for (int64_t row = 0; row < rows; row += 2) {
        const float *upper = from + row * row_stride, *lower = upper + row_stride;
        for (int64_t i = 0; i < width; i += kLanes, to += 2 * kLanes) {
            _mm512_storeu_si512(to, paired((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(upper + i)),
                                           (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(lower + i))));
        }
    }
}

void turn_rows(const bfloat* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to) {
    const int64_t pairs = (rows + 1) / 2;
    for (int64_t pair = 0; pair < pairs; pair += kLanes) {
        const int64_t count = pairs - pair < kLanes ? pairs - pair : kLanes;
        const __mmask16 there = static_cast<__mmask16>((1u << count) - 1);
        for (int64_t i = 0; i < width; i += kLanes) {
            __m512i block[16] = {};
            for (int64_t p = 0; p < count; ++p) {
                const bfloat* upper = from + 2 * (pair + p) * row_stride + i;
                const bool both = 2 * (pair + p) + 1 < rows;
                block[p] = paired(_mm256_loadu_si256((const __m256i*)upper),
                                  both ? _mm256_loadu_si256((const __m256i*)(upper + row_stride)) : _mm256_setzero_si256());
            }
            turn(block);
            for (int64_t r = 0; r < kLanes; ++r) _mm512_mask_storeu_epi32(to + 2 * ((i + r) * pairs + pair), there, block[r]);
        }
    }
}

void turn_pairs(const bfloat* from, int64_t pairs, bfloat* to, int64_t row_stride) {
    __m512i block[16];
    for (int64_t r = 0; r < kLanes; ++r) block[r] = _mm512_loadu_si512(from + 2 * kLanes * r);
    turn(block);
    for (int64_t p = 0; p < pairs; ++p) _mm512_storeu_si512(to + p * row_stride, block[p]);
}

void interleave_columns(const float* from, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    for (int64_t row = 0; row < rows; row += kLanes) {
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            // Thirty-two columns make sixteen pairs; the last may be half as many.
            const bool whole = i + 2 * kLanes <= depth;
            __m512i block[16];
            for (int64_t r = 0; r < kLanes; ++r) {
                const float* at = from + (row + r) * row_stride + i;
                block[r] = rounded(_mm512_loadu_ps(at), whole ? _mm512_loadu_ps(at + kLanes) : _mm512_setzero_ps());
            }
            turn(block);
            for (int64_t p = 0; p < (whole ? kLanes : kLanes / 2); ++p) _mm512_storeu_si512(to + ((i / 2 + p) * rows + row) * 2, block[p]);
        }
    }
}

}  // namespace s3l
#endif
