// Products of matrices as convolutions need them, of numbers of sixteen bits, which processors multiply in pairs: in vectors as fixed point
// (AVX512-VNNI), in matrix tiles as bfloat16 (AMX). Compiled for processors with the former alone, so nothing here may run before
// `s3l::multiplies_pairs` has said yes, and the source includes no header whose inline functions other sources share.
//
// In fixed point a number is so many units, and a sum of products so many of a unit of the left factor times one of the right. What is summed over
// shares its units: along rows of a left factor and columns of a right one, or along columns of both where products are added to sums. As vectors
// these are no longer than kLongest units, so that by Cauchy and Schwarz sums are whole numbers of less than 31 bits, whatever the depth.
#pragma once

#include <stdint.h>

namespace s3l {

using bfloat = uint16_t;  // the bits of a bfloat16
using Number = uint16_t;  // the bits of a factor's: a bfloat16 for tiles, a whole number for vectors

// Lanes of a vector, and how many of them are computed side by side. Channels come in whole vectors.
inline constexpr int64_t kLanes = 16, kPanel = 64;

// Of vectors in fixed point. It leaves room for what rounding adds.
inline constexpr float kLongest = 32700;

// One of the sums of a product: rows of A, and the panel that they are multiplied by, pairs of rows of B interleaved: [depth / 2][width][2].
struct Term {
    const Number* rows;
    const Number* panel;
};

// A product to be added: sums[rows, width] += left · right, or the first of these, whatever is there. How the left factor lies is for `turn` of the
// same processor.
struct Addend {
    const Number* left;
    const Number* right;
    float* sums;
    bool is_first = false;
};

// The ways in which processors multiply. Units, and the numbers per unit, are null but in fixed point.
struct Products {
    bool in_fixed_point;

    // out[rows, width] = Σ A · B over all terms, each [rows, depth] · [depth, width], rounded; width is a multiple of kLanes up to kPanel, depth is
    // even. Terms share the units of rows and columns.
    void (*sum)(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, const float* row_units,
                const float* column_units, bfloat* out, int64_t width, int64_t out_stride);

    // Each [rows, 2 × pairs] · [2 × pairs, width], in units of `turn` and `interleave`. Those to the same sums are best told one after the other.
    void (*add)(const Addend* addends, int64_t count, int64_t pairs, int64_t rows, int64_t width);

    // Aᵀ of A [depth, rows] as the left factor of products to be added, in ⌈depth / 2⌉ × rows pairs; an odd last row is paired with zeros. Rows of
    // the result are a multiple of kLanes.
    void (*turn)(const bfloat* from, int64_t depth, int64_t rows, int64_t stride, const float* per_unit, Number* to);

    // The right factor: [⌈depth / 2⌉][width][2], an odd last row beside zeros.
    void (*interleave)(const bfloat* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to);

    // Weights [depth, width], and those whose transpose that is, as a panel: [depth / 2][width][2]. Depth and width are multiples of kLanes.
    void (*pack)(const float* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to);
    void (*pack_turned)(const float* from, int64_t width, int64_t depth, int64_t stride, const float* per_unit, Number* to);

    // Rows that are best added at a time, and to how many products to the same sums: what these are made of stays in the caches.
    int64_t rows_at_once, addends_at_once;

    // Pairs that a product to be added should have at least: its sums are read and written once for all of them.
    int64_t pairs_at_once;
};

// In vectors of sums, by a pair of A times a vector of pairs of B.
extern const Products kVectorProducts;

// Its `sum` of one term, as it is.
void sum_products(const Number* from, const Number* panel, int64_t rows, int64_t depth, int64_t row_stride, int32_t* out, int64_t width,
                  int64_t out_stride);

// Rows that are multiplied side by side: six of four vectors keep 24 sums in registers, twice what hides the latency of a multiplication.
inline constexpr int64_t kRows = 6;

}  // namespace s3l
