#include "s3l_units.h"

#ifdef __AVX512VNNI__
#include "s3l_vectors.h"

namespace s3l {
namespace {

// Where the square of a length can be a float.
constexpr float kLeastSquare = 1e-30f, kLargestSquare = 1e30f;

inline float number(float from) { return from; }
inline float number(bfloat from) { return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(from << 16))); }

template <class T>
float length_in_double(const T* numbers, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(number(numbers[i])) * number(numbers[i]);
    const double length = __builtin_sqrt(sum);
    return length < kShortest ? kShortest : static_cast<float>(length);
}

// As whole numbers, which have the order of positive floats: what is not a number comes after infinity, and is not lost.
inline Vector longer(Vector a, Vector b) { return _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(a), _mm512_castps_si512(b))); }

inline __mmask16 are_in_range(Vector squares) {
    return _mm512_cmp_ps_mask(squares, _mm512_set1_ps(kLeastSquare), _CMP_GT_OQ) &
           _mm512_cmp_ps_mask(squares, _mm512_set1_ps(kLargestSquare), _CMP_LT_OQ);
}

// The sum of each of sixteen vectors.
inline Vector sums_of(const Vector* rows) {
    Vector fours[4];
    for (int i = 0; i < 4; ++i, rows += 4) {
        const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(rows[0], rows[1]) + _mm512_unpackhi_ps(rows[0], rows[1]));
        const __m512d b = _mm512_castps_pd(_mm512_unpacklo_ps(rows[2], rows[3]) + _mm512_unpackhi_ps(rows[2], rows[3]));
        fours[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)) + _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
    const Vector low = _mm512_shuffle_f32x4(fours[0], fours[1], 0x88) + _mm512_shuffle_f32x4(fours[0], fours[1], 0xdd);
    const Vector high = _mm512_shuffle_f32x4(fours[2], fours[3], 0x88) + _mm512_shuffle_f32x4(fours[2], fours[3], 0xdd);
    return _mm512_shuffle_f32x4(low, high, 0x88) + _mm512_shuffle_f32x4(low, high, 0xdd);
}

// The lengths of sixteen columns, or, where their squares are no floats, as long as they may be by their largest number.
template <class T>
Vector lengths_from(Vector squares, const T* rows, int64_t count, int64_t stride) {
    const __mmask16 fit = are_in_range(squares);
    const Vector lengths = _mm512_sqrt_ps(squares);
    if (fit == static_cast<__mmask16>(~0u)) return lengths;
    Vector largest = _mm512_setzero_ps();
    for (int64_t row = 0; row < count; ++row) largest = longer(largest, _mm512_abs_ps(load_numbers(rows + row * stride)));
    const Vector bounds = longer(times(__builtin_sqrtf(static_cast<float>(count)), largest), _mm512_set1_ps(kShortest));
    return _mm512_mask_blend_ps(fit, bounds, lengths);
}

// Squares of some vectors of each row are added to those of rows, sixteen to each, and summed for columns.
template <int Vectors, bool OfRows, class T>
void lengthen_vectors(const T* rows, int64_t count, int64_t stride, Vector* of_rows, float* longest) {
    Vector of_columns[Vectors] = {};
    for (int64_t row = 0; row < count; ++row) {
        Vector of_row = _mm512_setzero_ps();
#pragma GCC unroll 8
        for (int v = 0; v < Vectors; ++v) {
            const Vector numbers = load_numbers(rows + row * stride + v * kLanes);
            of_columns[v] = _mm512_fmadd_ps(numbers, numbers, of_columns[v]);
            if constexpr (OfRows) of_row = _mm512_fmadd_ps(numbers, numbers, of_row);
        }
        if constexpr (OfRows) of_rows[row] += of_row;
    }
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
        float* to = longest + v * kLanes;
        _mm512_storeu_ps(to, longer(_mm512_loadu_ps(to), lengths_from(of_columns[v], rows + v * kLanes, count, stride)));
    }
}

template <bool OfRows, class T>
void lengthen_all(const T* rows, int64_t count, int64_t depth, int64_t stride, Vector* of_rows, float* longest) {
    constexpr int64_t kWide = 8 * kLanes, kHalf = 4 * kLanes;
    int64_t i = 0;
    for (; i + kWide <= depth; i += kWide) lengthen_vectors<8, OfRows>(rows + i, count, stride, of_rows, longest + i);
    for (; i + kHalf <= depth; i += kHalf) lengthen_vectors<4, OfRows>(rows + i, count, stride, of_rows, longest + i);
    for (; i < depth; i += kLanes) lengthen_vectors<1, OfRows>(rows + i, count, stride, of_rows, longest + i);
}

}  // namespace

float length_of(const float* numbers, int64_t count) {
    Vector squares = _mm512_setzero_ps();
    for (int64_t i = 0; i < count; i += kLanes) {
        const Vector some = _mm512_maskz_loadu_ps(first(count - i), numbers + i);
        squares = _mm512_fmadd_ps(some, some, squares);
    }
    const float sum = _mm512_reduce_add_ps(squares);
    return sum > kLeastSquare && sum < kLargestSquare ? __builtin_sqrtf(sum) : length_in_double(numbers, count);
}

void lengths_of(const bfloat* rows, int64_t count, int64_t depth, float* lengths, float* longest) {
    Vector squares[kMostRows];
    for (int64_t row = 0; row < (count + kLanes - 1) / kLanes * kLanes; ++row) squares[row] = _mm512_setzero_ps();
    lengthen_all<true>(rows, count, depth, depth, squares, longest);
    for (int64_t row = 0; row < count; row += kLanes) {
        const Vector sums = sums_of(squares + row);
        const __mmask16 there = first(count - row), fit = are_in_range(sums) & there;
        _mm512_mask_storeu_ps(lengths + row, fit, _mm512_sqrt_ps(sums));
        for (int64_t r = row; fit != there && r < row + kLanes; ++r) {
            if ((there & ~fit) >> (r - row) & 1) lengths[r] = length_in_double(rows + r * depth, depth);
        }
    }
}

void lengthen(const bfloat* rows, int64_t count, int64_t depth, int64_t stride, float* longest) {
    lengthen_all<false>(rows, count, depth, stride, nullptr, longest);
}

void lengthen(const float* rows, int64_t count, int64_t depth, int64_t stride, float* longest) {
    lengthen_all<false>(rows, count, depth, stride, nullptr, longest);
}

void lengthen(const float* lengths, int64_t count, float* longest) {
    for (int64_t i = 0; i < count; i += kLanes) {
        const __mmask16 there = first(count - i);
        _mm512_mask_storeu_ps(longest + i, there, longer(_mm512_maskz_loadu_ps(there, lengths + i), _mm512_maskz_loadu_ps(there, longest + i)));
    }
}

void units_of(const float* const* lengths, int64_t few, int64_t count, float growth, float* units) {
    for (int64_t i = 0; i < count; i += kLanes) {
        const __mmask16 there = first(count - i);
        Vector longest = _mm512_set1_ps(kShortest);
        for (int64_t one = 0; one < few; ++one) {
            if (lengths[one]) longest = longer(longest, _mm512_maskz_loadu_ps(there, lengths[one] + i));
        }
        _mm512_mask_storeu_ps(units + i, there, times(growth / kLongest, longest));
    }
}

}  // namespace s3l
#endif
