// What convolutions share. Maps with the batch innermost are [1, C, H, W, N], in memory H, W, N, C.
#pragma once

#include "s3l_bfloat_products.h"
#include "s3l_loops.h"
#include "s3l_share.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace s3l {

// Pictures whose pixels are turned at a time.
inline constexpr int64_t kPicturesAtOnce = 128;

struct Convolution {
    int64_t batch, channels, height, width, outputs, out_height, out_width, kernel_height, kernel_width;
    int64_t stride[2], padding[2];

    int64_t pixels() const { return height * width; }
    int64_t out_pixels() const { return out_height * out_width; }
    int64_t taps() const { return kernel_height * kernel_width; }
};

// Whether the processor has instructions for products of bfloat16, and whether in matrix tiles.
bool multiplies_bfloats();
bool multiplies_tiles();

// The fastest that the processor has.
const Products& products();

// Refuses what libtorch refuses too, before anything is computed with it.
void check_steps(at::IntArrayRef stride, at::IntArrayRef padding);

// From maps [·, C, H, W, …].
Convolution shape_of(at::IntArrayRef maps, int64_t batch, const at::Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding);

inline const bfloat* bits(const at::Tensor& tensor) { return static_cast<const bfloat*>(tensor.data_ptr()); }
inline bfloat* mutable_bits(const at::Tensor& tensor) { return static_cast<bfloat*>(tensor.data_ptr()); }

inline int64_t parts_of(int64_t all, int64_t at_once) { return (all + at_once - 1) / at_once; }

// Weights as products take them: for each panel of up to kPanel channels of the result, and each place of the kernel, [depth / 2][width][2].
class Panels {
  public:
    // Not set to anything.
    Panels(int64_t width, int64_t places, int64_t depth)
        : width_(width), places_(places), depth_(depth), memory_(at::empty({width * places * depth}, at::kBFloat16)) {}

    // `pack(place, first, width, panel)` writes the weights of the channels from `first`.
    template <class Pack>
    Panels(int64_t width, int64_t places, int64_t depth, const Pack& pack) : Panels(width, places, depth) {
        at::parallel_for(0, count() * places, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) pack(i % places, i / places * kPanel, width_of(i / places), at(i / places, i % places));
        });
    }

    int64_t count() const { return parts_of(width_, kPanel); }
    int64_t width_of(int64_t panel) const { return std::min(kPanel, width_ - panel * kPanel); }
    bfloat* at(int64_t panel, int64_t place) const {
        return mutable_bits(memory_) + (panel * kPanel * places_ + place * width_of(panel)) * depth_;
    }

  private:
    int64_t width_, places_, depth_;
    at::Tensor memory_;
};

// Kernels [outputs][taps][channels] in float; maps, results and their gradients in bfloat16.
void convolve_directly(const Convolution& shape, const at::Tensor& maps, const float* kernels, const at::Tensor& result);
void maps_gradient_directly(const Convolution& shape, const at::Tensor& upstream, const float* kernels, const at::Tensor& gradient);
void kernel_gradient_directly(const Convolution& shape, const at::Tensor& maps, const at::Tensor& upstream, float* gradient);

// Whether these take less time: so many products are saved that they pay for the transforms. They multiply in vectors.
bool suits_winograd(const Convolution& shape);
void convolve_by_winograd(const Convolution& shape, const at::Tensor& maps, const float* kernels, const at::Tensor& result);
void maps_gradient_by_winograd(const Convolution& shape, const at::Tensor& upstream, const float* kernels, const at::Tensor& gradient);
void kernel_gradient_by_winograd(const Convolution& shape, const at::Tensor& maps, const at::Tensor& upstream, float* gradient);

}  // namespace s3l
