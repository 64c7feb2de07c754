// What convolutions share. Maps with the batch innermost are [1, C, H, W, N], in memory H, W, N, C.
#pragma once

#include "s3l_loops.h"
#include "s3l_products.h"
#include "s3l_share.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace s3l {

// Pictures whose pixels are measured, turned and summed at a time.
inline constexpr int64_t kPicturesAtOnce = 128;

struct Convolution {
    int64_t batch, channels, height, width, outputs, out_height, out_width, kernel_height, kernel_width;
    int64_t stride[2], padding[2];

    int64_t pixels() const { return height * width; }
    int64_t out_pixels() const { return out_height * out_width; }
    int64_t taps() const { return kernel_height * kernel_width; }
};

// Whether the processor multiplies pairs of numbers of sixteen bits in vectors, and whether pairs of bfloat16 in matrix tiles.
bool multiplies_pairs();
bool multiplies_tiles();

// The fastest that the processor has.
const Products& products();

// Refuses what libtorch refuses too, before anything is computed with it.
void check_steps(at::IntArrayRef stride, at::IntArrayRef padding);

// From maps [·, C, H, W, …].
Convolution shape_of(at::IntArrayRef maps, int64_t batch, const at::Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding);

inline const bfloat* bits(const at::Tensor& tensor) { return static_cast<const bfloat*>(tensor.data_ptr()); }
inline bfloat* mutable_bits(const at::Tensor& tensor) { return static_cast<bfloat*>(tensor.data_ptr()); }

// Maps, or the gradient of results: [pixels][batch][depth] in bfloat16. Where products are in fixed point with the lengths of each pixel in each
// picture as vectors, and the longest that a channel has at a pixel in kPicturesAtOnce pictures.
struct MeasuredMaps {
    at::Tensor maps, lengths, longest;
};

MeasuredMaps measured(const at::Tensor& maps, int64_t pixels, int64_t batch, int64_t depth);

// Kernels [outputs][taps][channels] in float; gradients of kernels ask maps for the longest channels alone.
void convolve_directly(const Convolution& shape, const MeasuredMaps& maps, const float* kernels, const at::Tensor& result);
void maps_gradient_directly(const Convolution& shape, const MeasuredMaps& upstream, const float* kernels, const at::Tensor& gradient);
void kernel_gradient_directly(const Convolution& shape, const MeasuredMaps& maps, const MeasuredMaps& upstream, float* gradient);

// Whether these take less time: so many products are saved that they pay for the transforms. They multiply in vectors.
bool suits_winograd(const Convolution& shape);
void convolve_by_winograd(const Convolution& shape, const MeasuredMaps& maps, const float* kernels, const at::Tensor& result);
void maps_gradient_by_winograd(const Convolution& shape, const MeasuredMaps& upstream, const float* kernels, const at::Tensor& gradient);
void kernel_gradient_by_winograd(const Convolution& shape, const MeasuredMaps& maps, const MeasuredMaps& upstream, float* gradient);

}  // namespace s3l
