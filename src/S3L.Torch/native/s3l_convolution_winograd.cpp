// Convolutions of 3 × 3 with fewer products (arXiv 1509.09308): tiles of 4 × 4 pixels are transformed, multiplied place by place, and give 2 × 2.
// Transformed numbers are rounded to bfloat16 once more than in a direct convolution; sums are in float.
#include "s3l_convolution.h"
#include "s3l_winograd.h"

#ifdef S3L_BFLOAT_PRODUCTS
#include <vector>

namespace s3l {
namespace {

using at::Tensor;

// Weights that are multiplied by in one go: they stay in the second cache.
constexpr int64_t kWeightsAtOnce = 256 * 1024;

int64_t tiles_of(const Convolution& shape) { return (shape.height + 1) / 2 * ((shape.width + 1) / 2); }

// The `side`² pixels of a tile, of which a first one lies `before` above and to the left of it; null beyond the border.
template <class T>
void pixels_of(const Convolution& shape, int64_t tile, int64_t side, int64_t before, T* memory, int64_t pixel_size, T** pixels) {
    const int64_t across = (shape.width + 1) / 2, top = tile / across * 2 - before, left = tile % across * 2 - before;
    for (int64_t i = 0; i < side * side; ++i) {
        const int64_t y = top + i / side, x = left + i % side;
        const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
        pixels[i] = inside ? memory + (y * shape.width + x) * pixel_size : nullptr;
    }
}

Tensor transformed(const Convolution& shape, const float* kernels, bool turned) {
    Tensor result = at::empty({shape.outputs, kPlaces, shape.channels}, at::kFloat);
    at::parallel_for(0, shape.outputs, 1, [&](int64_t begin, int64_t end) {
        transform_kernels(kernels + begin * kTaps * shape.channels, end - begin, shape.channels, turned,
                          result.data_ptr<float>() + begin * kPlaces * shape.channels);
    });
    return result;
}

void multiply_tiles(const Convolution& shape, const Tensor& from, int64_t depth, const Tensor& to, int64_t width, const Panels& panels) {
    const int64_t tiles = tiles_of(shape), at_once = std::max<int64_t>(kWeightsAtOnce / (kPlaces * depth * kPanel), 1);
    const int64_t groups = parts_of(panels.count(), at_once), blocks = parts_of(shape.batch, kRows);
    share(groups * tiles, [&](const auto& next) {
        const Scratch<bfloat> scratch(kPlaces * kRows * depth);
        const Scratch<float> products(kPlaces * kRows * kPanel);
        for (int64_t i; next(i);) {
            const int64_t group = i / tiles, tile = i % tiles;
            for (int64_t block = 0; block < blocks; ++block) {
                const int64_t row = shape.batch * block / blocks, rows = shape.batch * (block + 1) / blocks - row;
                const bfloat* met[kPlaces];
                pixels_of(shape, tile, 4, 1, bits(from) + row * depth, shape.batch * depth, met);
                transform_maps(met, rows, depth, depth, scratch.data());
                for (int64_t panel = group * at_once; panel < std::min((group + 1) * at_once, panels.count()); ++panel) {
                    const int64_t panel_width = panels.width_of(panel);
                    for (int64_t place = 0; place < kPlaces; ++place) {
                        const Term term = {scratch.data() + place * rows * depth, panels.at(panel, place)};
                        sum_products(&term, 1, rows, depth, depth, products.data() + place * rows * panel_width, panel_width, panel_width);
                    }
                    bfloat* results[4];
                    pixels_of(shape, tile, 2, 0, mutable_bits(to) + row * width + panel * kPanel, shape.batch * width, results);
                    transform_products(products.data(), rows, panel_width, results, width);
                }
            }
        }
    });
}

}  // namespace

bool suits_winograd(const Convolution& shape) {
    const bool fits = shape.kernel_height == 3 && shape.kernel_width == 3 && shape.stride[0] == 1 && shape.stride[1] == 1 &&
                      shape.padding[0] == 1 && shape.padding[1] == 1;
    // Transforms take a quarter of the time, of products in tiles more than these save; and they round once more. For small gains direct sums are
    // better.
    const int64_t direct = (3 * shape.height - 2) * (3 * shape.width - 2), products = kPlaces * tiles_of(shape);
    return fits && products * 3 / 2 < direct && !multiplies_tiles();
}

void convolve_by_winograd(const Convolution& shape, const Tensor& maps, const float* kernels, const Tensor& result) {
    const Tensor weights = transformed(shape, kernels, false);
    const int64_t row = kPlaces * shape.channels;
    const Panels panels(shape.outputs, kPlaces, shape.channels, [&](int64_t place, int64_t output, int64_t outputs, bfloat* panel) {
        interleave_columns(weights.data_ptr<float>() + output * row + place * shape.channels, outputs, shape.channels, row, panel);
    });
    multiply_tiles(shape, maps, shape.channels, result, shape.outputs, panels);
}

void maps_gradient_by_winograd(const Convolution& shape, const Tensor& upstream, const float* kernels, const Tensor& gradient) {
    const Tensor weights = transformed(shape, kernels, true);
    const int64_t row = kPlaces * shape.channels;
    const Panels panels(shape.channels, kPlaces, shape.outputs, [&](int64_t place, int64_t channel, int64_t channels, bfloat* panel) {
        interleave_rows(weights.data_ptr<float>() + place * shape.channels + channel, shape.outputs, channels, row, panel);
    });
    multiply_tiles(shape, upstream, shape.outputs, gradient, shape.channels, panels);
}

void kernel_gradient_by_winograd(const Convolution& shape, const Tensor& maps, const Tensor& upstream, float* gradient) {
    const int64_t tiles = tiles_of(shape), panels = parts_of(shape.channels, kPanel);
    // More than there are threads, so that none waits long for another.
    const int64_t slices = std::min(tiles, parts_of(4 * at::get_num_threads(), panels)), size = kPlaces * shape.outputs * shape.channels;
    const Tensor products = at::empty({slices, size}, at::kFloat);
    // For each slice and panel of channels, and each panel of outputs: [16][outputs][channels]. Sums of one product lie side by side, for rows
    // further apart may share a few places of the first cache.
    const auto sums_at = [&](int64_t slice, int64_t channel, int64_t channels, int64_t output) {
        return products.data_ptr<float>() + slice * size + kPlaces * (channel * shape.outputs + channels * output);
    };
    share(slices * panels, [&](const auto& next) {
        const Scratch<bfloat> of_maps(kPlaces * kPicturesAtOnce * kPanel), of_gradient(kPlaces * kPicturesAtOnce * kPanel);
        for (int64_t i; next(i);) {
            const int64_t slice = i / panels, channel = i % panels * kPanel, channels = std::min(kPanel, shape.channels - channel);
            std::fill_n(sums_at(slice, channel, channels, 0), kPlaces * shape.outputs * channels, 0.f);
            for (int64_t picture = 0; picture < shape.batch; picture += kPicturesAtOnce) {
                const int64_t pictures = std::min(kPicturesAtOnce, shape.batch - picture), pairs = (pictures + 1) / 2;
                for (int64_t tile = tiles * slice / slices; tile < tiles * (slice + 1) / slices; ++tile) {
                    const bfloat* met[kPlaces];
                    pixels_of(shape, tile, 4, 1, bits(maps) + picture * shape.channels + channel, shape.batch * shape.channels, met);
                    transform_maps_in_pairs(met, pictures, channels, shape.channels, of_maps.data());
                    for (int64_t output = 0; output < shape.outputs; output += kPanel) {
                        const int64_t outputs = std::min(kPanel, shape.outputs - output);
                        float* sums = sums_at(slice, channel, channels, output);
                        const bfloat* results[4];
                        pixels_of(shape, tile, 2, 0, bits(upstream) + picture * shape.outputs + output, shape.batch * shape.outputs, results);
                        transform_gradient_in_pairs(results, pictures, outputs, shape.outputs, of_gradient.data());
                        Addend addends[kPlaces];
                        for (int64_t place = 0; place < kPlaces; ++place) {
                            addends[place] = {of_gradient.data() + place * pairs * outputs * 2, of_maps.data() + place * pairs * channels * 2,
                                              sums + place * outputs * channels};
                        }
                        kVectorProducts.add(addends, kPlaces, pairs, outputs, channels);
                    }
                }
            }
        }
    });
    share(panels * shape.outputs, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t channel = i / shape.outputs * kPanel, channels = std::min(kPanel, shape.channels - channel);
            const int64_t output = i % shape.outputs, first = output / kPanel * kPanel, outputs = std::min(kPanel, shape.outputs - first);
            transform_kernel_products(sums_at(0, channel, channels, first) + (output - first) * channels, outputs * channels, slices, size, channels,
                                      gradient + output * kTaps * shape.channels + channel, shape.channels);
        }
    });
}

}  // namespace s3l
#endif
