// The transforms of Winograd's convolution F(2×2, 3×3) (arXiv 1509.09308): four pixels of a result from sixteen of the maps by sixteen products
// where a sum over the kernel takes thirty-six. Compiled for AVX512-BF16 alone, as s3l_bfloat_products.h says.
#pragma once

#include "s3l_bfloat_products.h"

namespace s3l {

// Places in a transformed tile, and in a kernel.
inline constexpr int64_t kPlaces = 16, kTaps = 9;

// Kernels [rows][9][depth] → G g Gᵀ, [rows][16][depth], turned by half a turn before where asked for; depth is a multiple of kLanes.
void transform_kernels(const float* kernels, int64_t rows, int64_t depth, bool turned, float* to);

// A tile of maps, 4 × 4 pixels of [rows, depth], null beyond the border → Bᵀ d B, [16][rows][depth].
void transform_maps(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);

// The same with rows interleaved in pairs, [16][⌈rows / 2⌉][depth][2]: for the gradient of the kernels.
void transform_maps_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);

// A tile of the results' gradient, 2 × 2 pixels → A dY Aᵀ, interleaved likewise.
void transform_gradient_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);

// Products [16][rows][width] → Aᵀ M A, the 2 × 2 pixels of a result; null where there is none.
void transform_products(const float* products, int64_t rows, int64_t width, bfloat* const* pixels, int64_t row_stride);

// Products at 16 places, `parts` of them summed, → Gᵀ M G at 9 taps, each a row of `depth` sums.
void transform_kernel_products(const float* products, int64_t place_stride, int64_t parts, int64_t part_stride, int64_t depth, float* to,
                               int64_t tap_stride);

}  // namespace s3l
