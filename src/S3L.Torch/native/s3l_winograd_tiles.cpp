// The transforms of tiles, sixteen or thirty-two channels at a time.
#ifdef __AVX512VNNI__
#include "s3l_winograd_pieces.h"

namespace s3l {
namespace {

// Pictures whose pixels are asked for before they are read.
constexpr int64_t kRowsAhead = 4;

// A pixel at one row and thirty-two channels; nothing beyond the border. All of them at once: pixels may lie so far apart that they share a few
// places of the first cache, where the second half of a line would not be found again. What lies `ahead` is asked for: of pixels so far apart the
// processor does not see by itself where they go on.
inline __m512i load_pixel(const bfloat* pixel, int64_t offset, int64_t ahead, __mmask32 there) {
    if (!pixel) return _mm512_setzero_si512();
    __builtin_prefetch(pixel + offset + ahead);
    return _mm512_maskz_loadu_epi16(there, pixel + offset);
}

template <class Down, class Across>
void transform_rows(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, const float* units, Number* to) {
    for (int64_t row = 0; row < rows; ++row) {
        const Vector scale = _mm512_set1_ps(1 / units[row]);
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, depth);
            transform<Down, Across, 2>(
                [&](int pixel, Vector* split_to) {
                    split(load_pixel(pixels[pixel], row * row_stride + i, kRowsAhead * row_stride, there), split_to[0], split_to[1]);
                },
                [&](int place, const Vector* from) {
                    store(whole_numbers_in_turn(scale * from[0], scale * from[1]), there, to + (place * rows + row) * depth + i);
                });
        }
    }
}

template <class Down, class Across>
void transform_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, const float* per_unit, Number* to,
                        int64_t place_stride) {
    const int64_t pairs = (rows + 1) / 2;
    for (int64_t pair = 0; pair < pairs; ++pair) {
        const bool both = 2 * pair + 1 < rows;
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, depth);
            Vector even_scale, odd_scale;
            load_split(per_unit + i, there, even_scale, odd_scale);
            transform<Down, Across, 4>(
                [&](int pixel, Vector* split_to) {
                    const int64_t upper = 2 * pair * row_stride + i, ahead = kRowsAhead * row_stride;
                    split(load_pixel(pixels[pixel], upper, ahead, there), split_to[0], split_to[1]);
                    split(load_pixel(both ? pixels[pixel] : nullptr, upper + row_stride, ahead, there), split_to[2], split_to[3]);
                    for (int v = 0; v < 4; ++v) split_to[v] *= v % 2 == 0 ? even_scale : odd_scale;
                },
                [&](int place, const Vector* from) {
                    const __m512i even = whole_numbers_in_turn(from[0], from[2]), odd = whole_numbers_in_turn(from[1], from[3]);
                    store_in_order(even, odd, there, to + place * place_stride + (pair * depth + i) * 2);
                });
        }
    }
}

template <class Down, class Across>
void transform_products(const int32_t* products, int64_t rows, int64_t width, const float* row_units, const float* column_units,
                              bfloat* const* pixels, int64_t row_stride) {
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < width; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, width);
            const int64_t second = i + (there == ~0u ? kLanes : 0);
            const int32_t *low = products + row * width + i, *high = products + row * width + second;
            const Vector low_units = times(row_units[row], _mm512_loadu_ps(column_units + i));
            const Vector high_units = times(row_units[row], _mm512_loadu_ps(column_units + second));
            transform<Down, Across, 2>(
                [&](int place, Vector* sums) {
                    sums[0] = _mm512_cvtepi32_ps(_mm512_loadu_si512(low + place * rows * width));
                    sums[1] = _mm512_cvtepi32_ps(_mm512_loadu_si512(high + place * rows * width));
                },
                [&](int pixel, const Vector* from) {
                    store(rounded(low_units * from[0], high_units * from[1]), there, pixels[pixel] + row * row_stride + i);
                });
        }
    }
}

template <class Down, class Across>
constexpr TileTransforms kTile = {
    {Down::Maps::kFrom, Across::Maps::kFrom},
    {Down::Maps::kTo, Across::Maps::kTo},
    {Down::Products::kTo, Across::Products::kTo},
    {Down::kForms, Across::kForms},
    Down::Maps::kGrowth * Across::Maps::kGrowth,
    Down::Gradient::kGrowth * Across::Gradient::kGrowth,
    transform_rows<typename Down::Maps, typename Across::Maps>,
    transform_products<typename Down::Products, typename Across::Products>,
    transform_in_pairs<typename Down::Maps, typename Across::Maps>,
    transform_in_pairs<typename Down::Gradient, typename Across::Gradient>,
};

// In the order of Piece.
template <class Down>
constexpr const TileTransforms* kTilesOf[] = {&kTile<Down, OfTwo>, &kTile<Down, OfThree>, &kTile<Down, OfFour>, &kTile<Down, OfBoth>};
constexpr const TileTransforms* const* kTiles[] = {kTilesOf<OfTwo>, kTilesOf<OfThree>, kTilesOf<OfFour>, kTilesOf<OfBoth>};

}  // namespace

const TileTransforms& transforms_of(Piece down, Piece across) { return *kTiles[static_cast<int>(down)][static_cast<int>(across)]; }

}  // namespace s3l
#endif
