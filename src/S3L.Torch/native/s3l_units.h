// The units of fixed point, from the lengths of what shares them, as vectors. Compiled as s3l_products.h says.
#pragma once

#include "s3l_products.h"

namespace s3l {

// Lengths are never 0: of shorter vectors' the units would have no reciprocal. What is not finite has a length that is not.
inline constexpr float kShortest = 1e-30f;

float length_of(const float* numbers, int64_t count);

// Lengths of up to kMostRows rows of `depth` channels, a multiple of kLanes; `longest` becomes those of columns where they are longer.
inline constexpr int64_t kMostRows = 128;
void lengths_of(const bfloat* rows, int64_t count, int64_t depth, float* lengths, float* longest);

// The second alone, of any number of rows.
void lengthen(const bfloat* rows, int64_t count, int64_t depth, int64_t stride, float* longest);
void lengthen(const float* rows, int64_t count, int64_t depth, int64_t stride, float* longest);

// The longer ones of each.
void lengthen(const float* lengths, int64_t count, float* longest);

// The units of so many vectors that are no longer than `growth` times the longest of a few, null beyond the border.
void units_of(const float* const* lengths, int64_t few, int64_t count, float growth, float* units);

}  // namespace s3l
