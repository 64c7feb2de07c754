// The transforms of Winograd's convolutions with kernels of 3 × 3 and a border of one pixel (arXiv 1509.09308): fewer products for each pixel of a
// result than the nine of a sum over the kernel. Rows and columns are cut into pieces, and a tile is a piece of rows by a piece of columns. Their
// sources are compiled as s3l_products.h says.
//
// What is transformed is rounded once more, and the way back makes these roundings three times as large as those of a direct sum. In fixed point they
// are small enough for that.
#pragma once

#include "s3l_products.h"

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

// For the gradient of the kernels, with rows interleaved in pairs, at so many numbers per unit of each channel: for each place
// [⌈rows / 2⌉][depth][2].
using TransformInPairs = void (*)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, const float* per_unit, Number* to,
                                  int64_t place_stride);

// The transforms of a tile; rows are pictures, and pixels that it meets are null beyond the border.
struct TileTransforms {
    // Down and across: pixels met, places (one product each), and pixels of the result.
    int64_t met[2], places[2], results[2];

    // Of the kernel's forms along each axis those at the places.
    const int64_t* forms[2];

    // How much longer than the longest of the pixels met a place can be, as vectors of channels; and with gradients of the result as pixels.
    float growth, gradient_growth;

    // Maps → [places][rows][depth], each row divided by its unit; depth is a multiple of kLanes.
    void (*maps)(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, const float* units, Number* to);

    // Products [places][rows][width], in units of their row times units of their column, → pixels of the result.
    void (*products)(const int32_t* products, int64_t rows, int64_t width, const float* row_units, const float* column_units,
                     bfloat* const* pixels, int64_t row_stride);

    // Maps, and the gradient of the result.
    TransformInPairs maps_in_pairs, gradient_in_pairs;
};

const TileTransforms& transforms_of(Piece down, Piece across);

// Kernels [outputs][9][channels] → the forms that the pieces of maps need, as panels to multiply by. Forms are kBothForms or kFourForms along each
// axis.
//
// For results sixteen outputs: each form as [channels / 2][outputs][2] in a panel of `width` outputs, and their units.
using PackOfResults = void (*)(const float* kernels, int64_t channels, int64_t width, Number* to, int64_t form_stride, float* units);

// For gradients of maps turned by half a turn, [outputs / 2][channels][2].
using PackOfGradients = void (*)(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels,
                                 const float* per_unit, Number* to, int64_t form_stride);

struct KernelPacks {
    // How much longer than the longest tap a form can be, as vectors.
    float growth;
    PackOfResults of_results;
    PackOfGradients of_gradients;
};

const KernelPacks& packs_of(int64_t forms_down, int64_t forms_across);

// Sums of products at the forms of gradients, `parts` of them, in units of their output times units of their channel, → the gradient of a kernel of
// that output at 9 taps, each a row of `channels` that lies at a multiple of 64 bytes.
using KernelGradient = void (*)(const float* sums, int64_t form_stride, int64_t parts, int64_t part_stride, int64_t channels, float output_unit,
                                const float* channel_units, float* to, int64_t tap_stride);

KernelGradient kernel_gradient_of(int64_t forms_down, int64_t forms_across);

}  // namespace s3l
