// The transforms of tiles, sixteen or thirty-two channels at a time.
#ifdef __AVX512BF16__
#include "s3l_winograd_lines.h"

namespace s3l {
namespace {

// Pictures whose pixels are asked for before they are read.
constexpr int64_t kRowsAhead = 4;

// The pieces: what maps become before the products, what products become after them, and what the gradient of a result becomes before products
// that are the gradient of the kernel's forms. The last is the transpose of the second.
struct OfPair {
    static constexpr int64_t kForms[] = {0, 1, 2, 3};

    struct Maps : Line<4, 4> {
        static inline void apply(const Vector* d, Vector* to) {
            to[0] = d[0] - d[2];
            to[1] = d[1] + d[2];
            to[2] = d[2] - d[1];
            to[3] = d[1] - d[3];
        }
    };

    struct Products : Line<4, 2> {
        static inline void apply(const Vector* m, Vector* to) {
            to[0] = m[0] + m[1] + m[2];
            to[1] = m[1] - m[2] - m[3];
        }
    };

    struct Gradient : Line<2, 4> {
        static inline void apply(const Vector* y, Vector* to) {
            to[0] = y[0];
            to[1] = y[0] + y[1];
            to[2] = y[0] - y[1];
            to[3] = -y[1];
        }
    };
};

struct OfLast {
    static constexpr int64_t kForms[] = {0, 4};

    struct Maps : Line<2, 2> {
        static inline void apply(const Vector* d, Vector* to) {
            to[0] = d[0];
            to[1] = d[1];
        }
    };

    struct Products : Line<2, 1> {
        static inline void apply(const Vector* m, Vector* to) { to[0] = m[0] + m[1]; }
    };

    struct Gradient : Line<1, 2> {
        static inline void apply(const Vector* y, Vector* to) { to[0] = to[1] = y[0]; }
    };
};

struct OfBoth {
    static constexpr int64_t kForms[] = {0, 1, 2};

    struct Maps : Line<2, 3> {
        static inline void apply(const Vector* d, Vector* to) {
            to[0] = d[0] + d[1];
            to[1] = d[1];
            to[2] = d[0];
        }
    };

    struct Products : Line<3, 2> {
        static inline void apply(const Vector* m, Vector* to) {
            to[0] = m[0] + m[1];
            to[1] = m[0] + m[2];
        }
    };

    struct Gradient : Line<2, 3> {
        static inline void apply(const Vector* y, Vector* to) {
            to[0] = y[0] + y[1];
            to[1] = y[0];
            to[2] = y[1];
        }
    };
};

// Which of thirty-two channels from `i` there are.
inline __mmask32 channels_from(int64_t i, int64_t depth) { return i + 2 * kLanes <= depth ? ~0u : 0xffffu; }

inline void store(__m512i value, __mmask32 there, bfloat* to) {
    if (there == ~0u) _mm512_storeu_si512(to, value);
    else _mm256_storeu_si256((__m256i*)to, _mm512_castsi512_si256(value));
}

// A tile at one row and thirty-two channels; nothing beyond the border. All of it at once: pixels may lie so far apart that they share a few places
// of the first cache, where the second half of a line would not be found again. What lies `ahead` is asked for: of pixels so far apart the
// processor does not see by itself where they go on.
template <int kPixels>
inline void load_tile(const bfloat* const* pixels, int64_t offset, int64_t ahead, __mmask32 there, __m512i (&to)[kPixels]) {
#pragma GCC unroll 16
    for (int i = 0; i < kPixels; ++i) {
        to[i] = _mm512_setzero_si512();
        if (!pixels[i]) continue;
        to[i] = _mm512_maskz_loadu_epi16(there, pixels[i] + offset);
        __builtin_prefetch(pixels[i] + offset + ahead);
    }
}

// Of these the channels at even or those at odd places: as halves of 32 bits they are floats but for a shift.
enum class Half { Even, Odd };

template <class Down, class Across, Half half>
inline void transform_half(const __m512i (&tile)[Down::kFrom * Across::kFrom], Vector (&to)[Down::kTo * Across::kTo]) {
    constexpr int kPixels = Down::kFrom * Across::kFrom;
    Vector from[kPixels];
#pragma GCC unroll 16
    for (int i = 0; i < kPixels; ++i) {
        from[i] = _mm512_castsi512_ps(half == Half::Even ? _mm512_slli_epi32(tile[i], 16) : _mm512_and_si512(tile[i], _mm512_set1_epi32(-65536)));
    }
    transform<Down, Across>(from, to);
}

template <class Down, class Across>
void transform_rows(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    constexpr int64_t kPlaces = Down::kTo * Across::kTo;
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, depth);
            __m512i tile[Down::kFrom * Across::kFrom];
            load_tile(pixels, row * row_stride + i, kRowsAhead * row_stride, there, tile);
            Vector even[kPlaces], odd[kPlaces];
            transform_half<Down, Across, Half::Even>(tile, even);
            transform_half<Down, Across, Half::Odd>(tile, odd);
            for (int64_t place = 0; place < kPlaces; ++place) {
                store(rounded_in_turn(even[place], odd[place]), there, to + (place * rows + row) * depth + i);
            }
        }
    }
}

template <class Down, class Across, Half half>
inline void transform_pair(const __m512i (&upper)[Down::kFrom * Across::kFrom], const __m512i (&lower)[Down::kFrom * Across::kFrom],
                           __m512i (&to)[Down::kTo * Across::kTo]) {
    Vector above[Down::kTo * Across::kTo], below[Down::kTo * Across::kTo];
    transform_half<Down, Across, half>(upper, above);
    transform_half<Down, Across, half>(lower, below);
    for (int place = 0; place < Down::kTo * Across::kTo; ++place) to[place] = rounded(above[place], below[place]);
}

template <class Down, class Across>
void transform_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to, int64_t place_stride) {
    constexpr int64_t kPlaces = Down::kTo * Across::kTo;
    const int64_t pairs = (rows + 1) / 2;
    // From upper and lower rows at even channels, and these at odd ones: the first eight pairs of each by turns, and the last.
    const __m512i first = _mm512_setr_epi32(0x100000, 0x300020, 0x110001, 0x310021, 0x120002, 0x320022, 0x130003, 0x330023, 0x140004, 0x340024,
                                            0x150005, 0x350025, 0x160006, 0x360026, 0x170007, 0x370027);
    const __m512i last = _mm512_add_epi16(first, _mm512_set1_epi16(8));
    for (int64_t pair = 0; pair < pairs; ++pair) {
        for (int64_t i = 0; i < depth; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, depth);
            __m512i upper[Down::kFrom * Across::kFrom], lower[Down::kFrom * Across::kFrom] = {};
            load_tile(pixels, 2 * pair * row_stride + i, kRowsAhead * row_stride, there, upper);
            if (2 * pair + 1 < rows) load_tile(pixels, (2 * pair + 1) * row_stride + i, kRowsAhead * row_stride, there, lower);
            __m512i even[kPlaces], odd[kPlaces];
            transform_pair<Down, Across, Half::Even>(upper, lower, even);
            transform_pair<Down, Across, Half::Odd>(upper, lower, odd);
            for (int64_t place = 0; place < kPlaces; ++place) {
                bfloat* at = to + place * place_stride + (pair * depth + i) * 2;
                _mm512_storeu_si512(at, _mm512_permutex2var_epi16(even[place], first, odd[place]));
                if (there == ~0u) _mm512_storeu_si512(at + 2 * kLanes, _mm512_permutex2var_epi16(even[place], last, odd[place]));
            }
        }
    }
}

template <class Down, class Across>
inline void transform_sums(const float* products, int64_t place_stride, Vector (&to)[Down::kTo * Across::kTo]) {
    constexpr int64_t kPlaces = Down::kFrom * Across::kFrom;
    Vector from[kPlaces];
    for (int64_t place = 0; place < kPlaces; ++place) from[place] = _mm512_loadu_ps(products + place * place_stride);
    transform<Down, Across>(from, to);
}

template <class Down, class Across>
void transform_products(const float* products, int64_t rows, int64_t width, bfloat* const* pixels, int64_t row_stride) {
    constexpr int kPixels = Down::kTo * Across::kTo;
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < width; i += 2 * kLanes) {
            const __mmask32 there = channels_from(i, width);
            Vector low[kPixels], high[kPixels];
            transform_sums<Down, Across>(products + row * width + i, rows * width, low);
            transform_sums<Down, Across>(products + row * width + i + (there == ~0u ? kLanes : 0), rows * width, high);
            for (int pixel = 0; pixel < kPixels; ++pixel) store(rounded(low[pixel], high[pixel]), there, pixels[pixel] + row * row_stride + i);
        }
    }
}

template <class Down, class Across>
constexpr TileTransforms kTile = {
    {Down::Maps::kFrom, Across::Maps::kFrom},
    {Down::Maps::kTo, Across::Maps::kTo},
    {Down::Products::kTo, Across::Products::kTo},
    {Down::kForms, Across::kForms},
    transform_rows<typename Down::Maps, typename Across::Maps>,
    transform_in_pairs<typename Down::Maps, typename Across::Maps>,
    transform_in_pairs<typename Down::Gradient, typename Across::Gradient>,
    transform_products<typename Down::Products, typename Across::Products>,
};

template <class Down>
const TileTransforms& tile(Piece across) {
    return across == Piece::Pair ? kTile<Down, OfPair> : across == Piece::Last ? kTile<Down, OfLast> : kTile<Down, OfBoth>;
}

}  // namespace

const TileTransforms& transforms_of(Piece down, Piece across) {
    return down == Piece::Pair ? tile<OfPair>(across) : down == Piece::Last ? tile<OfLast>(across) : tile<OfBoth>(across);
}

}  // namespace s3l
#endif
