// Convolution of maps with the batch innermost but for channels: [1, C, H, W, N], in memory H, W, N, C, as an operator with gradients.
#include "s3l_convolution.h"
#include "s3l_gradients.h"
#include "s3l_recording.h"
#include "s3l_tile_products.h"
#include "s3l_tiles.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace s3l {

void check_steps(at::IntArrayRef stride, at::IntArrayRef padding) {
    TORCH_CHECK(stride.size() == 2 && stride[0] > 0 && stride[1] > 0, "stride must be two numbers above 0, but is ", stride);
    TORCH_CHECK(padding.size() == 2 && padding[0] >= 0 && padding[1] >= 0, "padding must be two numbers of at least 0, but is ", padding);
}

#ifdef S3L_PAIR_PRODUCTS

bool multiplies_pairs() {
    static const bool does = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                             __builtin_cpu_supports("avx512vnni");
    return does;
}

bool multiplies_tiles() {
    static const bool does = multiplies_pairs() && tiles::are_there() && tile_products_are_right();
    return does;
}

const Products& products() { return multiplies_tiles() ? kTileProducts : kVectorProducts; }

Convolution shape_of(at::IntArrayRef maps, int64_t batch, const at::Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
    const int64_t height = maps[2], width = maps[3], kernel_height = weight.size(2), kernel_width = weight.size(3);
    return {batch, maps[1], height, width, weight.size(0),
            (height + 2 * padding[0] - kernel_height) / stride[0] + 1, (width + 2 * padding[1] - kernel_width) / stride[1] + 1,
            kernel_height, kernel_width, {stride[0], stride[1]}, {padding[0], padding[1]}};
}

#endif

}  // namespace s3l

namespace {

using at::Tensor;

#ifdef S3L_PAIR_PRODUCTS

struct ConvolutionFunction : torch::autograd::Function<ConvolutionFunction> {
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& maps, const Tensor& weight, at::IntArrayRef stride,
                          at::IntArrayRef padding) {
        const s3l::Convolution shape = s3l::shape_of(maps.sizes(), maps.size(4), weight, stride, padding);
        const Tensor kernels = weight.contiguous(at::MemoryFormat::ChannelsLast);
        Tensor result = at::empty({1, shape.outputs, shape.out_height, shape.out_width, shape.batch}, maps.options(),
                                  at::MemoryFormat::ChannelsLast3d);
        const auto compute = s3l::suits_winograd(shape) ? s3l::convolve_by_winograd : s3l::convolve_directly;
        const s3l::MeasuredMaps measured = s3l::measured(maps, shape.pixels(), shape.batch, shape.channels);
        compute(shape, measured, kernels.data_ptr<float>(), result);
        context->save_for_backward({maps, weight, measured.longest});
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
        const s3l::Convolution shape = s3l::shape_of(maps.sizes(), maps.size(4), weight, stride, padding);
        const Tensor upstream = gradients[0].to(maps.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast3d);
        const s3l::MeasuredMaps measured = s3l::measured(upstream, shape.out_pixels(), shape.batch, shape.outputs);
        const bool winograd = s3l::suits_winograd(shape);
        Tensor of_maps, of_weight;
        if (context->saved_data["of maps"].toBool()) {
            of_maps = at::empty_like(maps);
            const Tensor kernels = weight.contiguous(at::MemoryFormat::ChannelsLast);
            const auto compute = winograd ? s3l::maps_gradient_by_winograd : s3l::maps_gradient_directly;
            compute(shape, measured, kernels.data_ptr<float>(), of_maps);
        }
        if (context->saved_data["of weight"].toBool()) {
            of_weight = at::empty(weight.sizes(), weight.options(), at::MemoryFormat::ChannelsLast);
            const auto compute = winograd ? s3l::kernel_gradient_by_winograd : s3l::kernel_gradient_directly;
            compute(shape, {maps, {}, saved[2]}, measured, of_weight.data_ptr<float>());
        }
        return s3l::differentiated_once({of_maps, of_weight, Tensor(), Tensor()});
    }
};

bool fits(const Tensor& maps, const Tensor& weight, at::IntArrayRef padding) {
    const bool has_form = maps.is_cpu() && maps.scalar_type() == at::kBFloat16 && maps.dim() == 5 && maps.size(0) == 1 && maps.numel() > 0 &&
                          maps.is_contiguous(at::MemoryFormat::ChannelsLast3d) && weight.is_cpu() && weight.scalar_type() == at::kFloat &&
                          weight.dim() == 4;
    if (!has_form || s3l::is_recording() || !s3l::multiplies_pairs()) return false;
    const bool reaches = maps.size(2) + 2 * padding[0] >= weight.size(2) && maps.size(3) + 2 * padding[1] >= weight.size(3);
    return reaches && weight.size(1) == maps.size(1) && weight.size(0) % s3l::kLanes == 0 && weight.size(1) % s3l::kLanes == 0 && weight.numel() > 0;
}

#endif

Tensor convolve_batch_innermost(const Tensor& maps, const Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
    s3l::check_steps(stride, padding);
#ifdef S3L_PAIR_PRODUCTS
    if (fits(maps, weight, padding)) return ConvolutionFunction::apply(maps, weight, stride, padding);
#endif
    // As volumes whose third axis is the batch, with kernels one deep along it.
    return at::conv3d(maps, weight.to(maps.scalar_type()).unsqueeze(-1), {}, {stride[0], stride[1], 1}, {padding[0], padding[1], 0});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(s3l, library) {
    library.def("convolve_batch_innermost(Tensor maps, Tensor weight, int[] stride, int[] padding) -> Tensor", convolve_batch_innermost);
}
