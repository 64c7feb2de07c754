// The transforms of kernels into forms, and of the forms' gradients back.
#ifdef __AVX512BF16__
#include "s3l_winograd_lines.h"

namespace s3l {
namespace {

// Outputs of kernels whose weights are asked for before they are read.
constexpr int64_t kRowsAhead = 4;

// The kernel's three numbers in the forms that the pieces of an axis share, and the way back for gradients.
struct OfEven {
    struct Kernel : Line<3, kPairForms> {
        static inline void apply(const Vector* g, Vector* to) {
            const Vector half = _mm512_set1_ps(0.5f), outer = g[0] + g[2];
            to[0] = g[0];
            to[1] = half * (outer + g[1]);
            to[2] = half * (outer - g[1]);
            to[3] = g[2];
        }
    };

    struct Gradient : Line<kPairForms, 3> {
        static inline void apply(const Vector* m, Vector* to) {
            const Vector half = _mm512_set1_ps(0.5f), inner = half * (m[1] + m[2]);
            to[0] = m[0] + inner;
            to[1] = half * (m[1] - m[2]);
            to[2] = inner + m[3];
        }
    };
};

struct OfOdd {
    struct Kernel : Line<3, kLastForms> {
        static inline void apply(const Vector* g, Vector* to) {
            OfEven::Kernel::apply(g, to);
            to[4] = g[1];
        }
    };

    struct Gradient : Line<kLastForms, 3> {
        static inline void apply(const Vector* m, Vector* to) {
            OfEven::Gradient::apply(m, to);
            to[1] += m[4];
        }
    };
};

struct OfTwo {
    struct Kernel : Line<3, kBothForms> {
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

// Forms of one kernel at sixteen channels. Rows of its taps are too short for the processor to see where they go, so that what is read next is asked
// for here.
template <class Down, class Across>
inline void transform_kernel(const float* kernel, int64_t tap_stride, bool turned, const float* next, Vector (&to)[Down::kTo * Across::kTo]) {
    Vector from[kTaps];
#pragma GCC unroll 9
    for (int64_t tap = 0; tap < kTaps; ++tap) {
        from[turned ? kTaps - 1 - tap : tap] = _mm512_loadu_ps(kernel + tap * tap_stride);
        __builtin_prefetch(next + tap * tap_stride, 0, 2);
    }
    transform<Down, Across>(from, to);
}

template <class Down, class Across>
void pack(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels, bfloat* to, int64_t form_stride) {
    constexpr int64_t kForms = Down::kTo * Across::kTo;
    alignas(64) bfloat turning[kForms][kLanes][2 * kLanes];
    for (int64_t i = 0; i < channels; i += 2 * kLanes) {
        const bool whole = i + 2 * kLanes <= channels;
        for (int64_t output = 0; output < outputs; output += kLanes) {
            for (int64_t row = 0; row < kLanes; ++row) {
                const float *kernel = kernels + (output + row) * row_stride + i, *next = kernel + 2 * kLanes;
                Vector low[kForms], high[kForms] = {};
                transform_kernel<Down, Across>(kernel, tap_stride, false, next, low);
                if (whole) transform_kernel<Down, Across>(kernel + kLanes, tap_stride, false, next + kLanes, high);
                for (int64_t form = 0; form < kForms; ++form) _mm512_store_si512(turning[form][row], rounded(low[form], high[form]));
            }
            for (int64_t form = 0; form < kForms; ++form) {
                turn_pairs(turning[form][0], whole ? kLanes : kLanes / 2, to + form * form_stride + (i / 2 * outputs + output) * 2, 2 * outputs);
            }
        }
    }
}

template <class Down, class Across>
void pack_turned(const float* kernels, int64_t row_stride, int64_t tap_stride, int64_t outputs, int64_t channels, bfloat* to, int64_t form_stride) {
    constexpr int64_t kForms = Down::kTo * Across::kTo;
    for (int64_t output = 0; output < outputs; output += 2) {
        for (int64_t i = 0; i < channels; i += kLanes) {
            const float *upper = kernels + output * row_stride + i, *lower = upper + row_stride;
            Vector above[kForms], below[kForms];
            transform_kernel<Down, Across>(upper, tap_stride, true, upper + kRowsAhead * row_stride, above);
            transform_kernel<Down, Across>(lower, tap_stride, true, lower + kRowsAhead * row_stride, below);
            for (int64_t form = 0; form < kForms; ++form) {
                _mm512_storeu_si512(to + form * form_stride + output * channels + 2 * i, rounded_in_turn(above[form], below[form]));
            }
        }
    }
}

template <class Down, class Across>
void kernel_gradient(const float* sums, int64_t form_stride, int64_t parts, int64_t part_stride, int64_t channels, float* to, int64_t tap_stride) {
    constexpr int64_t kForms = Down::kFrom * Across::kFrom;
    for (int64_t i = 0; i < channels; i += kLanes) {
        Vector from[kForms], result[kTaps];
        for (int64_t form = 0; form < kForms; ++form) {
            from[form] = _mm512_loadu_ps(sums + form * form_stride + i);
            for (int64_t part = 1; part < parts; ++part) {
                from[form] += _mm512_loadu_ps(sums + part * part_stride + form * form_stride + i);
            }
        }
        transform<Down, Across>(from, result);
        // Past the caches: by the time all gradients are there they hold others, and need not read what is written over.
        for (int64_t tap = 0; tap < kTaps; ++tap) _mm512_stream_ps(to + tap * tap_stride + i, result[tap]);
    }
    _mm_sfence();
}

template <class Down, class Across>
constexpr KernelTransforms kKernel = {
    pack<typename Down::Kernel, typename Across::Kernel>,
    pack_turned<typename Down::Kernel, typename Across::Kernel>,
    kernel_gradient<typename Down::Gradient, typename Across::Gradient>,
};

template <class Down>
const KernelTransforms& kernel(int64_t across) {
    return across == kBothForms ? kKernel<Down, OfTwo> : across == kPairForms ? kKernel<Down, OfEven> : kKernel<Down, OfOdd>;
}

}  // namespace

const KernelTransforms& kernel_transforms_of(int64_t forms_down, int64_t forms_across) {
    return forms_down == kBothForms   ? kernel<OfTwo>(forms_across)
           : forms_down == kPairForms ? kernel<OfEven>(forms_across)
                                      : kernel<OfOdd>(forms_across);
}

}  // namespace s3l
#endif
