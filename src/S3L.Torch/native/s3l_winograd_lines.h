// What the transforms of Winograd's convolutions are made of: a few numbers along one axis at a time, in vectors of sixteen channels. For sources
// that are compiled for AVX512-VNNI alone.
#pragma once

#include "s3l_vectors.h"
#include "s3l_winograd.h"

namespace s3l {
namespace {

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
