// The pieces along an axis, each with what maps become before the products, what products become after them, and what the gradient of a result
// becomes before products that are the gradient of the kernel's forms (the transpose of the second); and the forms that pieces share. For sources
// that are compiled for AVX512-VNNI alone.
//
// Pieces but for those between borders are polynomials' products in disguise (Toom and Cook): a form is the kernel's polynomial g0 + g1 p + g2 p² at
// a point p, or g2 for a point at infinity.
#pragma once

#include "s3l_winograd_lines.h"

namespace s3l {
namespace {

struct BothForms {
    struct Kernel : Line<3, kBothForms> {
        static constexpr float kGrowth = 2;

        static inline void apply(const Vector* g, Vector* to) {
            to[0] = g[1];
            to[1] = g[2] - g[1];
            to[2] = g[0] - g[1];
        }
    };

    struct Gradient : Line<kBothForms, 3> {
        static inline void apply(const Vector* m, Vector* to) {
            to[0] = m[2];
            to[1] = m[0] - m[1] - m[2];
            to[2] = m[1];
        }
    };
};

// Points 0, ±√½, ±√2 and infinity. At whole points, 0, ±1, ±2 or ±½, the numbers of a transform differ more in size, and roundings weigh twice as
// much. Forms at the outer points are doubled, which makes them as large as the others.
constexpr float kInner = 0.70710678f, kOuter = 1.41421356f;

struct FourForms {
    struct Kernel : Line<3, kFourForms> {
        static constexpr float kGrowth = 1.48f;

        static inline void apply(const Vector* g, Vector* to) {
            const Vector inner = times(2.f / 3, g[0] + times(0.5f, g[2])), outer = times(1.f / 3, g[0] + times(2, g[2]));
            to[0] = g[0];
            to[1] = inner + times(2.f / 3 * kInner, g[1]);
            to[2] = inner - times(2.f / 3 * kInner, g[1]);
            to[3] = outer + times(1.f / 3 * kOuter, g[1]);
            to[4] = outer - times(1.f / 3 * kOuter, g[1]);
            to[5] = g[2];
        }
    };

    struct Gradient : Line<kFourForms, 3> {
        static inline void apply(const Vector* m, Vector* to) {
            const Vector inner = times(2.f / 3, m[1] + m[2]), outer = times(1.f / 3, m[3] + m[4]);
            to[0] = m[0] + inner + outer;
            to[1] = times(2.f / 3 * kInner, m[1] - m[2]) + times(1.f / 3 * kOuter, m[3] - m[4]);
            to[2] = times(0.5f, inner) + times(2, outer) + m[5];
        }
    };
};

struct OfBoth {
    static constexpr int64_t kForms[] = {0, 1, 2};

    struct Maps : Line<2, 3> {
        static constexpr float kGrowth = 2;

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
        static constexpr float kGrowth = 2;

        static inline void apply(const Vector* y, Vector* to) {
            to[0] = y[0] + y[1];
            to[1] = y[0];
            to[2] = y[1];
        }
    };
};

struct OfTwo {
    static constexpr int64_t kForms[] = {0, 1, 2, 5};

    struct Maps : Line<4, 4> {
        static constexpr float kGrowth = 3;

        static inline void apply(const Vector* d, Vector* to) {
            to[0] = d[0] - times(2, d[2]);
            to[1] = times(1.5f, d[2]) + times(1.5f * kInner, d[1]);
            to[2] = times(1.5f, d[2]) - times(1.5f * kInner, d[1]);
            to[3] = d[3] - times(0.5f, d[1]);
        }
    };

    struct Products : Line<4, 2> {
        static inline void apply(const Vector* m, Vector* to) {
            to[0] = m[0] + m[1] + m[2];
            to[1] = times(kInner, m[1] - m[2]) + m[3];
        }
    };

    struct Gradient : Line<2, 4> {
        static constexpr float kGrowth = 1.71f;

        static inline void apply(const Vector* y, Vector* to) {
            to[0] = y[0];
            to[1] = y[0] + times(kInner, y[1]);
            to[2] = y[0] - times(kInner, y[1]);
            to[3] = y[1];
        }
    };
};

struct OfThree {
    static constexpr int64_t kForms[] = {0, 1, 2, 3, 5};

    struct Maps : Line<5, 5> {
        static constexpr float kGrowth = 5.75f;

        static inline void apply(const Vector* d, Vector* to) {
            const Vector odd = times(kOuter, d[3] - times(0.5f, d[1]));
            to[0] = d[0] - times(2, d[2]) + odd;
            to[1] = times(1.5f, d[2]) + times(1.5f * kOuter, d[1] - d[3]);
            to[2] = times(1.5f, d[2]) - times(0.5f * kOuter, d[1] + d[3]);
            to[3] = times(2, odd);
            to[4] = d[4] - times(0.5f, d[2]) - odd;
        }
    };

    struct Products : Line<5, 3> {
        static inline void apply(const Vector* m, Vector* to) {
            const Vector even = m[1] + m[2], odd = m[1] - m[2];
            to[0] = m[0] + even + times(0.5f, m[3]);
            to[1] = times(kInner, odd) + times(0.5f * kOuter, m[3]);
            to[2] = times(0.5f, even) + m[3] + m[4];
        }
    };

    struct Gradient : Line<3, 5> {
        static constexpr float kGrowth = 2.21f;

        static inline void apply(const Vector* y, Vector* to) {
            const Vector even = y[0] + times(0.5f, y[2]);
            to[0] = y[0];
            to[1] = even + times(kInner, y[1]);
            to[2] = even - times(kInner, y[1]);
            to[3] = times(0.5f, y[0]) + times(0.5f * kOuter, y[1]) + y[2];
            to[4] = y[2];
        }
    };
};

struct OfFour {
    static constexpr int64_t kForms[] = {0, 1, 2, 3, 4, 5};

    struct Maps : Line<6, 6> {
        static constexpr float kGrowth = 5.13f;

        static inline void apply(const Vector* d, Vector* to) {
            const Vector inner_even = times(2, d[2]) - d[4], inner_odd = times(2, d[1]) - d[3];
            const Vector outer_even = d[4] - times(0.5f, d[2]), outer_odd = d[3] - times(0.5f, d[1]);
            to[0] = d[0] + d[4] - times(2.5f, d[2]);
            to[1] = inner_even + times(kInner, inner_odd);
            to[2] = inner_even - times(kInner, inner_odd);
            to[3] = outer_even + times(kOuter, outer_odd);
            to[4] = outer_even - times(kOuter, outer_odd);
            to[5] = d[1] + d[5] - times(2.5f, d[3]);
        }
    };

    struct Products : Line<6, 4> {
        static inline void apply(const Vector* m, Vector* to) {
            const Vector inner_even = m[1] + m[2], inner_odd = times(kInner, m[1] - m[2]);
            const Vector outer_even = m[3] + m[4], outer_odd = times(kOuter, m[3] - m[4]);
            to[0] = m[0] + inner_even + times(0.5f, outer_even);
            to[1] = inner_odd + times(0.5f, outer_odd);
            to[2] = times(0.5f, inner_even) + outer_even;
            to[3] = times(0.5f, inner_odd) + outer_odd + m[5];
        }
    };

    struct Gradient : Line<4, 6> {
        static constexpr float kGrowth = 3.63f;

        static inline void apply(const Vector* y, Vector* to) {
            const Vector inner_even = y[0] + times(0.5f, y[2]), inner_odd = y[1] + times(0.5f, y[3]);
            const Vector outer_even = times(0.5f, y[0]) + y[2], outer_odd = times(0.5f, y[1]) + y[3];
            to[0] = y[0];
            to[1] = inner_even + times(kInner, inner_odd);
            to[2] = inner_even - times(kInner, inner_odd);
            to[3] = outer_even + times(kOuter, outer_odd);
            to[4] = outer_even - times(kOuter, outer_odd);
            to[5] = y[3];
        }
    };
};

}  // namespace
}  // namespace s3l
