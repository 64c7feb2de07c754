// Convolution of maps with the batch innermost but for channels: [1, C, H, W, N], in memory H, W, N, C. Each pixel of the result is a sum of
// products of matrices, [N, C] at a pixel that the kernel meets times [C, out] of the kernel there: no pixel is copied, and no row is too short.
#include "s3l_bfloat_products.h"
#include "s3l_loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#ifdef S3L_BFLOAT_PRODUCTS
#include <cpuid.h>
#endif

namespace {

using at::Tensor;
using s3l::bfloat;
using s3l::kLanes;
using s3l::kPanel;

// Pictures whose pixels are turned at a time, and results' channels that are summed meanwhile: both stay in the first cache.
constexpr int64_t kRowsAtOnce = 128, kOutputsAtOnce = 32;

// Pixels side by side whose neighbours above and below stay in the second cache.
constexpr int64_t kStrip = 8;

// Whether these loops are compiled in and the fastest that the processor has: with matrix tiles (AMX) libtorch's own are faster.
bool multiplies_bfloats() {
#ifdef S3L_BFLOAT_PRODUCTS
    static const bool does = [] {
        unsigned a = 0, b = 0, c = 0, d = 0;
        const bool known = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0;
        const bool tiles = known && (d & (1u << 22)) != 0;
        return !tiles && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bf16");
    }();
    return does;
#else
    return false;
#endif
}

#ifdef S3L_BFLOAT_PRODUCTS

struct Shape {
    int64_t batch, channels, height, width, outputs, out_height, out_width, kernel_height, kernel_width;

    int64_t pixels() const { return height * width; }
    int64_t out_pixels() const { return out_height * out_width; }
    int64_t taps() const { return kernel_height * kernel_width; }
};

Shape shape_of(const Tensor& maps, const Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
    const int64_t height = maps.size(2), width = maps.size(3), kernel_height = weight.size(2), kernel_width = weight.size(3);
    return {maps.size(4), maps.size(1), height, width, weight.size(0),
            (height + 2 * padding[0] - kernel_height) / stride[0] + 1, (width + 2 * padding[1] - kernel_width) / stride[1] + 1,
            kernel_height, kernel_width};
}

// A place in the kernel, and the pixel that it meets there.
struct Meeting {
    int64_t tap, pixel;
};

// What each pixel of the result meets in the maps, or, turned around, each pixel of the maps in the result.
std::vector<std::vector<Meeting>> meetings(const Shape& shape, at::IntArrayRef stride, at::IntArrayRef padding, bool of_maps) {
    std::vector<std::vector<Meeting>> all(static_cast<size_t>(of_maps ? shape.pixels() : shape.out_pixels()));
    for (int64_t out = 0; out < shape.out_pixels(); ++out) {
        for (int64_t tap = 0; tap < shape.taps(); ++tap) {
            const int64_t y = out / shape.out_width * stride[0] - padding[0] + tap / shape.kernel_width;
            const int64_t x = out % shape.out_width * stride[1] - padding[1] + tap % shape.kernel_width;
            if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) continue;
            const int64_t in = y * shape.width + x;
            all[static_cast<size_t>(of_maps ? in : out)].push_back({tap, of_maps ? out : in});
        }
    }
    return all;
}

const bfloat* bits(const Tensor& tensor) { return static_cast<const bfloat*>(tensor.data_ptr()); }
bfloat* mutable_bits(const Tensor& tensor) { return static_cast<bfloat*>(tensor.data_ptr()); }

// to[pixel] = Σ from[met pixel] · panel of the tap. `pack(tap, first, width, panel)` writes [depth, width] of the weights, channels from `first`.
template <class Pack>
void convolve(const Tensor& from, int64_t depth, const Tensor& to, int64_t width, int64_t batch, int64_t taps,
              const std::vector<std::vector<Meeting>>& met, const Pack& pack) {
    const int64_t blocks = (width + kPanel - 1) / kPanel, pixels = static_cast<int64_t>(met.size());
    const auto width_of = [&](int64_t block) { return std::min(kPanel, width - block * kPanel); };
    const Tensor panels = at::empty({width * taps * depth}, to.options());
    const auto panel_of = [&](int64_t block, int64_t tap) {
        return mutable_bits(panels) + (block * kPanel * taps + tap * width_of(block)) * depth;
    };
    at::parallel_for(0, blocks * taps, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) pack(i % taps, i / taps * kPanel, width_of(i / taps), panel_of(i / taps, i % taps));
    });
    // Panels outside, pixels inside: a thread's panel stays in its cache while the pixels pass by.
    at::parallel_for(0, blocks * pixels, 1, [&](int64_t begin, int64_t end) {
        std::vector<s3l::Term> terms(static_cast<size_t>(taps));
        for (int64_t i = begin; i < end; ++i) {
            const int64_t block = i / pixels, pixel = i % pixels;
            const std::vector<Meeting>& here = met[static_cast<size_t>(pixel)];
            for (size_t t = 0; t < here.size(); ++t) terms[t] = {bits(from) + here[t].pixel * batch * depth, panel_of(block, here[t].tap)};
            s3l::sum_products(terms.data(), static_cast<int64_t>(here.size()), batch, depth, depth,
                              mutable_bits(to) + pixel * batch * width + block * kPanel, width_of(block), width);
        }
    });
}

// Pixels of the maps in strips, down each and then to the next: what a pixel meets was met a row before, and is still in the second cache.
std::vector<int64_t> in_strips(const Shape& shape) {
    std::vector<int64_t> order;
    order.reserve(static_cast<size_t>(shape.pixels()));
    for (int64_t strip = 0; strip < shape.width; strip += kStrip) {
        for (int64_t y = 0; y < shape.height; ++y) {
            for (int64_t x = strip; x < std::min(strip + kStrip, shape.width); ++x) order.push_back(y * shape.width + x);
        }
    }
    return order;
}

// gradient[out, tap, channel] = Σ over pictures and pixels of upstream · maps.
void weight_gradient(const Tensor& maps, const Tensor& upstream, const Tensor& gradient, const Shape& shape,
                     const std::vector<std::vector<Meeting>>& met) {
    const int64_t pairs = (shape.batch + 1) / 2, taps = shape.taps(), row = taps * shape.channels;
    const int64_t chunks = (shape.outputs + kOutputsAtOnce - 1) / kOutputsAtOnce, panels = (shape.channels + kPanel - 1) / kPanel;
    const auto outputs_of = [&](int64_t chunk) { return std::min(kOutputsAtOnce, shape.outputs - chunk * kOutputsAtOnce); };
    // Each chunk by itself: lines of one that lay far apart would fall on the same few places of the first cache.
    const Tensor turned = at::empty({shape.out_pixels() * pairs * 2 * shape.outputs}, upstream.options());
    const auto turned_at = [&](int64_t chunk, int64_t pixel) {
        return mutable_bits(turned) + (chunk * kOutputsAtOnce * shape.out_pixels() + pixel * outputs_of(chunk)) * pairs * 2;
    };
    at::parallel_for(0, chunks * shape.out_pixels(), 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t chunk = i % chunks, pixel = i / chunks;
            s3l::interleave_rows(bits(upstream) + pixel * shape.batch * shape.outputs + chunk * kOutputsAtOnce, shape.batch, outputs_of(chunk),
                                 shape.outputs, turned_at(chunk, pixel));
        }
    });

    const std::vector<int64_t> order = in_strips(shape);
    // Taps apart only where threads would wait for each other otherwise: together they turn the maps once.
    const int64_t threads = at::get_num_threads();
    int64_t parts = 1;
    while (parts < taps && panels * chunks * parts % threads != 0 && panels * chunks * parts < 4 * threads) ++parts;
    at::parallel_for(0, panels * chunks * parts, 1, [&](int64_t begin, int64_t end) {
        std::vector<bfloat> scratch(static_cast<size_t>(kRowsAtOnce * kPanel));
        for (int64_t i = begin; i < end; ++i) {
            const int64_t first_tap = taps * (i % parts) / parts, last_tap = taps * (i % parts + 1) / parts;
            const int64_t chunk = i / parts % chunks, outputs = outputs_of(chunk);
            const int64_t channel = i / parts / chunks * kPanel, channels = std::min(kPanel, shape.channels - channel);
            float* to = gradient.data_ptr<float>() + chunk * kOutputsAtOnce * row + channel;
            for (int64_t picture = 0; picture < shape.batch; picture += kRowsAtOnce) {
                const int64_t pictures = std::min(kRowsAtOnce, shape.batch - picture);
                for (const int64_t pixel : order) {
                    s3l::interleave_rows(bits(maps) + (pixel * shape.batch + picture) * shape.channels + channel, pictures, channels,
                                         shape.channels, scratch.data());
                    for (const Meeting& meeting : met[static_cast<size_t>(pixel)]) {
                        if (meeting.tap < first_tap || meeting.tap >= last_tap) continue;
                        s3l::add_transposed_product(turned_at(chunk, meeting.pixel) + picture * outputs, 2 * outputs, scratch.data(),
                                                    (pictures + 1) / 2, outputs, to + meeting.tap * shape.channels, channels, row);
                    }
                }
            }
        }
    });
}

struct Convolution : torch::autograd::Function<Convolution> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& maps, const Tensor& weight, at::IntArrayRef stride,
                          at::IntArrayRef padding) {
        const Shape shape = shape_of(maps, weight, stride, padding);
        const Tensor kernel = weight.contiguous(at::MemoryFormat::ChannelsLast);
        const Tensor result = at::empty({1, shape.outputs, shape.out_height, shape.out_width, shape.batch}, maps.options(),
                                        at::MemoryFormat::ChannelsLast3d);
        const int64_t row = shape.taps() * shape.channels;
        const float* weights = kernel.data_ptr<float>();
        convolve(maps, shape.channels, result, shape.outputs, shape.batch, shape.taps(), meetings(shape, stride, padding, false),
                 [&](int64_t tap, int64_t output, int64_t outputs, bfloat* panel) {
                     s3l::interleave_columns(weights + output * row + tap * shape.channels, outputs, shape.channels, row, panel);
                 });
        context->save_for_backward({maps, weight});
        context->saved_data["stride"] = stride.vec();
        context->saved_data["padding"] = padding.vec();
        context->saved_data["of maps"] = maps.requires_grad();
        context->saved_data["of weight"] = weight.requires_grad();
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const Tensor &maps = saved[0], &weight = saved[1];
        const auto stride = context->saved_data["stride"].toIntVector(), padding = context->saved_data["padding"].toIntVector();
        const Shape shape = shape_of(maps, weight, stride, padding);
        const Tensor upstream = gradients[0].to(maps.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast3d);
        const auto met = meetings(shape, stride, padding, true);
        Tensor of_maps, of_weight;
        if (context->saved_data["of maps"].toBool()) {
            of_maps = at::empty_like(maps);
            const Tensor kernel = weight.contiguous(at::MemoryFormat::ChannelsLast);
            const int64_t row = shape.taps() * shape.channels;
            const float* weights = kernel.data_ptr<float>();
            convolve(upstream, shape.outputs, of_maps, shape.channels, shape.batch, shape.taps(), met,
                     [&](int64_t tap, int64_t channel, int64_t channels, bfloat* panel) {
                         s3l::interleave_rows(weights + tap * shape.channels + channel, shape.outputs, channels, row, panel);
                     });
        }
        if (context->saved_data["of weight"].toBool()) {
            of_weight = at::empty(weight.sizes(), weight.options(), at::MemoryFormat::ChannelsLast).zero_();
            weight_gradient(maps, upstream, of_weight, shape, met);
        }
        return {of_maps, of_weight, Tensor(), Tensor()};
    }
};

bool fits(const Tensor& maps, const Tensor& weight, at::IntArrayRef padding) {
    const auto reaches = [&](int64_t axis) {
        return maps.size(axis + 2) + 2 * padding[static_cast<size_t>(axis)] >= weight.size(axis + 2);
    };
    return multiplies_bfloats() && maps.is_cpu() && maps.scalar_type() == at::kBFloat16 && maps.dim() == 5 && maps.size(0) == 1 &&
           maps.is_contiguous(at::MemoryFormat::ChannelsLast3d) && weight.is_cpu() && weight.scalar_type() == at::kFloat && weight.dim() == 4 &&
           weight.size(1) == maps.size(1) && weight.size(0) % kLanes == 0 && weight.size(1) % kLanes == 0 && maps.numel() > 0 && reaches(0) && reaches(1);
}

#endif

Tensor convolve_batch_innermost(const Tensor& maps, const Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
#ifdef S3L_BFLOAT_PRODUCTS
    if (fits(maps, weight, padding)) return Convolution::apply(maps, weight, stride, padding);
#endif
    // As volumes whose third axis is the batch, with kernels one deep along it.
    return at::conv3d(maps, weight.to(maps.scalar_type()).unsqueeze(-1), {}, {stride[0], stride[1], 1}, {padding[0], padding[1], 0});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("convolve_batch_innermost(Tensor maps, Tensor weight, int[] stride, int[] padding) -> Tensor", convolve_batch_innermost);
}
