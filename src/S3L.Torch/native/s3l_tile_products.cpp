#include "s3l_tile_products.h"

#include "s3l_packing.h"
#include "s3l_tiles.h"

#ifdef __AVX512VNNI__
#include "s3l_vectors.h"

#include <string.h>

namespace s3l {
namespace {

// A block of sums is two tiles high and two wide, registers 0 to 3. Its factors are 4 and 5 from the left, 6 and 7 from the right: each tile that
// is loaded is multiplied twice.
constexpr int64_t kHeight = 2 * tiles::kRows, kPairs = tiles::kBytes / 4;

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// For blocks of `height` rows, and `pairs` multiplied at a time.
void configure(int64_t height, int64_t pairs) {
    tiles::prepare_thread();
    const int64_t upper = smaller(height, tiles::kRows), lower = height - upper;
    tiles::Shapes shapes;
    for (int column = 0; column < 2; ++column) {
        shapes.set(column, upper, tiles::kBytes);
        if (lower > 0) shapes.set(2 + column, lower, tiles::kBytes);
        shapes.set(6 + column, pairs, tiles::kBytes);
    }
    shapes.set(4, upper, 4 * pairs);
    if (lower > 0) shapes.set(5, lower, 4 * pairs);
    tiles::configure(shapes);
}

// Tiles of a block, down and across.
template <int Down, int Across>
struct Block {
    static void zero() {
        tiles::zero<0>();
        if constexpr (Across > 1) tiles::zero<1>();
        if constexpr (Down > 1) tiles::zero<2>();
        if constexpr (Down > 1 && Across > 1) tiles::zero<3>();
    }

    static void load(const float* sums, int64_t stride) {
        const int64_t bytes = 4 * stride;
        tiles::load<0>(sums, bytes);
        if constexpr (Across > 1) tiles::load<1>(sums + kLanes, bytes);
        if constexpr (Down > 1) tiles::load<2>(sums + tiles::kRows * stride, bytes);
        if constexpr (Down > 1 && Across > 1) tiles::load<3>(sums + tiles::kRows * stride + kLanes, bytes);
    }

    static void store(float* sums, int64_t stride) {
        const int64_t bytes = 4 * stride;
        tiles::store<0>(sums, bytes);
        if constexpr (Across > 1) tiles::store<1>(sums + kLanes, bytes);
        if constexpr (Down > 1) tiles::store<2>(sums + tiles::kRows * stride, bytes);
        if constexpr (Down > 1 && Across > 1) tiles::store<3>(sums + tiles::kRows * stride + kLanes, bytes);
    }

    // Left [·, stride] and right [·][width][2], `pairs` of each at a time.
    static void multiply(const Number* left, int64_t stride, const Number* right, int64_t width, int64_t pairs, int64_t steps) {
        for (int64_t step = 0; step < steps; ++step, left += 2 * pairs, right += 2 * pairs * width) {
            tiles::load<4>(left, 2 * stride);
            if constexpr (Down > 1) tiles::load<5>(left + tiles::kRows * stride, 2 * stride);
            tiles::load<6>(right, 4 * width);
            if constexpr (Across > 1) tiles::load<7>(right + 2 * kLanes, 4 * width);
            tiles::multiply<0, 4, 6>();
            if constexpr (Across > 1) tiles::multiply<1, 4, 7>();
            if constexpr (Down > 1) tiles::multiply<2, 5, 6>();
            if constexpr (Down > 1 && Across > 1) tiles::multiply<3, 5, 7>();
        }
    }
};

// `act(block, column)` for the blocks side by side that make up the width.
template <class Act>
inline void across(int64_t height, int64_t width, const Act& act) {
    for (int64_t column = 0; column < width; column += 2 * kLanes) {
        const bool wide = column + kLanes < width;
        if (height > tiles::kRows) {
            wide ? act(Block<2, 2>(), column) : act(Block<2, 1>(), column);
        } else {
            wide ? act(Block<1, 2>(), column) : act(Block<1, 1>(), column);
        }
    }
}

template <int Down, int Across>
inline void store_rounded(Block<Down, Across> block, int64_t height, bfloat* out, int64_t out_stride) {
    alignas(64) float sums[kHeight * Across * kLanes];
    block.store(sums, Across * kLanes);
    for (int64_t row = 0; row < height; ++row, out += out_stride) {
        const float* from = sums + row * Across * kLanes;
        if constexpr (Across > 1) {
            _mm512_storeu_si512(out, rounded(_mm512_load_ps(from), _mm512_load_ps(from + kLanes)));
        } else {
            _mm256_storeu_si256((__m256i*)out, rounded(_mm512_load_ps(from)));
        }
    }
}

void sum_rounded(const Term* terms, int64_t count, int64_t rows, int64_t depth, int64_t row_stride, const float*, const float*, bfloat* out,
                 int64_t width, int64_t out_stride) {
    const int64_t pairs = depth / 2;
    // All steps alike, for other shapes would need other tiles in between.
    int64_t at_once = smaller(pairs, kPairs);
    while (pairs % at_once != 0) --at_once;

    const int64_t blocks = (rows + kHeight - 1) / kHeight, most = (rows + blocks - 1) / blocks;
    int64_t configured = 0;
    for (int64_t row = 0; row < rows; row += most) {
        const int64_t height = smaller(most, rows - row);
        if (height != configured) configure(configured = height, at_once);
        across(height, width, [&](auto block, int64_t column) {
            block.zero();
            for (const Term* term = terms; term < terms + count; ++term) {
                block.multiply(term->rows + row * row_stride, row_stride, term->panel + 2 * column, width, at_once, pairs / at_once);
            }
            store_rounded(block, height, out + row * out_stride + column, out_stride);
        });
    }
    tiles::release();
}

// Of factors whose first pairs were left out, `at_once` and then again.
void add_steps(const Addend* addends, int64_t count, int64_t left_out, int64_t at_once, int64_t steps, int64_t pairs, int64_t rows, int64_t width) {
    int64_t configured = 0;
    for (int64_t row = 0; row < rows; row += kHeight) {
        const int64_t height = smaller(kHeight, rows - row);
        if (height != configured) configure(configured = height, at_once);
        for (const Addend *it = addends, *next = it; it < addends + count; it = next) {
            while (next < addends + count && next->sums == it->sums) ++next;
            across(height, width, [&](auto block, int64_t column) {
                float* sums = it->sums + row * width + column;
                it->is_first && left_out == 0 ? block.zero() : block.load(sums, width);
                for (const Addend* each = it; each < next; ++each) {
                    block.multiply(each->left + 2 * (row * pairs + left_out), 2 * pairs, each->right + 2 * (left_out * width + column), width,
                                   at_once, steps);
                }
                block.store(sums, width);
            });
        }
    }
}

void add_products(const Addend* addends, int64_t count, int64_t pairs, int64_t rows, int64_t width) {
    const int64_t steps = pairs / kPairs, rest = pairs % kPairs;
    if (steps > 0) add_steps(addends, count, 0, kPairs, steps, pairs, rows, width);
    if (rest > 0) add_steps(addends, count, pairs - rest, rest, 1, pairs, rows, width);
    tiles::release();
}

}  // namespace

const Products kTileProducts = {false,       sum_rounded,         add_products, turn_bfloats, interleave_bfloats,
                                pack_bfloats, pack_turned_bfloats, 2 * kHeight,  4,            4 * kPairs};

bool tile_products_are_right() {
    // Whole numbers whose sums bfloat16 holds, in blocks of several shapes.
    constexpr int64_t kSize = kHeight + kLanes;
    float left[kSize * kSize], right[kSize * kSize];
    for (int64_t i = 0; i < kSize * kSize; ++i) {
        left[i] = i % 7 == 0 ? 2 : i % 3 == 0 ? 1 : 0;
        right[i] = i % 5 == 0 ? -1 : i % 2 == 0 ? 1 : 0;
    }
    Number rows[kSize * kSize], turned[kSize * kSize], panel[kSize * kSize];
    for (int64_t i = 0; i < kSize * kSize; ++i) rows[i] = left[i] == 2 ? 0x4000 : left[i] == 1 ? 0x3f80 : 0;
    pack_bfloats(right, kSize, kSize, kSize, nullptr, panel);
    bfloat summed[kSize * kSize];
    float added[kSize * kSize] = {};
    const Term term = {rows, panel};
    kTileProducts.sum(&term, 1, kSize, kSize, kSize, nullptr, nullptr, summed, kSize, kSize);
    // Its transpose times the same.
    kTileProducts.turn(rows, kSize, kSize, kSize, nullptr, turned);
    const Addend addend = {turned, panel, added};
    kTileProducts.add(&addend, 1, kSize / 2, kSize, kSize);
    for (int64_t row = 0; row < kSize; ++row) {
        for (int64_t column = 0; column < kSize; ++column) {
            float sum = 0, of_turned = 0;
            for (int64_t i = 0; i < kSize; ++i) {
                sum += left[row * kSize + i] * right[i * kSize + column];
                of_turned += left[i * kSize + row] * right[i * kSize + column];
            }
            const uint32_t widened = static_cast<uint32_t>(summed[row * kSize + column]) << 16;
            float rounded;
            memcpy(&rounded, &widened, sizeof rounded);
            if (rounded != sum || added[row * kSize + column] != of_turned) return false;
        }
    }
    return true;
}

}  // namespace s3l
#endif
