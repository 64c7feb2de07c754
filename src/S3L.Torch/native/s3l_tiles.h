// The processor's matrix tiles (AMX): eight registers of up to 16 rows of 64 bytes. In instructions rather than the compiler's own functions,
// which do not tell it that they read and write memory. Without S3L_TILES in software: for tests on processors that have none
// (S3L_EMULATED_TILES), and where the assembler does not know them.
#pragma once

#include <stdint.h>
#include <string.h>

#ifndef S3L_TILES
#include <stdlib.h>
#endif

namespace s3l {
namespace tiles {

inline constexpr int64_t kRows = 16, kBytes = 64;

// Whether the processor has tiles of bfloat16, and the system lets this process use them, which it is asked for.
bool are_there();

// To be called on each thread before its first tile. From then on the system writes tiles into the frame of each signal of the thread: on .NET's
// alternative stack of 16 KiB they leave no room for the handler that makes an exception of a null reference.
void prepare_thread();

// The shapes of the eight registers, as the processor reads them.
struct alignas(64) Shapes {
    uint8_t palette = 1, first_row = 0, reserved[14] = {};
    uint16_t bytes[16] = {};
    uint8_t rows[16] = {};

    void set(int tile, int64_t height, int64_t width) {
        rows[tile] = static_cast<uint8_t>(height);
        bytes[tile] = static_cast<uint16_t>(width);
    }
};

#ifndef S3L_TILES

struct Registers {
    Shapes shapes;
    uint8_t bytes[8][kRows][kBytes];
};

inline Registers& registers() {
    static thread_local Registers all;
    return all;
}

// What a processor answers with a fault.
inline void must(bool holds) {
    if (!holds) abort();
}

inline void configure(const Shapes& shapes) {
    for (int tile = 0; tile < 16; ++tile) {
        must(shapes.rows[tile] <= kRows && shapes.bytes[tile] <= kBytes && (shapes.rows[tile] == 0) == (shapes.bytes[tile] == 0));
        must(tile < 8 || shapes.rows[tile] == 0);
    }
    registers() = {shapes, {}};
}

inline void release() { registers() = {}; }

template <int Tile>
void zero() {
    must(registers().shapes.rows[Tile] > 0);
    memset(registers().bytes[Tile], 0, sizeof registers().bytes[Tile]);
}

template <int Tile>
void load(const void* from, int64_t stride) {
    const Shapes& shapes = registers().shapes;
    must(shapes.rows[Tile] > 0);
    memset(registers().bytes[Tile], 0, sizeof registers().bytes[Tile]);
    for (int row = 0; row < shapes.rows[Tile]; ++row) {
        memcpy(registers().bytes[Tile][row], static_cast<const uint8_t*>(from) + row * stride, shapes.bytes[Tile]);
    }
}

template <int Tile>
void store(void* to, int64_t stride) {
    const Shapes& shapes = registers().shapes;
    must(shapes.rows[Tile] > 0);
    for (int row = 0; row < shapes.rows[Tile]; ++row) {
        memcpy(static_cast<uint8_t*>(to) + row * stride, registers().bytes[Tile][row], shapes.bytes[Tile]);
    }
}

inline float widened(const uint8_t* bfloat) {
    uint32_t bits = static_cast<uint32_t>(bfloat[0]) << 16 | static_cast<uint32_t>(bfloat[1]) << 24;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

template <int Sum, int Left, int Right>
void multiply() {
    const Shapes& shapes = registers().shapes;
    must(shapes.rows[Sum] > 0 && shapes.rows[Left] == shapes.rows[Sum] && shapes.bytes[Right] == shapes.bytes[Sum]);
    must(shapes.bytes[Left] == 4 * shapes.rows[Right] && shapes.bytes[Sum] % 4 == 0);
    for (int row = 0; row < shapes.rows[Sum]; ++row) {
        for (int column = 0; column < shapes.bytes[Sum] / 4; ++column) {
            float products[2] = {};
            for (int pair = 0; pair < shapes.rows[Right]; ++pair) {
                for (int i = 0; i < 2; ++i) {
                    products[i] += widened(registers().bytes[Left][row] + 4 * pair + 2 * i) *
                                   widened(registers().bytes[Right][pair] + 4 * column + 2 * i);
                }
            }
            float sum;
            memcpy(&sum, registers().bytes[Sum][row] + 4 * column, sizeof sum);
            sum += products[0] + products[1];
            memcpy(registers().bytes[Sum][row] + 4 * column, &sum, sizeof sum);
        }
    }
}

#else

// All registers are zero afterwards.
inline void configure(const Shapes& shapes) { asm volatile("ldtilecfg %0" ::"m"(shapes)); }

// Without it every change of threads would save the registers.
inline void release() { asm volatile("tilerelease"); }

template <int Tile>
inline void zero() {
    asm volatile("tilezero %%tmm%c0" ::"i"(Tile));
}

// Rows lie `stride` bytes apart.
template <int Tile>
inline void load(const void* from, int64_t stride) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride), "i"(Tile) : "memory");
}

template <int Tile>
inline void store(void* to, int64_t stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride), "i"(Tile) : "memory");
}

// Sum [rows, columns] of float += left [rows, pairs] of pairs of bfloat16 · right [pairs, columns] of the same.
template <int Sum, int Left, int Right>
inline void multiply() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(Left), "i"(Right));
}

#endif

}  // namespace tiles
}  // namespace s3l
