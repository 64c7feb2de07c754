// Products of bfloat16 matrices as convolutions need them, in instructions that multiply pairs of bfloat16 (AVX512-BF16), and of matrices in fixed
// point (AVX512-VNNI, which processors with the former have). Compiled for those alone, so nothing here may run before `s3l::multiplies_bfloats`
// has said yes, and the source includes no header whose inline functions other sources share.
#pragma once

#include <stdint.h>

namespace s3l {

using bfloat = uint16_t;  // the bits of a bfloat16
using fixed = int16_t;    // a number in fixed point: so many units

// Lanes of a vector, and how many of them are computed side by side. Channels come in whole vectors.
inline constexpr int64_t kLanes = 16, kPanel = 64;

// One of the sums of a product: rows of A, and the panel that they are multiplied by, pairs of rows of B interleaved: [depth / 2][width][2].
struct Term {
    const bfloat* rows;
    const bfloat* panel;
};

// A product to be added: sums[rows, width] += left · right. How the left factor lies is for `turn` of the same processor.
struct Addend {
    const bfloat* left;
    const bfloat* right;
    float* sums;
};

// The ways in which processors multiply.
struct Products {
    // out[rows, width] = Σ A · B over all terms, each [rows, depth] · [depth, width]; width is a multiple of kLanes up to kPanel, depth is even.
    void (*sum)(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, bfloat* out, int64_t width,
                int64_t out_stride);

    // Aᵀ of A [depth, rows] as the left factor of products to be added, in ⌈depth / 2⌉ × rows pairs; an odd last row is paired with zeros. Rows of
    // the result are a multiple of kLanes.
    void (*turn)(const bfloat* from, int64_t depth, int64_t rows, int64_t stride, bfloat* to);

    // Each [rows, 2 × pairs] · [2 × pairs, width]; the right one lies in interleaved pairs of rows, [pairs][width][2]. Those to the same sums are
    // best told one after the other.
    void (*add)(const Addend* addends, int64_t count, int64_t pairs, int64_t rows, int64_t width);

    // Rows that are best added at a time, and to how many products to the same sums: what these are made of stays in the caches.
    int64_t rows_at_once, addends_at_once;

    // Pairs that a product to be added should have at least: its sums are read and written once for all of them.
    int64_t pairs_at_once;
};

// In vectors of sums, by a pair of A times a vector of pairs of B.
extern const Products kVectorProducts;

// The same as its `sum`, not rounded.
void sum_products(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, float* out, int64_t width,
                  int64_t out_stride);

// The same of one term in fixed point, whose sums must be less than 2³¹.
void sum_products(const fixed* from, const fixed* panel, int64_t rows, int64_t depth, int64_t row_stride, int32_t* out, int64_t width,
                  int64_t out_stride);

// Rows that are multiplied side by side: six of four vectors keep 24 sums in registers, twice what hides the latency of a multiplication.
inline constexpr int64_t kRows = 6;

// [rows, width] → [⌈rows / 2⌉][width][2]: each element beside the one below it; an odd last row beside zeros.
void interleave_rows(const bfloat* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to);

// Rows that begin `step` apart and overlap, each made of `count` runs of `length` elements `run_stride` apart: [⌈rows / 2⌉][width][2], of
// which the first count × length of each row are set. Reads up to 31 elements beyond a run, and writes up to 62 beyond the end.
void interleave_patches(const bfloat* from, int64_t rows, int64_t step, int64_t count, int64_t length, int64_t run_stride, int64_t width,
                        bfloat* to);

// The same from float: rows of a matrix that is multiplied from the right. Rows are even, the width is a multiple of kLanes.
void interleave_rows(const float* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to);

// The transpose of [rows, width], in pairs: [width][⌈rows / 2⌉][2], an odd last row as zeros; width is a multiple of kLanes.
void turn_rows(const bfloat* from, int64_t rows, int64_t width, int64_t row_stride, bfloat* to);

// Sixteen rows of up to sixteen pairs, which lie 2 × kLanes apart, turned: rows of sixteen pairs.
void turn_pairs(const bfloat* from, int64_t pairs, bfloat* to, int64_t row_stride);

// The transpose of [rows, depth] as such a matrix: [depth / 2][rows][2]; both are multiples of kLanes.
void interleave_columns(const float* from, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);

}  // namespace s3l
