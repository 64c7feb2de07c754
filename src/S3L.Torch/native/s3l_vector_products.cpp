#include "s3l_packing.h"

#ifdef __AVX512VNNI__
#include "s3l_vectors.h"

namespace s3l {
namespace {

inline __m512i pair_in_all_lanes(const void* at) {
    int bits;
    __builtin_memcpy(&bits, at, sizeof bits);
    return _mm512_set1_epi32(bits);
}

// Sums of some rows side by side with some vectors of columns, which `store(row, column, sums)` takes. Rows of a left factor lie `across` apart, its
// pairs of columns `along`. Loops over sums are unrolled by name: those that GCC unrolls of itself come too late for the array to leave the stack.
template <int Height, int Vectors, class Store>
__attribute__((always_inline)) inline void multiply(const Term* terms, int64_t count, int64_t pairs, int64_t first, int64_t across, int64_t along,
                                                    const Store& store) {
    __m512i sum[Height][Vectors];
#pragma GCC unroll 6
    for (int r = 0; r < Height; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm512_setzero_si512();
    }

    for (int64_t term = 0; term < count; ++term) {
        const Number* a = terms[term].rows + first;
        const Number* b = terms[term].panel;
        for (int64_t pair = 0; pair < pairs; ++pair, a += along, b += 2 * kLanes * Vectors) {
            __m512i right[Vectors];
#pragma GCC unroll 6
            for (int v = 0; v < Vectors; ++v) right[v] = _mm512_loadu_si512(b + 2 * kLanes * v);
#pragma GCC unroll 6
            for (int r = 0; r < Height; ++r) {
                const __m512i left = pair_in_all_lanes(a + r * across);
#pragma GCC unroll 6
                for (int v = 0; v < Vectors; ++v) sum[r][v] = _mm512_dpwssd_epi32(sum[r][v], left, right[v]);
            }
        }
    }

#pragma GCC unroll 6
    for (int r = 0; r < Height; ++r) {
#pragma GCC unroll 6
        for (int v = 0; v < Vectors; ++v) {
            // Or GCC keeps a second copy of each sum up to date in memory.
            asm("" : "+v"(sum[r][v]));
            store(r, kLanes * v, sum[r][v]);
        }
    }
}

// These take numbers one by one: of a struct, stored in parts and read as a whole, reading would have to wait for all stores before it.
template <int Height, int Vectors>
__attribute__((noinline)) void sum_rounded(const Term* terms, int64_t count, int64_t pairs, int64_t first, int64_t row_stride,
                                           const float* row_units, const float* column_units, bfloat* out, int64_t out_stride) {
    multiply<Height, Vectors>(terms, count, pairs, first, row_stride, 2, [&](int64_t row, int64_t column, __m512i sum) {
        const Vector unit = times(row_units[row], _mm512_loadu_ps(column_units + column));
        _mm256_storeu_si256((__m256i*)(out + row * out_stride + column), rounded(unit * _mm512_cvtepi32_ps(sum)));
    });
}

template <int Height, int Vectors>
__attribute__((noinline)) void sum_whole(const Number* left, const Number* right, int64_t pairs, int64_t row_stride, int32_t* out,
                                         int64_t out_stride) {
    const Term term = {left, right};
    multiply<Height, Vectors>(&term, 1, pairs, 0, row_stride, 2, [&](int64_t row, int64_t column, __m512i sum) {
        _mm512_storeu_si512(out + row * out_stride + column, sum);
    });
}

template <int Height, int Vectors>
__attribute__((noinline)) void add_to_sums(const Number* left, const Number* right, int64_t pairs, int64_t rows, float* sums, __mmask16 kept) {
    const Term term = {left, right};
    multiply<Height, Vectors>(&term, 1, pairs, 0, 2, 2 * rows, [&](int64_t row, int64_t column, __m512i sum) {
        float* to = sums + row * kLanes * Vectors + column;
        _mm512_storeu_ps(to, _mm512_maskz_loadu_ps(kept, to) + _mm512_cvtepi32_ps(sum));
    });
}

template <int Height, int Vectors>
struct Block {
    static constexpr int kHeight = Height, kVectors = Vectors;
};

template <int Height, class Act>
inline void of_width(int64_t width, int64_t row, const Act& act) {
    switch (width / kLanes) {
        case 1: return act(Block<Height, 1>(), row);
        case 2: return act(Block<Height, 2>(), row);
        case 3: return act(Block<Height, 3>(), row);
        default: return act(Block<Height, 4>(), row);
    }
}

// `act(block, row)` for rows in blocks whose heights differ by one at most: a last block of one row would leave most of its registers empty.
template <class Act>
inline void in_blocks(int64_t rows, int64_t width, const Act& act) {
    const int64_t blocks = (rows + kRows - 1) / kRows, height = blocks > 1 ? rows / blocks : rows;
    int64_t taller = rows - height * blocks;
    for (int64_t row = 0, end; row < rows; row = end, --taller) {
        end = row + height + (taller > 0);
        switch (end - row) {
            case 1: of_width<1>(width, row, act); break;
            case 2: of_width<2>(width, row, act); break;
            case 3: of_width<3>(width, row, act); break;
            case 4: of_width<4>(width, row, act); break;
            case 5: of_width<5>(width, row, act); break;
            default: of_width<6>(width, row, act);
        }
    }
}

void sum(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, const float* row_units, const float* column_units,
         bfloat* out, int64_t width, int64_t out_stride) {
    in_blocks(rows, width, [&](auto block, int64_t row) {
        sum_rounded<block.kHeight, block.kVectors>(terms, count, depth / 2, row * row_stride, row_stride, row_units + row, column_units,
                                                   out + row * out_stride, out_stride);
    });
}

void add(const Addend* addends, int64_t count, int64_t pairs, int64_t rows, int64_t width) {
    for (const Addend* it = addends; it < addends + count; ++it) {
        const __mmask16 kept = it->is_first ? 0 : first(kLanes);
        in_blocks(rows, width, [&](auto block, int64_t row) {
            add_to_sums<block.kHeight, block.kVectors>(it->left + 2 * row, it->right, pairs, rows, it->sums + row * width, kept);
        });
    }
}

}  // namespace

const Products kVectorProducts = {true, sum, add, interleave_fixed, interleave_fixed, pack_fixed, pack_turned_fixed, 2 * kLanes, 1, 4 * kLanes};

void sum_products(const Number* from, const Number* panel, int64_t rows, int64_t depth, int64_t row_stride, int32_t* out, int64_t width,
                  int64_t out_stride) {
    in_blocks(rows, width, [&](auto block, int64_t row) {
        sum_whole<block.kHeight, block.kVectors>(from + row * row_stride, panel, depth / 2, row_stride, out + row * out_stride, out_stride);
    });
}

}  // namespace s3l
#endif
