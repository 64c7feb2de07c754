// Convolutions of 3 × 3 with fewer products (arXiv 1509.09308): tiles of pixels are transformed, multiplied place by place, and give pixels of the
// result. For gradients transformed numbers are rounded to bfloat16 once more than in a direct convolution; for results they are in fixed point.
#include "s3l_convolution.h"
#include "s3l_winograd.h"

#ifdef S3L_BFLOAT_PRODUCTS
namespace s3l {
namespace {

using at::Tensor;

// Weights that stay in the second cache.
constexpr int64_t kWeightsAtOnce = 256 * 1024;

// Pictures that are multiplied together at most.
constexpr int64_t kPicturesPerItem = 32;

// Enough to choose from for the last ones to be a small part.
constexpr int64_t kItemsPerThread = 4;

// Items that the gradient of kernels is made of at least, where pictures and tiles suffice: each has sums of its own, which are written and read
// again. Not by the number of threads: no bit depends on it.
constexpr int64_t kGradientItems = 8;

// Pictures whose products are added to these sums at a time: what they become stays in the second cache beside the sums.
constexpr int64_t kGradientPictures = 64;

// Between transformed places, which would otherwise lie so far apart that they share a few places of the first cache.
constexpr int64_t kApart = 2 * kLanes;

// Pixels whose lengths are computed at a time.
constexpr int64_t kPixelsAtOnce = 512;

// Outputs of kernels that are packed at a time for the gradient of maps.
constexpr int64_t kOutputsAtOnce = 2 * kLanes;

// What lies in panels of fixed point.
inline fixed* fixed_bits(bfloat* bits) { return reinterpret_cast<fixed*>(bits); }

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

// Maps that are multiplied by weights, in tiles.
struct TiledMaps {
    const TileGrid& grid;
    const Tensor& maps;
    int64_t batch, depth;

    void met(const Rows& rows, const bfloat** pixels) const { grid.met(rows.tile, bits(maps) + rows.first * depth, batch * depth, pixels); }
};

// Products in bfloat16.
class BfloatProducts {
  public:
    using Number = bfloat;
    using Sum = float;

    BfloatProducts(const TiledMaps& maps, const Panels& panels) : maps_(maps), panels_(panels) {}

    // [places][rows][depth]
    void transform(const Rows& rows, const TileTransforms& tile, bfloat* to) {
        const bfloat* met[kMostPlaces];
        maps_.met(rows, met);
        tile.maps(met, rows.count, maps_.depth, maps_.depth, to);
    }

    // Rows of a place → [rows][width of the panel]
    void multiply(const bfloat* transformed, int64_t rows, int64_t panel, int64_t form, float* to) const {
        const int64_t width = panels_.width_of(panel);
        const Term term = {transformed, panels_.at(panel, form)};
        sum_products(&term, 1, rows, maps_.depth, maps_.depth, to, width, width);
    }

    void transform_back(const float* products, int64_t rows, int64_t panel, const TileTransforms& tile, bfloat* const* results,
                        int64_t row_stride) const {
        tile.products(products, rows, panels_.width_of(panel), results, row_stride);
    }

  private:
    const TiledMaps& maps_;
    const Panels& panels_;
};

// Products in fixed point, from the lengths of pixels and the units of outputs.
class FixedProducts {
  public:
    using Number = fixed;
    using Sum = int32_t;

    FixedProducts(const TiledMaps& maps, const float* lengths, const Panels& panels, const float* units)
        : maps_(maps), lengths_(lengths), panels_(panels), column_units_(units) {}

    void transform(const Rows& rows, const TileTransforms& tile, fixed* to) {
        const float* lengths[kMostPlaces];
        maps_.grid.met(rows.tile, lengths_ + rows.first, maps_.batch, lengths);
        units_of_rows(lengths, tile.met[0] * tile.met[1], rows.count, tile.growth, row_units_);
        const bfloat* met[kMostPlaces];
        maps_.met(rows, met);
        tile.fixed_maps(met, rows.count, maps_.depth, maps_.depth, row_units_, to);
    }

    void multiply(const fixed* transformed, int64_t rows, int64_t panel, int64_t form, int32_t* to) const {
        const int64_t width = panels_.width_of(panel);
        sum_products(transformed, fixed_bits(panels_.at(panel, form)), rows, maps_.depth, maps_.depth, to, width, width);
    }

    void transform_back(const int32_t* products, int64_t rows, int64_t panel, const TileTransforms& tile, bfloat* const* results,
                        int64_t row_stride) const {
        tile.fixed_products(products, rows, panels_.width_of(panel), row_units_, column_units_ + panel * kPanel, results, row_stride);
    }

  private:
    const TiledMaps& maps_;
    const float* lengths_;
    const Panels& panels_;
    const float* column_units_;
    // Of the rows that were transformed last.
    float row_units_[kPicturesPerItem];
};

// Each thread has `Products` of its own.
template <class Products>
void multiply_places(const TiledMaps& from, const Panels& panels, const Products& in_numbers, const Tensor& to, int64_t width) {
    const TileGrid& grid = from.grid;
    const int64_t batch = from.batch, depth = from.depth;
    // Weights in the second cache are met by a few pictures at a time, whose products stay in the first. More weights than that are met by many
    // pictures, a place at a time.
    const int64_t rows_at_once = grid.forms() * depth * width <= kWeightsAtOnce ? kRows : kPicturesPerItem;
    const int64_t enough = kItemsPerThread * at::get_num_threads();
    // Transforms are done anew for each group of panels; weights are met anew by each part of the pictures.
    const int64_t whole_parts = parts_of(batch, kPicturesPerItem);
    const int64_t groups = std::min(parts_of(enough, whole_parts * grid.count()), panels.count());
    const int64_t parts = std::max(whole_parts, std::min(parts_of(enough, groups * grid.count()), parts_of(batch, kRows)));
    share(groups * grid.count() * parts, [&](const auto& next) {
        Products multiplied = in_numbers;
        const Scratch<typename Products::Number> scratch(kMostPlaces * rows_at_once * depth);
        const Scratch<typename Products::Sum> products(kMostPlaces * rows_at_once * kPanel);
        for (int64_t i; next(i);) {
            const int64_t group = i / parts / grid.count(), tile = i / parts % grid.count();
            const int64_t first = batch * (i % parts) / parts, end = batch * (i % parts + 1) / parts, blocks = parts_of(end - first, rows_at_once);
            const TileTransforms& transforms = grid.transforms(tile);
            for (int64_t block = 0; block < blocks; ++block) {
                const int64_t row = first + (end - first) * block / blocks, rows = first + (end - first) * (block + 1) / blocks - row;
                multiplied.transform({tile, row, rows}, transforms, scratch.data());
                for (int64_t panel = panels.count() * group / groups; panel < panels.count() * (group + 1) / groups; ++panel) {
                    for (int64_t place = 0; place < TileGrid::places_of(transforms); ++place) {
                        multiplied.multiply(scratch.data() + place * rows * depth, rows, panel, grid.form_at(transforms, place),
                                            products.data() + place * rows * panels.width_of(panel));
                    }
                    bfloat* results[kMostResults];
                    grid.results(tile, mutable_bits(to) + row * width + panel * kPanel, batch * width, results);
                    multiplied.transform_back(products.data(), rows, panel, transforms, results, width);
                }
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
    Scratch<bfloat> maps{kMostPlaces * (kGradientPictures * kPanel + kApart)}, gradient{kMostPlaces * (kGradientPictures * kPanel + kApart)};
};

// The products of maps with the gradient of results, to the sums at each form of a block, [outputs][channels].
void add_part(const TileGrid& grid, const Convolution& shape, const Block& block, const Part& part, const Tensor& maps, const Tensor& upstream,
              const PartScratch& scratch, float* sums) {
    const TileTransforms& transforms = grid.transforms(part.tile);
    const int64_t pairs = parts_of(part.pictures, 2);
    const int64_t of_channels = pairs * block.channels * 2 + kApart, of_outputs = pairs * block.outputs * 2 + kApart;
    const bfloat *met[kMostPlaces], *results[kMostResults];
    grid.met(part.tile, bits(maps) + part.picture * shape.channels + block.channel, shape.batch * shape.channels, met);
    transforms.maps_in_pairs(met, part.pictures, block.channels, shape.channels, scratch.maps.data(), of_channels);
    grid.results(part.tile, bits(upstream) + part.picture * shape.outputs + block.output, shape.batch * shape.outputs, results);
    transforms.gradient_in_pairs(results, part.pictures, block.outputs, shape.outputs, scratch.gradient.data(), of_outputs);
    Addend addends[kMostPlaces];
    for (int64_t place = 0; place < TileGrid::places_of(transforms); ++place) {
        addends[place] = {scratch.gradient.data() + place * of_outputs, scratch.maps.data() + place * of_channels,
                          sums + grid.form_at(transforms, place) * block.outputs * block.channels};
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

void convolve_by_winograd(const Convolution& shape, const Tensor& maps, const float* kernels, const Tensor& result) {
    const TileGrid grid(shape);
    const PackFixed pack = pack_of_results(grid.down.forms(), grid.across.forms());
    const Panels panels(shape.outputs, grid.forms(), shape.channels);
    const int64_t pixels = shape.pixels() * shape.batch, runs = parts_of(pixels, kPixelsAtOnce);
    const Tensor lengths = at::empty({pixels}, at::kFloat), units = at::empty({shape.outputs}, at::kFloat);
    share(shape.outputs / kLanes + runs, [&](const auto& next) {
        for (int64_t i; next(i);) {
            if (i < runs) {
                const int64_t pixel = i * kPixelsAtOnce;
                lengths_of(bits(maps) + pixel * shape.channels, std::min(kPixelsAtOnce, pixels - pixel), shape.channels,
                           lengths.data_ptr<float>() + pixel);
                continue;
            }
            const int64_t output = (i - runs) * kLanes, panel = output / kPanel, width = panels.width_of(panel);
            pack(kernels + output * kTaps * shape.channels, shape.channels, width, fixed_bits(panels.at(panel, 0)) + 2 * (output % kPanel),
                 shape.channels * width, units.data_ptr<float>() + output);
        }
    });
    const TiledMaps tiled{grid, maps, shape.batch, shape.channels};
    multiply_places(tiled, panels, FixedProducts(tiled, lengths.data_ptr<float>(), panels, units.data_ptr<float>()), result, shape.outputs);
}

void maps_gradient_by_winograd(const Convolution& shape, const Tensor& upstream, const float* kernels, const Tensor& gradient) {
    const TileGrid grid(shape);
    const PackTurned pack = pack_of_gradients(grid.down.forms(), grid.across.forms());
    const int64_t row = kTaps * shape.channels, steps = parts_of(shape.outputs, kOutputsAtOnce);
    const Panels panels(shape.channels, grid.forms(), shape.outputs);
    share(panels.count() * steps, [&](const auto& next) {
        for (int64_t i; next(i);) {
            const int64_t panel = i / steps, channels = panels.width_of(panel), output = i % steps * kOutputsAtOnce;
            pack(kernels + output * row + panel * kPanel, row, shape.channels, std::min(kOutputsAtOnce, shape.outputs - output), channels,
                 panels.at(panel, 0) + output * channels, shape.outputs * channels);
        }
    });
    const TiledMaps tiled{grid, upstream, shape.batch, shape.outputs};
    multiply_places(tiled, panels, BfloatProducts(tiled, panels), gradient, shape.channels);
}

void kernel_gradient_by_winograd(const Convolution& shape, const Tensor& maps, const Tensor& upstream, float* gradient) {
    const TileGrid grid(shape);
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
                gradient + (block.output + output) * kTaps * shape.channels + block.channel, shape.channels);
    };
    share(blocks * slices, [&](const auto& next) {
        const PartScratch scratch;
        const Scratch<float> own_sums(slices == 1 ? size : 0);
        for (int64_t i; next(i);) {
            const Block block = block_at(i / slices);
            float* sums = slices == 1 ? own_sums.data() : sums_of_slices.data_ptr<float>() + i * size;
            std::fill_n(sums, grid.forms() * block.outputs * block.channels, 0.f);
            for (int64_t part = parts * (i % slices) / slices; part < parts * (i % slices + 1) / slices; ++part) {
                const int64_t picture = part % turns * at_once;
                add_part(grid, shape, block, {part / turns, picture, std::min(at_once, shape.batch - picture)}, maps, upstream, scratch, sums);
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
