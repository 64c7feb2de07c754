// Convolutions of 3 × 3 with fewer products (arXiv 1509.09308): tiles of pixels are transformed, multiplied place by place, and give pixels of the
// result. Transformed numbers are rounded to bfloat16 once more than in a direct convolution; sums are in float.
#include "s3l_convolution.h"
#include "s3l_winograd.h"

#ifdef S3L_BFLOAT_PRODUCTS
namespace s3l {
namespace {

using at::Tensor;

// Weights that stay in the second cache.
constexpr int64_t kWeightsAtOnce = 256 * 1024;

// Pictures that are handed out together.
constexpr int64_t kPiece = 32;

// Enough to choose from for the last ones to be a small part.
constexpr int64_t kItemsPerThread = 4;

// Blocks of kernels by slices of tiles, at least. Not by the number of threads: no bit depends on it.
constexpr int64_t kItems = 16;

// Between transformed places, which would otherwise lie so far apart that they share a few places of the first cache.
constexpr int64_t kApart = 2 * kLanes;

// Of kernels, how many numbers are packed at a time along the depth of products.
constexpr int64_t kDepthAtOnce = 2 * kLanes;

// Maps as tiles.
struct Tiles {
    Axis down, across;

    explicit Tiles(const Convolution& shape) : down{shape.height}, across{shape.width} {}

    int64_t count() const { return down.pieces() * across.pieces(); }
    int64_t forms() const { return down.forms() * across.forms(); }
    const TileTransforms& transforms(int64_t tile) const {
        return transforms_of(down.piece(tile / across.pieces()), across.piece(tile % across.pieces()));
    }

    // The pixels that a tile meets, null beyond the border.
    template <class T>
    void met(int64_t tile, T* memory, int64_t pixel_size, T** pixels) const {
        const auto& size = transforms(tile).met;
        const int64_t top = down.first_met(tile / across.pieces()), left = across.first_met(tile % across.pieces());
        for (int64_t i = 0; i < size[0] * size[1]; ++i) {
            const int64_t y = top + i / size[1], x = left + i % size[1];
            const bool inside = y >= 0 && y < down.length && x >= 0 && x < across.length;
            pixels[i] = inside ? memory + (y * across.length + x) * pixel_size : nullptr;
        }
    }

    // The pixels of the result that it gives.
    template <class T>
    void results(int64_t tile, T* memory, int64_t pixel_size, T** pixels) const {
        const auto& size = transforms(tile).results;
        const int64_t top = tile / across.pieces() * 2, left = tile % across.pieces() * 2;
        for (int64_t i = 0; i < size[0] * size[1]; ++i) {
            pixels[i] = memory + ((top + i / size[1]) * across.length + left + i % size[1]) * pixel_size;
        }
    }
};

void multiply_tiles(const Tiles& tiles, int64_t batch, const Tensor& from, int64_t depth, const Tensor& to, int64_t width, const Panels& panels) {
    // Weights in the second cache are met by a few pictures at a time, whose products stay in the first. More weights than that are met by many
    // pictures, a place at a time.
    const int64_t rows_at_once = kMostPlaces * depth * width <= kWeightsAtOnce ? kRows : kPiece;
    const int64_t pieces = parts_of(batch, kPiece), enough = kItemsPerThread * at::get_num_threads();
    // Transforms are done anew for each group of panels.
    const int64_t groups = std::min(parts_of(enough, pieces * tiles.count()), panels.count());
    share(groups * tiles.count() * pieces, [&](const auto& next) {
        const Scratch<bfloat> scratch(kMostPlaces * rows_at_once * depth);
        const Scratch<float> products(kMostPlaces * rows_at_once * kPanel);
        for (int64_t i; next(i);) {
            const int64_t group = i / pieces / tiles.count(), tile = i / pieces % tiles.count();
            const int64_t first = batch * (i % pieces) / pieces, end = batch * (i % pieces + 1) / pieces, blocks = parts_of(end - first, rows_at_once);
            const TileTransforms& transforms = tiles.transforms(tile);
            for (int64_t block = 0; block < blocks; ++block) {
                const int64_t row = first + (end - first) * block / blocks, rows = first + (end - first) * (block + 1) / blocks - row;
                const bfloat* met[kMostPlaces];
                tiles.met(tile, bits(from) + row * depth, batch * depth, met);
                transforms.maps(met, rows, depth, depth, scratch.data());
                for (int64_t panel = panels.count() * group / groups; panel < panels.count() * (group + 1) / groups; ++panel) {
                    const int64_t panel_width = panels.width_of(panel);
                    for (int64_t place = 0; place < transforms.place_count(); ++place) {
                        const Term term = {scratch.data() + place * rows * depth, panels.at(panel, transforms.form_at(place, tiles.across))};
                        sum_products(&term, 1, rows, depth, depth, products.data() + place * rows * panel_width, panel_width, panel_width);
                    }
                    bfloat* results[kMostResults];
                    tiles.results(tile, mutable_bits(to) + row * width + panel * kPanel, batch * width, results);
                    transforms.products(products.data(), rows, panel_width, results, width);
                }
            }
        }
    });
}

// Some channels of some outputs of kernels.
struct Block {
    int64_t channel, channels, output, outputs;
};

// The products of a tile with the gradient of its results, to the sums at each form of a block, [outputs][channels]. Some pictures at a time: what
// becomes of them lies in the memory that is given.
void add_tile(const Tiles& tiles, int64_t tile, const Convolution& shape, const Block& block, int64_t picture, const Tensor& maps, const Tensor& upstream,
              bfloat* of_maps, bfloat* of_gradient, float* sums) {
    const TileTransforms& transforms = tiles.transforms(tile);
    const int64_t pictures = std::min(kPicturesAtOnce, shape.batch - picture), pairs = parts_of(pictures, 2);
    const int64_t of_channels = pairs * block.channels * 2 + kApart, of_outputs = pairs * block.outputs * 2 + kApart;
    const bfloat *met[kMostPlaces], *results[kMostResults];
    tiles.met(tile, bits(maps) + picture * shape.channels + block.channel, shape.batch * shape.channels, met);
    transforms.maps_in_pairs(met, pictures, block.channels, shape.channels, of_maps, of_channels);
    tiles.results(tile, bits(upstream) + picture * shape.outputs + block.output, shape.batch * shape.outputs, results);
    transforms.gradient_in_pairs(results, pictures, block.outputs, shape.outputs, of_gradient, of_outputs);
    Addend addends[kMostPlaces];
    for (int64_t place = 0; place < transforms.place_count(); ++place) {
        addends[place] = {of_gradient + place * of_outputs, of_maps + place * of_channels,
                          sums + transforms.form_at(place, tiles.across) * block.outputs * block.channels};
    }
    kVectorProducts.add(addends, transforms.place_count(), pairs, block.outputs, block.channels);
}

// `pack(panel, first, at_once)` packs so many numbers along the depth of products for a panel.
template <class Pack>
void pack_panels(const Panels& panels, int64_t depth, const Pack& pack) {
    const int64_t steps = parts_of(depth, kDepthAtOnce);
    share(panels.count() * steps, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t first = i % steps * kDepthAtOnce;
            pack(i / steps, first, std::min(kDepthAtOnce, depth - first));
        }
    });
}

}  // namespace

bool suits_winograd(const Convolution& shape) {
    const bool fits = shape.kernel_height == 3 && shape.kernel_width == 3 && shape.stride[0] == 1 && shape.stride[1] == 1 &&
                      shape.padding[0] == 1 && shape.padding[1] == 1;
    // Transforms take a quarter of the time, of products in tiles more than these save; and they round once more. For small gains direct sums are
    // better.
    const Tiles tiles(shape);
    const int64_t direct = tiles.down.direct_products() * tiles.across.direct_products();
    return fits && tiles.down.products() * tiles.across.products() * 3 / 2 < direct && !multiplies_tiles();
}

void convolve_by_winograd(const Convolution& shape, const Tensor& maps, const float* kernels, const Tensor& result) {
    const Tiles tiles(shape);
    const int64_t row = kTaps * shape.channels;
    const Panels panels(shape.outputs, tiles.forms(), shape.channels);
    pack_panels(panels, shape.channels, [&](int64_t panel, int64_t channel, int64_t channels) {
        const int64_t outputs = panels.width_of(panel);
        kernel_transforms_of(tiles.down, tiles.across).pack(kernels + panel * kPanel * row + channel, row, shape.channels, outputs, channels,
                                                            panels.at(panel, 0) + channel * outputs, shape.channels * outputs);
    });
    multiply_tiles(tiles, shape.batch, maps, shape.channels, result, shape.outputs, panels);
}

void maps_gradient_by_winograd(const Convolution& shape, const Tensor& upstream, const float* kernels, const Tensor& gradient) {
    const Tiles tiles(shape);
    const int64_t row = kTaps * shape.channels;
    const Panels panels(shape.channels, tiles.forms(), shape.outputs);
    pack_panels(panels, shape.outputs, [&](int64_t panel, int64_t output, int64_t outputs) {
        const int64_t channels = panels.width_of(panel);
        kernel_transforms_of(tiles.down, tiles.across).pack_turned(kernels + output * row + panel * kPanel, row, shape.channels, outputs, channels,
                                                                   panels.at(panel, 0) + output * channels, shape.outputs * channels);
    });
    multiply_tiles(tiles, shape.batch, upstream, shape.outputs, gradient, shape.channels, panels);
}

void kernel_gradient_by_winograd(const Convolution& shape, const Tensor& maps, const Tensor& upstream, float* gradient) {
    const Tiles tiles(shape);
    const int64_t panels = parts_of(shape.channels, kPanel), blocks = panels * parts_of(shape.outputs, kPanel);
    const auto block_at = [&](int64_t i) {
        const int64_t channel = i % panels * kPanel, output = i / panels * kPanel;
        return Block{channel, std::min(kPanel, shape.channels - channel), output, std::min(kPanel, shape.outputs - output)};
    };
    // Few blocks are cut into slices of the tiles, whose sums are added at the end.
    const int64_t slices = std::min(tiles.count(), parts_of(kItems, blocks)), size = tiles.forms() * kPanel * kPanel;
    const Tensor sums_of_slices = slices == 1 ? Tensor() : at::empty({blocks * slices, size}, at::kFloat);
    // Of one output of the kernel.
    const auto transform_back = [&](const Block& block, const float* sums, int64_t output) {
        kernel_transforms_of(tiles.down, tiles.across)
            .gradient(sums + output * block.channels, block.outputs * block.channels, slices, size, block.channels,
                      gradient + (block.output + output) * kTaps * shape.channels + block.channel, shape.channels);
    };
    share(blocks * slices, [&](const auto& next) {
        const Scratch<bfloat> of_maps(kMostPlaces * (kPicturesAtOnce * kPanel + kApart)), of_gradient(kMostPlaces * (kPicturesAtOnce * kPanel + kApart));
        const Scratch<float> scratch(slices == 1 ? size : 0);
        for (int64_t i; next(i);) {
            const Block block = block_at(i / slices);
            float* sums = slices == 1 ? scratch.data() : sums_of_slices.data_ptr<float>() + i * size;
            std::fill_n(sums, tiles.forms() * block.outputs * block.channels, 0.f);
            for (int64_t tile = tiles.count() * (i % slices) / slices; tile < tiles.count() * (i % slices + 1) / slices; ++tile) {
                for (int64_t picture = 0; picture < shape.batch; picture += kPicturesAtOnce) {
                    add_tile(tiles, tile, shape, block, picture, maps, upstream, of_maps.data(), of_gradient.data(), sums);
                }
            }
            for (int64_t output = 0; output < (slices == 1 ? block.outputs : 0); ++output) transform_back(block, sums, output);
        }
    });
    if (slices == 1) return;
    share(blocks * kPanel, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const Block block = block_at(i / kPanel);
            if (i % kPanel < block.outputs) transform_back(block, sums_of_slices.data_ptr<float>() + i / kPanel * slices * size, i % kPanel);
        }
    });
}

}  // namespace s3l
#endif
