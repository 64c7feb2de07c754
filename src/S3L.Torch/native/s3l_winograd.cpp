#include "s3l_winograd.h"

#ifdef __AVX512BF16__
#include <immintrin.h>

namespace s3l {
namespace {

using Vector = __m512;

inline Vector load(const float* from) { return _mm512_loadu_ps(from); }

inline __m512i wide(__m256i bits) { return _mm512_cvtepu16_epi32(bits); }

inline Vector load(const bfloat* from) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide(_mm256_loadu_si256((const __m256i*)from)), 16));
}

inline __m256i narrow(Vector value) { return (__m256i)_mm512_cvtneps_pbh(value); }

inline void store_pairs(Vector upper, Vector lower, bfloat* to) {
    _mm512_storeu_si512(to, _mm512_or_si512(wide(narrow(upper)), _mm512_slli_epi32(wide(narrow(lower)), 16)));
}

// Each transform is one of four numbers applied to columns and then to rows.
struct OfMaps {
    static constexpr int kFrom = 4, kTo = 4;
    static inline void line(const Vector* d, Vector* to) {
        to[0] = d[0] - d[2];
        to[1] = d[1] + d[2];
        to[2] = d[2] - d[1];
        to[3] = d[1] - d[3];
    }
};

struct OfGradient {
    static constexpr int kFrom = 2, kTo = 4;
    static inline void line(const Vector* y, Vector* to) {
        to[0] = y[0];
        to[1] = y[0] + y[1];
        to[2] = y[0] - y[1];
        to[3] = -y[1];
    }
};

struct OfProducts {
    static constexpr int kFrom = 4, kTo = 2;
    static inline void line(const Vector* m, Vector* to) {
        to[0] = m[0] + m[1] + m[2];
        to[1] = m[1] - m[2] - m[3];
    }
};

struct OfKernels {
    static constexpr int kFrom = 3, kTo = 4;
    static inline void line(const Vector* g, Vector* to) {
        const Vector half = _mm512_set1_ps(0.5f), outer = g[0] + g[2];
        to[0] = g[0];
        to[1] = half * (outer + g[1]);
        to[2] = half * (outer - g[1]);
        to[3] = g[2];
    }
};

struct OfKernelProducts {
    static constexpr int kFrom = 4, kTo = 3;
    static inline void line(const Vector* m, Vector* to) {
        const Vector half = _mm512_set1_ps(0.5f), inner = half * (m[1] + m[2]);
        to[0] = m[0] + inner;
        to[1] = half * (m[1] - m[2]);
        to[2] = inner + m[3];
    }
};

template <class Transform>
inline void transform(const Vector (&from)[Transform::kFrom * Transform::kFrom], Vector (&to)[Transform::kTo * Transform::kTo]) {
    constexpr int kFrom = Transform::kFrom, kTo = Transform::kTo;
    Vector half[kTo][kFrom];
#pragma GCC unroll 4
    for (int column = 0; column < kFrom; ++column) {
        Vector line[kFrom], result[kTo];
#pragma GCC unroll 4
        for (int i = 0; i < kFrom; ++i) line[i] = from[i * kFrom + column];
        Transform::line(line, result);
#pragma GCC unroll 4
        for (int i = 0; i < kTo; ++i) half[i][column] = result[i];
    }
#pragma GCC unroll 4
    for (int row = 0; row < kTo; ++row) Transform::line(half[row], to + row * kTo);
}

// A tile at one row and sixteen channels; nothing beyond the border, and nothing below the last row.
template <class Transform>
inline void transform_at(const bfloat* const* pixels, int64_t offset, bool is_there, Vector (&to)[kPlaces]) {
    constexpr int kPixels = Transform::kFrom * Transform::kFrom;
    Vector from[kPixels];
#pragma GCC unroll 16
    for (int i = 0; i < kPixels; ++i) from[i] = pixels[i] && is_there ? load(pixels[i] + offset) : _mm512_setzero_ps();
    transform<Transform>(from, to);
}

template <class Transform>
inline void in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    const int64_t pairs = (rows + 1) / 2;
    for (int64_t pair = 0; pair < pairs; ++pair) {
        for (int64_t i = 0; i < depth; i += kLanes) {
            Vector upper[kPlaces], lower[kPlaces];
            transform_at<Transform>(pixels, 2 * pair * row_stride + i, true, upper);
            transform_at<Transform>(pixels, (2 * pair + 1) * row_stride + i, 2 * pair + 1 < rows, lower);
            for (int64_t place = 0; place < kPlaces; ++place) {
                store_pairs(upper[place], lower[place], to + ((place * pairs + pair) * depth + i) * 2);
            }
        }
    }
}

}  // namespace

void transform_kernels(const float* kernels, int64_t rows, int64_t depth, bool turned, float* to) {
    for (int64_t row = 0; row < rows; ++row, kernels += kTaps * depth, to += kPlaces * depth) {
        for (int64_t i = 0; i < depth; i += kLanes) {
            Vector from[kTaps], result[kPlaces];
            for (int64_t tap = 0; tap < kTaps; ++tap) from[turned ? kTaps - 1 - tap : tap] = load(kernels + tap * depth + i);
            transform<OfKernels>(from, result);
            for (int64_t place = 0; place < kPlaces; ++place) _mm512_storeu_ps(to + place * depth + i, result[place]);
        }
    }
}

void transform_maps(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < depth; i += kLanes) {
            Vector result[kPlaces];
            transform_at<OfMaps>(pixels, row * row_stride + i, true, result);
            for (int64_t place = 0; place < kPlaces; ++place) {
                _mm256_storeu_si256((__m256i*)(to + (place * rows + row) * depth + i), narrow(result[place]));
            }
        }
    }
}

void transform_maps_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    in_pairs<OfMaps>(pixels, rows, depth, row_stride, to);
}

void transform_gradient_in_pairs(const bfloat* const* pixels, int64_t rows, int64_t depth, int64_t row_stride, bfloat* to) {
    in_pairs<OfGradient>(pixels, rows, depth, row_stride, to);
}

void transform_products(const float* products, int64_t rows, int64_t width, bfloat* const* pixels, int64_t row_stride) {
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t i = 0; i < width; i += kLanes) {
            Vector from[kPlaces], result[4];
            for (int64_t place = 0; place < kPlaces; ++place) from[place] = load(products + (place * rows + row) * width + i);
            transform<OfProducts>(from, result);
            for (int pixel = 0; pixel < 4; ++pixel) {
                if (pixels[pixel]) _mm256_storeu_si256((__m256i*)(pixels[pixel] + row * row_stride + i), narrow(result[pixel]));
            }
        }
    }
}

void transform_kernel_products(const float* products, int64_t place_stride, int64_t parts, int64_t part_stride, int64_t depth, float* to,
                               int64_t tap_stride) {
    for (int64_t i = 0; i < depth; i += kLanes) {
        Vector from[kPlaces], result[kTaps];
        for (int64_t place = 0; place < kPlaces; ++place) {
            from[place] = load(products + place * place_stride + i);
            for (int64_t part = 1; part < parts; ++part) from[place] += load(products + part * part_stride + place * place_stride + i);
        }
        transform<OfKernelProducts>(from, result);
        for (int64_t tap = 0; tap < kTaps; ++tap) _mm512_storeu_ps(to + tap * tap_stride + i, result[tap]);
    }
}

}  // namespace s3l
#endif
