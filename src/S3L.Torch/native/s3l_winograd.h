// The transforms of Winograd's convolutions with kernels of 3 × 3 and a border of one pixel (arXiv 1509.09308): fewer products for each pixel of a
// result than the nine of a sum over the kernel. Rows and columns are cut into pieces, and a tile is a piece of rows by a piece of columns. Their
// sources are compiled for AVX512-BF16 alone, as s3l_bfloat_products.h says.
#pragma once

#include "s3l_bfloat_products.h"

namespace s3l {

// Of results, whose roundings go on through all that follows:
// Pair: two pixels of a result by four products, F(2, 3).
// Last: the last pixel of an odd number by two, since what the third would meet is the border.
//
// Of gradients, which pass on theirs as a sum: fewer products, and three times the error.
// Four: four pixels by six products, F(4, 3).
// Two, Three: what is left of an axis, by four or five of the same six forms.
//
// Both: the only two by three, for either. Between borders the kernel's outer numbers meet one pixel each, its middle one both:
//       y0 = g1 (d0 + d1) + (g2 − g1) d1, y1 = g1 (d0 + d1) + (g0 − g1) d0.
enum class Piece { Pair, Last, Two, Three, Four, Both };

// Numbers that three of a kernel become along an axis.
inline constexpr int64_t kBothForms = 3, kPairForms = 4, kLastForms = 5, kFourForms = 6;

// Products of a tile, pixels that it meets, and pixels of the result, at most; and the taps of a kernel.
inline constexpr int64_t kMostPlaces = 36, kMostResults = 16, kTaps = 9;

// The transforms of a tile; rows are pictures, and pixels that it meets are null beyond the border.
struct TileTransforms {
    // Down and across: pixels met, places (one product each), and pixels of the result.
    int64_t met[2], places[2], results[2];

    // Of the kernel's forms along each axis those at the places.
    const int64_t* forms[2];

    // Maps → [places][rows][depth]; depth is a multiple of kLanes.
    void (*maps)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to);

    // Products [places][rows][width] → pixels of the result.
    void (*products)(const float* products, int64_t rows, int64_t width, bfloat* const* pixels, int64_t row_stride);
};

const TileTransforms& transforms_of(Piece down, Piece across);

// For the gradient of the kernels, with rows interleaved in pairs: for each place [⌈rows / 2⌉][depth][2].
using TransformInPairs = void (*)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to, int64_t place_stride);

// From maps, and from the gradient of the result.
struct PairTransforms {
    TransformInPairs maps, gradient;
};

// Of pieces of gradients.
const PairTransforms& pair_transforms_of(Piece down, Piece across);

// Kernels [outputs][9][channels] → the forms that the pieces of maps need, as panels to multiply by: for results each form as
// [channels / 2][outputs][2]; for gradients of maps turned by half a turn, [outputs / 2][channels][2].
using PackKernels = void (*)(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels, bfloat* to,
                             int64_t form_stride);

// Down and across: kBothForms; for results kPairForms where all pieces are pairs, or kLastForms where the last one is a Last; for gradients
// kFourForms.
PackKernels pack_of_results(int64_t forms_down, int64_t forms_across);
PackKernels pack_of_gradients(int64_t forms_down, int64_t forms_across);

// Sums of products at the forms of gradients, `parts` of them, → the gradient of kernels at 9 taps, each a row of `channels` that lies at a multiple
// of 64 bytes.
using KernelGradient = void (*)(const float* sums, int64_t form_stride, int64_t parts, int64_t part_stride, int64_t channels, float* to,
                                int64_t tap_stride);

KernelGradient kernel_gradient_of(int64_t forms_down, int64_t forms_across);

}  // namespace s3l
