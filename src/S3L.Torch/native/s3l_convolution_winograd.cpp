// Convolutions of 3 × 3 with fewer products (arXiv 1509.09308): tiles of pixels are transformed, multiplied place by place, and give pixels of the
// result.
#include "s3l_factors.h"
#include "s3l_winograd.h"

#ifdef S3L_PAIR_PRODUCTS
namespace s3l {
namespace {

using at::Tensor;

// Pictures that are multiplied together at most: enough that weights come from the second cache more slowly than they are used, a place at a time.
constexpr int64_t kPicturesPerItem = 32;

// Enough to choose from for the last ones to be a small part.
constexpr int64_t kItemsPerThread = 8;

// Items that the gradient of kernels is made of at least, where pictures and tiles suffice: each has sums of its own, which are written and read
// again. Not by the number of threads: no bit depends on it.
constexpr int64_t kGradientItems = 8;

// Pictures whose products are added to these sums at a time: what they become stays in the second cache beside the sums.
constexpr int64_t kGradientPictures = 64;

// Between transformed places, which would otherwise lie so far apart that they share a few places of the first cache.
constexpr int64_t kApart = 2 * kLanes;

// Outputs of kernels that are packed at a time for the gradient of maps.
constexpr int64_t kOutputsAtOnce = 2 * kLanes;

// One of the two axes of maps.
struct Axis {
    int64_t length;

    bool is_between_borders() const { return length == 2; }
    int64_t pieces() const { return parts_of(length, 4); }

    // The first pixel of the result that a piece gives. One that is left over by pieces of four makes its last piece a Three and a Two.
    int64_t first_result(int64_t piece) const {
        if (piece == pieces()) return length;
        return piece > 0 && 4 * piece + 1 == length ? length - 2 : 4 * piece;
    }

    // The first pixel that a piece meets; -1 is the border's.
    int64_t first_met(int64_t piece) const { return is_between_borders() ? 0 : first_result(piece) - 1; }

    Piece piece(int64_t i) const {
        if (is_between_borders()) return Piece::Both;
        const int64_t pixels = first_result(i + 1) - first_result(i);
        return pixels == 4 ? Piece::Four : pixels == 3 ? Piece::Three : Piece::Two;
    }

    // Products along the axis, and those of sums over the kernel.
    int64_t products() const { return is_between_borders() ? 3 : length + 2 * pieces(); }
    int64_t direct_products() const { return 3 * length - 2; }

    // Pieces share the forms of a kernel.
    int64_t forms() const { return is_between_borders() ? kBothForms : kFourForms; }
};

// Maps cut into tiles.
struct TileGrid {
    Axis down, across;

    explicit TileGrid(const Convolution& shape) : down{shape.height}, across{shape.width} {}

    int64_t count() const { return down.pieces() * across.pieces(); }
    int64_t forms() const { return down.forms() * across.forms(); }
    const TileTransforms& transforms(int64_t tile) const {
        return transforms_of(down.piece(tile / across.pieces()), across.piece(tile % across.pieces()));
    }

    static int64_t places_of(const TileTransforms& tile) { return tile.places[0] * tile.places[1]; }

    // The most of what transforms of any tile have.
    float most(float TileTransforms::*growth) const {
        float most = 0;
        for (int64_t tile = 0; tile < count(); ++tile) most = std::max(most, transforms(tile).*growth);
        return most;
    }

    // The form of the kernel that is multiplied at a place of a tile.
    int64_t form_at(const TileTransforms& tile, int64_t place) const {
        return tile.forms[0][place / tile.places[1]] * across.forms() + tile.forms[1][place % tile.places[1]];
    }

    // The pixels that a tile meets, null beyond the border.
    template <class T>
    void met(int64_t tile, const T* memory, int64_t pixel_size, const T** pixels) const {
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
        const int64_t top = down.first_result(tile / across.pieces()), left = across.first_result(tile % across.pieces());
        for (int64_t i = 0; i < size[0] * size[1]; ++i) {
            pixels[i] = memory + ((top + i / size[1]) * across.length + left + i % size[1]) * pixel_size;
        }
    }
};

// Pictures of a tile that are multiplied together.
struct Rows {
    int64_t tile, first, count;
};

// → [places][rows][depth]; each row has a unit.
void transform(const TileGrid& grid, const MeasuredMaps& from, const Rows& rows, int64_t batch, int64_t depth, float* units, Number* to) {
    const TileTransforms& tile = grid.transforms(rows.tile);
    const float* lengths[kMostPlaces];
    grid.met(rows.tile, from.lengths.data_ptr<float>() + rows.first, batch, lengths);
    units_of(lengths, tile.met[0] * tile.met[1], rows.count, tile.growth, units);
    const bfloat* met[kMostPlaces];
    grid.met(rows.tile, bits(from.maps) + rows.first * depth, batch * depth, met);
    tile.maps(met, rows.count, depth, depth, units, to);
}

void multiply_places(const TileGrid& grid, const MeasuredMaps& from, int64_t batch, int64_t depth, const Panels& panels, const float* column_units,
                     const Tensor& to, int64_t width) {
    const int64_t enough = kItemsPerThread * at::get_num_threads();
    // Transforms are done anew for each group of panels; weights are met anew by each part of the pictures.
    const int64_t whole_parts = parts_of(batch, kPicturesPerItem);
    const int64_t groups = std::min(parts_of(enough, whole_parts * grid.count()), panels.count());
    const int64_t parts = std::max(whole_parts, std::min(parts_of(enough, groups * grid.count()), parts_of(batch, kRows)));
    share(groups * grid.count() * parts, [&](const auto& next) {
        const Scratch<Number> scratch(kMostPlaces * kPicturesPerItem * depth);
        const Scratch<int32_t> products(kMostPlaces * kPicturesPerItem * kPanel);
        float row_units[kPicturesPerItem];
        for (int64_t i; next(i);) {
            const int64_t group = i / parts / grid.count(), tile = i / parts % grid.count();
            const int64_t row = batch * (i % parts) / parts, rows = batch * (i % parts + 1) / parts - row;
            const TileTransforms& transforms = grid.transforms(tile);
            transform(grid, from, {tile, row, rows}, batch, depth, row_units, scratch.data());
            for (int64_t panel = panels.count() * group / groups; panel < panels.count() * (group + 1) / groups; ++panel) {
                const int64_t columns = panels.width_of(panel);
                for (int64_t place = 0; place < TileGrid::places_of(transforms); ++place) {
                    sum_products(scratch.data() + place * rows * depth, panels.at(panel, grid.form_at(transforms, place)), rows, depth, depth,
                                 products.data() + place * rows * columns, columns, columns);
                }
                bfloat* results[kMostResults];
                grid.results(tile, mutable_bits(to) + row * width + panel * kPanel, batch * width, results);
                transforms.products(products.data(), rows, columns, row_units, column_units + panel * kPanel, results, width);
            }
        }
    });
}

// Some channels of some outputs of kernels.
struct Block {
    int64_t channel, channels, output, outputs;
};

// Some pictures of a tile.
struct Part {
    int64_t tile, picture, pictures;
};

// What a thread keeps transformed pictures in.
struct PartScratch {
    Scratch<Number> maps{kMostPlaces * (kGradientPictures * kPanel + kApart)}, gradient{kMostPlaces * (kGradientPictures * kPanel + kApart)};
};

// Maps and the gradient of results, with the units of channels and of outputs.
struct GradientFactors {
    const Tensor &maps, &upstream;
    Units of_channels, of_outputs;
};

// Their products, to the sums at each form of a block, [outputs][channels]; `summed` says at which forms, a bit each, there are sums already.
void add_part(const TileGrid& grid, const Convolution& shape, const Block& block, const Part& part, const GradientFactors& factors,
              const PartScratch& scratch, float* sums, uint64_t& summed) {
    const TileTransforms& transforms = grid.transforms(part.tile);
    const int64_t pairs = parts_of(part.pictures, 2);
    const int64_t of_channels = pairs * block.channels * 2 + kApart, of_outputs = pairs * block.outputs * 2 + kApart;
    const bfloat *met[kMostPlaces], *results[kMostResults];
    grid.met(part.tile, bits(factors.maps) + part.picture * shape.channels + block.channel, shape.batch * shape.channels, met);
    transforms.maps_in_pairs(met, part.pictures, block.channels, shape.channels, factors.of_channels.per_unit(block.channel), scratch.maps.data(),
                             of_channels);
    grid.results(part.tile, bits(factors.upstream) + part.picture * shape.outputs + block.output, shape.batch * shape.outputs, results);
    transforms.gradient_in_pairs(results, part.pictures, block.outputs, shape.outputs, factors.of_outputs.per_unit(block.output),
                                 scratch.gradient.data(), of_outputs);
    Addend addends[kMostPlaces];
    for (int64_t place = 0; place < TileGrid::places_of(transforms); ++place) {
        const int64_t form = grid.form_at(transforms, place);
        addends[place] = {scratch.gradient.data() + place * of_outputs, scratch.maps.data() + place * of_channels,
                          sums + form * block.outputs * block.channels, (summed >> form & 1) == 0};
        summed |= uint64_t{1} << form;
    }
    kVectorProducts.add(addends, TileGrid::places_of(transforms), pairs, block.outputs, block.channels);
}

}  // namespace

bool suits_winograd(const Convolution& shape) {
    const bool fits = shape.kernel_height == 3 && shape.kernel_width == 3 && shape.stride[0] == 1 && shape.stride[1] == 1 &&
                      shape.padding[0] == 1 && shape.padding[1] == 1;
    // Transforms take an eighth of what products take, of products in matrix tiles more than these save; and they round once more. For small gains
    // direct sums are better.
    const TileGrid grid(shape);
    const int64_t direct = grid.down.direct_products() * grid.across.direct_products();
    return fits && grid.down.products() * grid.across.products() * 3 / 2 < direct && !multiplies_tiles();
}

void convolve_by_winograd(const Convolution& shape, const MeasuredMaps& maps, const float* kernels, const Tensor& result) {
    const TileGrid grid(shape);
    const PackOfResults pack = packs_of(grid.down.forms(), grid.across.forms()).of_results;
    const Panels panels(shape.outputs, grid.forms(), shape.channels);
    const Scratch<float> units(shape.outputs);
    share(shape.outputs / kLanes, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t output = i * kLanes, panel = output / kPanel, width = panels.width_of(panel);
            pack(kernels + output * kTaps * shape.channels, shape.channels, width, panels.at(panel, 0) + 2 * (output % kPanel),
                 shape.channels * width, units.data() + output);
        }
    });
    multiply_places(grid, maps, shape.batch, shape.channels, panels, units.data(), result, shape.outputs);
}

void maps_gradient_by_winograd(const Convolution& shape, const MeasuredMaps& upstream, const float* kernels, const Tensor& gradient) {
    const TileGrid grid(shape);
    const KernelPacks& packs = packs_of(grid.down.forms(), grid.across.forms());
    const int64_t row = kTaps * shape.channels, steps = parts_of(shape.outputs, kOutputsAtOnce);
    const std::vector<float> of_taps = lengths_of_taps(shape, kernels);
    std::vector<float> longest(static_cast<size_t>(shape.channels));
    for (int64_t tap = 0; tap < kTaps; ++tap) lengthen(of_taps.data() + tap * shape.channels, shape.channels, longest.data());
    const Units units(std::move(longest), packs.growth);
    const Panels panels(shape.channels, grid.forms(), shape.outputs);
    share(panels.count() * steps, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t panel = i / steps, channels = panels.width_of(panel), output = i % steps * kOutputsAtOnce;
            packs.of_gradients(kernels + output * row + panel * kPanel, row, shape.channels, std::min(kOutputsAtOnce, shape.outputs - output),
                               channels, units.per_unit(panel * kPanel), panels.at(panel, 0) + output * channels, shape.outputs * channels);
        }
    });
    multiply_places(grid, upstream, shape.batch, shape.outputs, panels, units.units(), gradient, shape.channels);
}

void kernel_gradient_by_winograd(const Convolution& shape, const MeasuredMaps& maps, const MeasuredMaps& upstream, float* gradient) {
    const TileGrid grid(shape);
    const GradientFactors factors{maps.maps, upstream.maps,
                                  Units(maps.longest.data_ptr<float>(), shape.channels, grid.most(&TileTransforms::growth)),
                                  Units(upstream.longest.data_ptr<float>(), shape.outputs, grid.most(&TileTransforms::gradient_growth))};
    const KernelGradient to_taps = kernel_gradient_of(grid.down.forms(), grid.across.forms());
    const int64_t panels = parts_of(shape.channels, kPanel), blocks = panels * parts_of(shape.outputs, kPanel);
    const auto block_at = [&](int64_t i) {
        const int64_t channel = i % panels * kPanel, output = i / panels * kPanel;
        return Block{channel, std::min(kPanel, shape.channels - channel), output, std::min(kPanel, shape.outputs - output)};
    };
    int64_t at_once = kGradientPictures;
    while (at_once > kPicturesPerItem && blocks * grid.count() * parts_of(shape.batch, at_once) < kGradientItems) at_once /= 2;
    const int64_t turns = parts_of(shape.batch, at_once), parts = grid.count() * turns;
    // Few blocks are cut into slices of all parts, whose sums are added at the end.
    const int64_t slices = std::min(parts, parts_of(kGradientItems, blocks)), size = grid.forms() * kPanel * kPanel;
    const Tensor sums_of_slices = slices == 1 ? Tensor() : at::empty({blocks * slices, size}, at::kFloat);
    // Of one output of the kernel.
    const auto transform_back = [&](const Block& block, const float* sums, int64_t output) {
        to_taps(sums + output * block.channels, block.outputs * block.channels, slices, size, block.channels,
                *factors.of_outputs.units(block.output + output), factors.of_channels.units(block.channel),
                gradient + (block.output + output) * kTaps * shape.channels + block.channel, shape.channels);
    };
    share(blocks * slices, [&](const auto& next) {
        const PartScratch scratch;
        const Scratch<float> own_sums(slices == 1 ? size : 0);
        for (int64_t i; next(i);) {
            const Block block = block_at(i / slices);
            float* sums = slices == 1 ? own_sums.data() : sums_of_slices.data_ptr<float>() + i * size;
            uint64_t summed = 0;
            for (int64_t part = parts * (i % slices) / slices; part < parts * (i % slices + 1) / slices; ++part) {
                const int64_t picture = part % turns * at_once;
                add_part(grid, shape, block, {part / turns, picture, std::min(at_once, shape.batch - picture)}, factors, scratch, sums, summed);
            }
            // No tile of this slice has products at the others.
            for (int64_t form = 0; form < grid.forms(); ++form) {
                const int64_t numbers = block.outputs * block.channels;
                if ((summed >> form & 1) == 0) std::fill_n(sums + form * numbers, numbers, 0.f);
            }
            if (slices > 1) continue;
            for (int64_t output = 0; output < block.outputs; ++output) transform_back(block, sums, output);
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
