// The transforms of Winograd's convolutions with kernels of 3 × 3 and a border of one pixel (arXiv 1509.09308): fewer products for each pixel of a
// result than the nine of a sum over the kernel. Rows and columns are cut into pieces, and a tile is a piece of rows by a piece of columns. Their
// sources are compiled for AVX512-BF16 alone, as s3l_bfloat_products.h says.
//
// What is transformed is rounded once more, and the way back makes these roundings three times as large as those of a direct sum. Gradients can bear
// that in bfloat16. Results, whose roundings go on through all that follows, are products of numbers in fixed point with 16 bits, of which one
// picture of a tile has the same unit, and one output of the kernels. Units are such that rows of both factors, as vectors, are no longer than
// kLongest: by Cauchy and Schwarz sums of products are then whole numbers of less than 31 bits, whatever the depth.
#pragma once

#include "s3l_bfloat_products.h"

namespace s3l {

// Four: four pixels by six products, F(4, 3).
// Two, Three: what is left of an axis, by four or five of the same six forms.
// Both: the only two by three. Between borders the kernel's outer numbers meet one pixel each, its middle one both:
//       y0 = g1 (d0 + d1) + (g2 − g1) d1, y1 = g1 (d0 + d1) + (g0 − g1) d0.
enum class Piece { Two, Three, Four, Both };

// Numbers that three of a kernel become along an axis.
inline constexpr int64_t kBothForms = 3, kFourForms = 6;

// Products of a tile, pixels that it meets, and pixels of the result, at most; and the taps of a kernel.
inline constexpr int64_t kMostPlaces = 36, kMostResults = 16, kTaps = 9;

// Of rows in fixed point, as vectors. It leaves room for what rounding adds.
inline constexpr float kLongest = 32700;

// For the gradient of the kernels, with rows interleaved in pairs: for each place [⌈rows / 2⌉][depth][2].
using TransformInPairs = void (*)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to, int64_t place_stride);

// The transforms of a tile; rows are pictures, and pixels that it meets are null beyond the border.
struct TileTransforms {
    // Down and across: pixels met, places (one product each), and pixels of the result.
    int64_t met[2], places[2], results[2];

    // Of the kernel's forms along each axis those at the places.
    const int64_t* forms[2];

    // How much longer than the longest of the pixels met a place can be, as vectors of channels.
    float growth;

    // Maps → [places][rows][depth]; depth is a multiple of kLanes. In fixed point each row is divided by its unit.
    void (*maps)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);
    void (*fixed_maps)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, const float* units, fixed* to);

    // Products [places][rows][width] → pixels of the result. In fixed point they are in units of their row times units of their column.
    void (*products)(const float* products, int64_t rows, int64_t width, bfloat* const* pixels, int64_t row_stride);
    void (*fixed_products)(const int32_t* products, int64_t rows, int64_t width, const float* row_units, const float* column_units,
                           bfloat* const* pixels, int64_t row_stride);

    // Maps, and the gradient of the result.
    TransformInPairs maps_in_pairs, gradient_in_pairs;
};

const TileTransforms& transforms_of(Piece down, Piece across);

// The lengths of rows of channels as vectors, for `units_of_rows`: never 0. What is not finite has a length that is not.
void lengths_of(const bfloat* rows, int64_t count, int64_t depth, float* lengths);

// The units of rows of a tile, from the lengths of the `met` pixels in each, null beyond the border.
void units_of_rows(const float* const* lengths, int64_t met, int64_t rows, float growth, float* units);

// Kernels [outputs][9][channels] → the forms that the pieces of maps need, as panels to multiply by. Forms are kBothForms or kFourForms along each
// axis.
//
// For results sixteen outputs in fixed point: each form as [channels / 2][outputs][2] in a panel of `width` outputs, and their units.
using PackFixed = void (*)(const float* kernels, int64_t channels, int64_t width, fixed* to, int64_t form_stride, float* units);

// For gradients of maps turned by half a turn, [outputs / 2][channels][2].
using PackTurned = void (*)(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels, bfloat* to,
                            int64_t form_stride);

PackFixed pack_of_results(int64_t forms_down, int64_t forms_across);
PackTurned pack_of_gradients(int64_t forms_down, int64_t forms_across);

// Sums of products at the forms of gradients, `parts` of them, → the gradient of kernels at 9 taps, each a row of `channels` that lies at a multiple
// of 64 bytes.
using KernelGradient = void (*)(const float* sums, int64_t form_stride, int64_t parts, int64_t part_stride, int64_t channels, float* to,
                                int64_t tap_stride);

KernelGradient kernel_gradient_of(int64_t forms_down, int64_t forms_across);

}  // namespace s3l
