// How the factors of products lie in memory, and how they become numbers. Compiled as s3l_products.h says. Widths and depths are multiples of kLanes
// unless said otherwise.
#pragma once

#include "s3l_products.h"

namespace s3l {

// bfloat16 for tiles, whose numbers per unit are null: as `turn`, `interleave`, `pack` and `pack_turned` of Products.
void turn_bfloats(const bfloat* from, int64_t depth, int64_t rows, int64_t stride, const float*, Number* to);
void interleave_bfloats(const bfloat* from, int64_t depth, int64_t width, int64_t stride, const float*, Number* to);
void pack_bfloats(const float* from, int64_t depth, int64_t width, int64_t stride, const float*, Number* to);
void pack_turned_bfloats(const float* from, int64_t width, int64_t depth, int64_t stride, const float*, Number* to);

// Fixed point for vectors, whose left factor lies as the right one does.
void interleave_fixed(const bfloat* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to);
void pack_fixed(const float* from, int64_t depth, int64_t width, int64_t stride, const float* per_unit, Number* to);
void pack_turned_fixed(const float* from, int64_t width, int64_t depth, int64_t stride, const float* per_unit, Number* to);

// Rows of numbers in fixed point, whose units are rows' own; and numbers of any count with one unit for all.
void round_rows(const bfloat* from, int64_t rows, int64_t depth, const float* units, Number* to);
void round_numbers(const float* from, int64_t count, float per_unit, Number* to);

// Rows that begin `step` apart and overlap, each made of `count` runs of `length` numbers `run_stride` apart: [⌈rows / 2⌉][width][2], of which the
// first count × length of each row are set. Reads up to 31 numbers beyond a run, and writes up to 62 beyond the end.
void interleave_patches(const Number* from, int64_t rows, int64_t step, int64_t count, int64_t length, int64_t run_stride, int64_t width, Number* to);

// Sixteen rows of up to sixteen pairs, which lie 2 × kLanes apart, turned: rows of sixteen pairs.
void turn_pairs(const Number* from, int64_t pairs, Number* to, int64_t row_stride);

}  // namespace s3l
