// What the transforms of Winograd's convolutions are made of: a few numbers along one axis at a time, in vectors of sixteen channels. For sources
// that are compiled for AVX512-BF16 alone.
#pragma once

#include "s3l_winograd.h"

#include <immintrin.h>

namespace s3l {
namespace {

using Vector = __m512;

inline Vector times(float factor, Vector numbers) { return _mm512_set1_ps(factor) * numbers; }

inline __m512i rounded(Vector first, Vector second) { return (__m512i)_mm512_cvtne2ps_pbh(second, first); }

// a0 b0 a1 b1 …
inline __m512i rounded_in_turn(Vector a, Vector b) {
    const __m512i pairs = _mm512_setr_epi32(0x100000, 0x110001, 0x120002, 0x130003, 0x140004, 0x150005, 0x160006, 0x170007, 0x180008, 0x190009,
                                            0x1a000a, 0x1b000b, 0x1c000c, 0x1d000d, 0x1e000e, 0x1f000f);
    return _mm512_permutexvar_epi16(pairs, rounded(a, b));
}

// A transform of a few numbers along one axis.
template <int From, int To>
struct Line {
    static constexpr int kFrom = From, kTo = To;
};

// A transform along both axes of some vectors side by side: `load(i, vectors)` sets those at a place, row by row, and `store(i, vectors)` takes them.
template <class Down, class Across, int Vectors, class Load, class Store>
inline __attribute__((always_inline)) void transform(const Load& load, const Store& store) {
    Vector half[Vectors][Down::kTo][Across::kFrom];
#pragma GCC unroll 6
    for (int column = 0; column < Across::kFrom; ++column) {
        Vector from[Down::kFrom][Vectors];
#pragma GCC unroll 6
        for (int i = 0; i < Down::kFrom; ++i) load(i * Across::kFrom + column, from[i]);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
            Vector line[Down::kFrom], result[Down::kTo];
#pragma GCC unroll 6
            for (int i = 0; i < Down::kFrom; ++i) line[i] = from[i][v];
            Down::apply(line, result);
#pragma GCC unroll 6
            for (int i = 0; i < Down::kTo; ++i) half[v][i][column] = result[i];
        }
    }
#pragma GCC unroll 6
    for (int row = 0; row < Down::kTo; ++row) {
        Vector to[Vectors][Across::kTo];
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) Across::apply(half[v][row], to[v]);
#pragma GCC unroll 6
        for (int i = 0; i < Across::kTo; ++i) {
            Vector at_place[Vectors];
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v) at_place[v] = to[v][i];
            store(row * Across::kTo + i, at_place);
        }
    }
}

}  // namespace
}  // namespace s3l
