#include "s3l_factors.h"

#ifdef S3L_PAIR_PRODUCTS
#include <cmath>

namespace s3l {

static_assert(kPicturesAtOnce <= kMostRows);

MeasuredMaps measured(const at::Tensor& maps, int64_t pixels, int64_t batch, int64_t depth) {
    if (!products().in_fixed_point) return {maps, {}, {}};
    const at::Tensor lengths = at::empty({pixels, batch}, at::kFloat), longest = at::zeros({depth}, at::kFloat);
    const int64_t parts = parts_of(batch, kPicturesAtOnce);
    find_longest(pixels * parts, depth, longest.data_ptr<float>(), [&](int64_t i, float* own) {
        const int64_t picture = i % parts * kPicturesAtOnce, row = i / parts * batch + picture;
        lengths_of(bits(maps) + row * depth, std::min(kPicturesAtOnce, batch - picture), depth, lengths.data_ptr<float>() + row, own);
    });
    return {maps, lengths, longest};
}

Units units_of_outputs(const Convolution& shape, const float* kernels) {
    if (!products().in_fixed_point) return {};
    const int64_t row = shape.taps() * shape.channels;
    std::vector<float> lengths(static_cast<size_t>(shape.outputs));
    at::parallel_for(0, shape.outputs, kLanes, [&](int64_t begin, int64_t end) {
        for (int64_t output = begin; output < end; ++output) lengths[static_cast<size_t>(output)] = length_of(kernels + output * row, row);
    });
    return Units(std::move(lengths));
}

std::vector<float> lengths_of_taps(const Convolution& shape, const float* kernels) {
    const int64_t row = shape.taps() * shape.channels, panels = parts_of(shape.channels, kPanel);
    std::vector<float> lengths(static_cast<size_t>(row));
    share(shape.taps() * panels, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t channel = i % panels * kPanel, first = i / panels * shape.channels + channel;
            lengthen(kernels + first, shape.outputs, std::min(kPanel, shape.channels - channel), row, lengths.data() + first);
        }
    });
    return lengths;
}

Units units_of_channels(const Convolution& shape, const float* kernels) {
    if (!products().in_fixed_point) return {};
    const std::vector<float> of_taps = lengths_of_taps(shape, kernels);
    std::vector<float> lengths;
    for (int64_t channel = 0; channel < shape.channels; ++channel) {
        double square = 0;
        for (int64_t tap = 0; tap < shape.taps(); ++tap) {
            const double length = of_taps[static_cast<size_t>(tap * shape.channels + channel)];
            square += length * length;
        }
        lengths.push_back(static_cast<float>(std::sqrt(square)));
    }
    return Units(std::move(lengths));
}

}  // namespace s3l
#endif
